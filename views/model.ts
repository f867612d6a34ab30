import type { Guide } from './guide.ts'
import type { Message } from '../src/domain/message.ts'
import type { MergeMode } from '../src/domain/merge-mode.ts'
import type { Pair, PairFlag, PairStatus } from '../src/domain/pair.ts'
import type { Outcome, StepDraft } from '../src/domain/trajectory.ts'
import type { EvaluationReport } from '../src/evaluation/report.ts'
import type { RunStage } from '../src/domain/run.ts'
import type { WrongPair } from '../sessions/pair-margins.ts'
import type { GpuReadings, RunSpeed } from '../sessions/run-progress.ts'
import type { Tree } from '../src/tree/tree.ts'

/** A value that may still be on its way; panes draw all three. */
export type Loadable<T> =
  | { readonly state: 'loading'; readonly note?: string }
  | { readonly state: 'error'; readonly message: string; readonly hint?: string }
  | { readonly state: 'ready'; readonly value: T }

/** One Task with the figures of its Tree under the current settings. */
export interface TaskSummary {
  readonly task: string
  /** Trajectories left after filtering, and those of them resolved. */
  readonly trajectories: number
  readonly resolved: number
  /** Those with an unknown Outcome: counted in `trajectories`, never in a rate. Absent = none. */
  readonly unknown?: number
  readonly nodes: number
  readonly branching: number
  readonly critical: number
  readonly pairs: number
}

/** What a person must know of one Trajectory to tell it from its neighbours. */
export interface TrajectoryInfo {
  /** Id in the Session. */
  readonly id: number
  readonly outcome: Outcome
  readonly steps: number
  readonly run?: string
  readonly model?: string
  /** The source's own word for how it ended. */
  readonly end?: string
  readonly source?: string
}

/** Why a Node is critical: its widest Pair. */
export interface CriticalInfo {
  /** Largest difference of two children's rates, a fraction in (0, 1]. */
  readonly delta: number
  /** Largest probability that a difference exceeds the threshold, in [0, 1]. */
  readonly confidence: number
  readonly pairs: number
  /** The two children of the widest Pair. */
  readonly chosen: number
  readonly rejected: number
}

/** One Task's Tree and what its Nodes mean. */
export interface TreeView {
  readonly task: string
  readonly tree: Tree
  /** One-line summary of a Node's Action (or Observation branch); raw, not yet safe. */
  label(node: number): string
  /** The Trajectory at a position of `tree.trajectories`. */
  trajectory(position: number): TrajectoryInfo
  /** Positions of the Trajectories through a Node, in order of the Tree. */
  members(node: number): readonly number[]
  /** Critical Nodes in ascending order. */
  readonly criticalNodes: readonly number[] | Int32Array
  critical(node: number): CriticalInfo | undefined
}

/** How Trees and Pairs are derived; changing one recomputes them. */
export interface Settings {
  readonly mode: MergeMode
  /** θ: two rates must differ by more than this, a fraction in [0, 1]. */
  readonly threshold: number
  /** Whether a difference of exactly θ counts. */
  readonly inclusive: boolean
  readonly noFilter: boolean
}

/** Pairs of the whole Session under the current settings. */
export interface PairCounts {
  readonly criticalNodes: number
  readonly pairs: number
  /** Tasks with at least one Pair. */
  readonly tasks: number
  readonly pending: number
  readonly accepted: number
  readonly rejected: number
  readonly skipped: number
}

/** Where a Pair stands; same shape as the fold of its Reviews. */
export interface PairReview {
  readonly status: PairStatus
  readonly swapped: boolean
  readonly flagged: boolean
  readonly note?: string
  readonly reviewer?: string
  /** When, milliseconds since the epoch. */
  readonly at?: number
}

/** A Pair as it stands in the review queue. */
export interface PairView {
  readonly pair: Pair
  readonly flags: readonly PairFlag[]
  readonly review: PairReview
}

/** Where a rollout is in its life; `done` = ended and judged, `lost` = its job died with it. */
export type RolloutState = 'queued' | 'starting' | 'running' | 'paused' | 'grading' | 'done' | 'cancelled' | 'lost'

/** A loop the stuck detector found: Steps `from` … `to` (both included) are `repeats` rounds of `period` Steps. */
export interface StuckInfo {
  readonly rule: string
  readonly from: number
  readonly to: number
  readonly period: number
  readonly repeats: number
  /** One phrase: `execute_bash ×4, same output`. */
  readonly says: string
  /** What was done about it. */
  readonly effect: 'flagged' | 'nudged' | 'stopped'
}

