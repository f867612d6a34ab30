import type { Guide } from './guide.ts'
import type { Message } from '../src/domain/message.ts'
import type { MergeMode } from '../src/domain/merge-mode.ts'
import type { Pair, PairFlag, PairStatus } from '../src/domain/pair.ts'
import type { Outcome, StepDraft } from '../src/domain/trajectory.ts'
import type { EvaluationReport } from '../src/evaluation/report.ts'
import type { Tree } from '../src/tree/tree.ts'
import type { LogLines, RunFigures, RunRow } from './run-model.ts'
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
