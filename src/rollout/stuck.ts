/** Rules of the stuck detector (facts §2.5). */
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