/** One rollout as the live table shows it. All texts are raw. */
export interface RolloutRow {
  readonly id: number
  readonly job: string
  readonly task: string
  readonly run: string
  readonly state: RolloutState
  /** Why it ended: `finished`, `turn-limit`, `stuck`, … */
  readonly end?: string
  /** One sentence when our machinery failed. */
  readonly infrastructure?: string
  readonly outcome: Outcome
  /** Steps taken, and how many it may take. */
  readonly step: number
  readonly turns: number
  /** Tokens over all requests. */
  readonly promptTokens: number
  readonly completionTokens: number
  /** How full the context is, and how much it holds, tokens; a limit of 0 = unknown. */
  readonly contextTokens: number
  readonly contextLimit: number
  readonly costUsd: number
  /** Label of the newest Action; `''`: none yet. */
  readonly action: string
  /** What it does right now (`query`, `execute`, `retry`, …), and a note about that. */
  readonly phase?: string
  readonly phaseNote?: string
  /** Milliseconds since the epoch; `activeMs`: when anything last happened. */
  readonly startedMs?: number
  readonly endedMs?: number
  readonly activeMs?: number
  readonly stuck?: StuckInfo
  /** Id in the Session, once its first Step is stored. */
  readonly trajectory?: number
  readonly model?: string
  readonly sandbox?: string
}

/** How a patch was judged. */
export interface RolloutVerdict {
  readonly outcome: Outcome
  readonly reason: string
  /** One sentence. */
  readonly says: string
  readonly failToPass: { readonly total: number; readonly passed: number }
  readonly passToPass: { readonly total: number; readonly passed: number }
  /** Names of the tests that did not pass. */
  readonly failed: readonly string[]
  readonly log: string
  readonly seconds: number
}

/** What is known of one rollout beyond its row and its stored Steps. All texts are raw. */
export interface RolloutDetail {
  /** The end of the reply or output being received right now; `''`: nothing is. */
  readonly live: string
  readonly liveKind: 'reply' | 'reasoning' | 'call' | 'output' | ''
  /** Unified diff so far; `''`: nothing changed yet. */
  readonly patch?: string
  readonly verdict?: RolloutVerdict
  /** Program and arguments that open a shell in its sandbox, while there is one. */
  readonly attach?: readonly string[]
  /** Messages sent into the conversation after Step `t`: by a person, the stuck detector or the profile. */
  readonly nudges: readonly { readonly t: number; readonly text: string; readonly by: string }[]
}

/** One job and the process behind it. */
export interface JobRow {
  readonly id: string
  readonly state: 'running' | 'paused' | 'waiting' | 'done' | 'stopped' | 'failed' | 'lost'
  /** What it waits for, or why it stopped: `disk`. */
  readonly note?: string
  readonly policy: string
  readonly sandbox: string
  readonly done: number
  readonly total: number
  readonly running: number
  readonly grading: number
  /** When it last gave a sign of life, milliseconds since the epoch. */
  readonly heartbeatMs: number
  /** What the model server says of itself: requests, and use of its cache, a fraction in [0, 1]. */
  readonly server?: { readonly running?: number; readonly waiting?: number; readonly cacheUse?: number }
}

/** One Run as the run list shows it. All texts are raw. */
export interface RunRow {
  /** `r1`. */
  readonly id: string
  readonly name: string
  readonly trainer: string
  readonly state: 'running' | 'paused' | 'done' | 'stopped' | 'failed' | 'lost'
  /** Why it failed, or what it waits for. */
  readonly note?: string
  /** What it is at. */
  readonly stage?: RunStage
  readonly phase?: string
  /** How far the phase is, of how much. */
  readonly phaseDone?: number
  readonly phaseTotal?: number
  /** What to do about a failure. */
  readonly hint?: string
  /** Optimizer steps over all stages so far, and in all (0: not known yet). */
  readonly step: number
  readonly totalSteps: number
  readonly epoch?: number
  /** What it started from, and what computes. */
  readonly model: string
  readonly backend?: string
  readonly parameters?: number
  /** Parameters that are trained, where it is not all of them. */
  readonly trainable?: number
  readonly dtype?: string
  /** Processes that train together. */
  readonly world?: number
  /** A pass over the training examples in tokens (unpacked, packed, those that carry loss), and the bins they are packed in. */
  readonly tokens?: { readonly logical: number; readonly packed: number; readonly loss: number }
  readonly bins?: number
  /** Memory that was estimated beforehand, bytes a GPU. */
  readonly memoryEstimate?: number
  readonly speed?: RunSpeed
  /** The newest readings of its GPUs. */
  readonly gpu?: GpuReadings
  readonly trajectories: number
  readonly pairs: number
  /** `''`: an external trainer's own files. */
  readonly dataset: string
  /** Lowest held-out loss of each stage that was evaluated. */
  readonly best: readonly { readonly stage: RunStage; readonly step: number; readonly loss: number }[]
  readonly startedMs: number
  readonly endedMs?: number
  readonly etaSeconds?: number
}

/** What figures are drawn over: steps or passes over all stages, or seconds since the Run's first word. */
export type RunAxis = 'step' | 'epoch' | 'time'

