import type { StepDraft } from '../domain/trajectory.ts'
import type { StepFacts, StuckDetection, StuckRule } from './stuck.ts'

/** A loop that has reached its rule's threshold, as it stands after the newest Step. */
export interface StuckFinding {
  readonly detection: StuckDetection
  /** Rounds at which the rule fires. */
  readonly threshold: number
  /** What repeats, for the sentence to the Policy: the label of the newest Action. */
  readonly label: string
}

/** Finds loops and leaves to others what follows from them. */
export interface StuckFinder {
  /** The rules that are on, in the order of `STUCK_RULES`. */
  readonly rules: readonly StuckRule[]
  /** Every rule whose loop the newest Step is part of, in the order of `STUCK_RULES`; each rule at most once. */
  push(step: StepDraft, t: number, facts?: StepFacts): readonly StuckFinding[]
  reset(): void
}

export const NO_FINDINGS: readonly StuckFinding[] = []
