import type { RunStage } from '../src/domain/run.ts'
import type { WrongPair } from '../sessions/pair-margins.ts'
import type { GpuReadings, RunSpeed } from '../sessions/run-progress.ts'

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