/** One figure of a Run; `x` ascends along the axis it was asked for. `length` values of both arrays count. */
export interface MetricSeries {
  readonly name: string
  readonly x: Float64Array
  readonly y: Float64Array
  readonly length: number
}

/** One optimizer step or held-out evaluation, for the step table. */
export interface StepFigures {
  /** Over all stages, as `x` of the series. */
  readonly x: number
  readonly stage: RunStage
  readonly step: number
  readonly epoch?: number
  /** Where it is on the other axes. */
  readonly epochs?: number
  readonly seconds?: number
  readonly kind: 'step' | 'eval'
  readonly metrics: Readonly<Record<string, number>>
  /** Ids of the pairs (dpo) or Trajectories (sft) it learnt from. */
  readonly batch: readonly string[]
  /** Of an evaluation: whether it is the best so far, and held-out pairs by the number of actions before them. */
  readonly best?: boolean
  readonly byDepth?: readonly DepthFigures[]
}

/** Held-out pairs with `from` … `to` actions before them. */
export interface DepthFigures {
  readonly from: number
  readonly to: number
  readonly pairs: number
  readonly accuracy: number | null
  readonly margin: number | null
}

/** A step whose loss stands out of the steps before it. */
export interface LossSpike {
  readonly x: number
  readonly loss: number
  /** Of the losses before it. */
  readonly median: number
}

/** What a Run's trainer said so far; another object after it said more. */
export interface RunFigures {
  /** Metric names in the order they first appeared: `loss`, `rewards/margins`, `eval_loss`, … */
  readonly names: readonly string[]
  /** @param axis - absent: steps. */
  series(name: string, axis?: RunAxis): MetricSeries | undefined
  /** Figures of its GPUs over seconds since its first word: `gpu/0/utilization`, … */
  readonly gpuNames: readonly string[]
  gpuSeries(name: string): MetricSeries | undefined
  readonly steps: readonly StepFigures[]
  /** Where each stage begins: `from` is the x of its step 0. */
  readonly stages: readonly { readonly stage: RunStage; readonly from: number; readonly totalSteps: number }[]
  readonly warnings: readonly { readonly x: number; readonly text: string }[]
  /** Steps whose loss stands out, and those that had none that is finite, in order. */
  readonly spikes: readonly LossSpike[]
  readonly lossless: readonly number[]
  /** Pairs whose newest margins are all negative, worst first. */
  wrongPairs(): readonly WrongPair[]
  /** Settings of each stage as the trainer used them, raw. */
  readonly config: Readonly<Record<string, unknown>>
}

/** Lines of a log that are kept; `first` counts those before them that are not. */
export interface LogLines {
  readonly first: number
  readonly lines: readonly string[]
}

/**
 * What panes read: the Session behind the screen. Reads are synchronous and cheap; what takes longer answers `loading` and tells
 * `subscribe`d listeners when it is there.
 */
export interface WorkbenchModel {
  /** The Session's name. */
  readonly session: string
  tasks(): Loadable<readonly TaskSummary[]>
  tree(task: string): Loadable<TreeView>
  /** Step t ≥ 1 of a Trajectory; `undefined`: there is none. */
  step(trajectory: number, t: number): StepDraft | undefined
  stepCount(trajectory: number): number
  /** Messages before the first reply. */
  prompt(trajectory: number): readonly Message[]
  pairs(): Loadable<readonly PairView[]>
  /** Every rollout of the Session; a new array after every change, and unchanged rows are the same objects. */
  rollouts(): Loadable<readonly RolloutRow[]>
  /** Read for the one rollout that is looked at; empty when there is none of this id. */
  rollout(id: number): RolloutDetail
  /** Oldest first. */
  jobs(): readonly JobRow[]
  /** Newest first. */
  runs(): Loadable<readonly RunRow[]>
  /** Curves and steps of one Run; empty when there is none of this id. Cheap when nothing changed. */
  runFigures(id: string): RunFigures
  /** The Trajectory that the batch of a step names; absent or `undefined`: the Session holds it no longer. */
  learntTrajectory?(id: string): { readonly task: string; readonly info: TrajectoryInfo } | undefined
  /** The end of what the process of a Run wrote, in lines; absent: nothing keeps that. */
  runLog?(id: string): LogLines
  /** Every Evaluation of the Session, compared; recomputed only when one changed. */
  report(): Loadable<EvaluationReport>
  /** Where the demonstration stands that this Session belongs to; absent or `undefined`: to none. */
  guide?(): Guide | undefined
  /** The time now, milliseconds since the epoch: what elapsed and idle times are counted to. */
  now(): number
  counts(): PairCounts
  settings(): Settings
  set(change: Partial<Settings>): void
  /** Calls `listener` after anything above changed, whoever changed it; returns the way to stop that. */
  subscribe(listener: () => void): () => void
}
