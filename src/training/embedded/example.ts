import type { Situation } from '../../policy/embedded/decision.ts'

/** A Situation as training needs it; equal ones are one object. */
export type LearntSituation = Pick<Situation, 'features' | 'habits'>

/** One Action: the Proposal with this index was taken. */
export interface Choice {
  readonly situation: LearntSituation
  readonly proposal: number
}

/** What one term of a loss is made of. */
export interface Example {
  /** Examples are put in the order of their ids before anything is drawn. */
  readonly id: string
  readonly task: string
  /** Ids of the Pairs or Trajectories it comes from. */
  readonly sources: readonly string[]
  /** Of a critical Pair: Actions before it. */
  readonly depth?: number
  /** > 0. SFT: number of Trajectories that took the Action. */
  readonly weight: number
  /** SFT: one Action. DPO: one Action, or those of a whole Trajectory. */
  readonly chosen: readonly Choice[]
  /** Empty for SFT. */
  readonly rejected: readonly Choice[]
}
