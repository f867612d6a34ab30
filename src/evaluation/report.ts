import type { RolloutFacts } from './rollout-facts.ts'

/** A share of rollouts with its 95 % interval, fractions in [0, 1]; `total` 0: nothing is known, the rate is 0 and the interval [0, 1]. */
export interface Rate {
  readonly count: number
  readonly total: number
  readonly rate: number
  readonly low: number
  readonly high: number
}

/** What went wrong in a rollout, after the paper's three kinds (§3.2, figure 1); `other`: none of them was seen. */
export const FAILURE_KINDS = ['instruction', 'tool', 'loop', 'other'] as const
export type FailureKind = (typeof FAILURE_KINDS)[number]

/** How the intervals of rates were made: `wilson` with one rollout per Task, `bootstrap` over Tasks where one has several. */
export type IntervalMethod = 'wilson' | 'bootstrap'

/** One Evaluation in numbers (paper §5.2). */
export interface EvaluationSummary {
  /** `e1`. */
  readonly id: string
  readonly name: string
  /** What was evaluated: a model of a server, `embedded base`, `embedded r1/dpo`, … */
  readonly model: string
  /** Job that rolls it out, `j4`. */
  readonly job: string
  readonly state: 'running' | 'done' | 'stopped'
  /** Rollouts asked for, ended, and spoilt by our machinery (left out of every rate). */
  readonly rollouts: number
  readonly ended: number
  readonly infrastructure: number
  readonly tasks: number
  readonly intervals: IntervalMethod
  readonly resolved: Rate
  /** No code of the repository changed. */
  readonly emptyPatch: Rate
  /** The exact same action in three consecutive rounds. */
  readonly stuck: Rate
  /** Rollouts with at least one call that the framework could not read or refused. */
  readonly invalidCall: Rate
  /** Means per rollout. */
  readonly turns: number
  readonly tokens: number
  /** Unresolved rollouts by what went wrong; one rollout may count in several kinds, `other` only alone. */
  readonly failures: Readonly<Record<FailureKind, number>>
  /** The ended rollouts that all this was counted from, infrastructure failures too, in order of their ids. */
  readonly facts: readonly RolloutFacts[]
}

/** Two Evaluations on the Tasks they share, paired by Task. */
export interface EvaluationComparison {
  /** Ids, `e1` and `e2`. */
  readonly before: string
  readonly after: string
  readonly tasks: number
  /** Tasks whose resolved rate rose, fell, or stayed. */
  readonly better: readonly string[]
  readonly worse: readonly string[]
  readonly same: number
  /** Two-sided exact sign test on the Tasks that moved (McNemar's exact test where each Task has one rollout); 1 when none did. */
  readonly p: number
  /** after − before, means over the shared Tasks, with a 95 % bootstrap interval over Tasks. */
  readonly resolved: { readonly delta: number; readonly low: number; readonly high: number }
}

/** One row of a table the paper prints (paper.md §7), percent. */
export interface PaperRow {
  readonly table: string
  readonly model: string
  readonly resolved: number
  readonly emptyPatch?: number
  readonly stuck?: number
  /** HumanEvalFix only: incomplete or empty patches with the agent, and pass@1 without it. */
  readonly invalidPatch?: number
  readonly withoutAgent?: number
}

/** Everything the report says. */
export interface EvaluationReport {
  readonly evaluations: readonly EvaluationSummary[]
  /**
   * Each later Evaluation against the first one it shares Tasks with, then, where that is another one, against the newest earlier
   * one it shares Tasks with.
   */
  readonly comparisons: readonly EvaluationComparison[]
  readonly paper: readonly PaperRow[]
}
