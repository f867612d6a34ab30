import type { Outcome, StepDraft } from '../domain/trajectory.ts'
import { changesNoCode } from './code-files.ts'
import { type FailureSign, failureSigns, invalidCall, type SeenLoop } from './failure-signs.ts'

/** One ended rollout of an Evaluation, measured (paper §5.2). */
export interface RolloutFacts {
  /** Id of the rollout. */
  readonly rollout: number
  /** Its Trajectory; absent: it ended before its first Step. */
  readonly trajectory?: number
  readonly task: string
  readonly run: string
  readonly outcome: Outcome
  /** Why it ended: `finished`, `turn-limit`, … */
  readonly end: string
  /** One sentence when our machinery failed: then it counts in no rate. */
  readonly infrastructure?: string
  readonly emptyPatch: boolean
  /** The exact same action in three consecutive rounds. */
  readonly stuck: boolean
  /** Steps with a call that the framework could not read or refused. */
  readonly invalidCalls: number
  readonly turns: number
  /** Read and written over all requests. */
  readonly tokens: number
  /** What went wrong, by Step; resolved rollouts may have signs too. */
  readonly signs: readonly FailureSign[]
}

/** What a rollout left, as it is stored. */
export interface RolloutEvidence
  extends Omit<RolloutFacts, 'emptyPatch' | 'stuck' | 'invalidCalls' | 'turns' | 'signs'> {
  readonly steps: readonly StepDraft[]
  /** Paths that its patch touches. */
  readonly changed: readonly string[]
  /** Whether it is stuck by the paper's measure. */
  readonly stuck: boolean
  /** Its first loop by the paper's measure, else by the stuck detector's rules. */
  readonly loop: SeenLoop | undefined
}

/** Measures one ended rollout. */
export function rolloutFacts({ steps, changed, loop, ...rest }: RolloutEvidence): RolloutFacts {
  return {
    ...rest,
    emptyPatch: changesNoCode(changed),
    invalidCalls: steps.filter((step) => invalidCall(step) !== undefined).length,
    turns: steps.length,
    signs: failureSigns(steps, loop),
  }
}
