import type { StepDraft } from '../domain/trajectory.ts'

/** Rules of the stuck detector; docs/stuck.md says what each counts. */
export const STUCK_RULES = ['action-observation', 'action-error', 'malformed', 'message', 'cycle', 'chanting'] as const
export type StuckRule = (typeof STUCK_RULES)[number]

/** A loop that was found: Steps `from` … `to` (both included) are `repeats` rounds of `period` Steps. */
export interface StuckDetection {
  readonly rule: StuckRule
  readonly from: number
  readonly to: number
  readonly period: number
  readonly repeats: number
  /** One phrase for people: `execute_bash ×4, same output`. */
  readonly says: string
}

/**
 * Whose rules find loops. `sealign`: our own, which nudge before they stop · `openhands-v0`: those of OpenHands V0
 * (`controller/stuck.py`, November 2025), which stop at once · `off`: none.
 */
export const STUCK_POLICIES = ['sealign', 'openhands-v0', 'off'] as const
export type StuckPolicy = (typeof STUCK_POLICIES)[number]

/**
 * Rules switched (`true`, `false`) or given another threshold in rounds: a whole number from 2 to 1000 (`chanting`: from 1).
 * The thresholds of `openhands-v0` are its own: a number there is refused.
 */
export type StuckRules = Readonly<Partial<Record<StuckRule, boolean | number>>>

export interface StuckOptions {
  readonly rules?: StuckRules
  /** Rounds beyond a rule's threshold at which the rollout is stopped. Default: as many as the threshold again. */
  readonly again?: number
  /** Nudges in one rollout at most; a further loop is stopped at its threshold. Default 3. */
  readonly nudges?: number
  /** The hardest effect wanted: `flag` only shows, `nudge` never stops. Default `stop`. */
  readonly upTo?: 'flag' | 'nudge' | 'stop'
  /** Rounds that a loop of waiting (empty command, `sleep`) needs. Default 10. */
  readonly waitRounds?: number
}

/** What the caller knows of a Step better than its texts tell. */
export interface StepFacts {
  /** The tool refused or failed. */
  readonly failed?: boolean
  /** The machinery failed, not the Policy: the Step ends every run and belongs to none. */
  readonly infrastructure?: boolean
}

/**
 * What a loop leads to. `nudged`: `nudge` is to be sent to the Policy, once per loop · `flagged`: the loop goes on and is
 * shown with its new length · `stopped`: the rollout should end as `stuck`.
 */
export interface StuckReport {
  readonly detection: StuckDetection
  readonly effect: 'flagged' | 'nudged' | 'stopped'
  readonly nudge?: string
}

/** Watches one rollout; the work per Step does not depend on how many came before. */
export interface StuckWatch {
  /** @param t - index of the Step, ≥ 1, one more each time. */
  push(step: StepDraft, t: number, facts?: StepFacts): StuckReport | undefined
  /** Forgets all Steps so far, as after a message of a person; nudges given still count. */
  reset(): void
}
