import type { Outcome } from '../domain/trajectory.ts'

/** How one test ended. */
export type TestStatus = 'PASSED' | 'FAILED' | 'ERROR' | 'SKIPPED' | 'XFAIL' | 'XPASS'

/** Tests of one list: how many passed, and the names of those that did not. */
export interface ListResult {
  readonly total: number
  readonly passed: number
  readonly failed: readonly string[]
}

/**
 * What decided.
 * `tests`: they ran · `empty-patch`: nothing to judge · `patch-failed`: it does not apply · `invalid-patch`: incomplete or empty
 * code (paper §5.2) · `timeout`: the tests took too long · `infrastructure`: our machinery failed, nothing is known.
 */
export type VerdictReason = 'tests' | 'empty-patch' | 'patch-failed' | 'invalid-patch' | 'timeout' | 'infrastructure'

/** Judgement of one patch for one Task. */
export interface Verdict {
  /** `unknown` only with reason `infrastructure`. */
  readonly outcome: Outcome
  readonly reason: VerdictReason
  /** One sentence for people. */
  readonly says: string
  /** The staged run stopped at the first list: `unresolved` is certain, the rest was not run. */
  readonly partial: boolean
  readonly failToPass: ListResult
  readonly passToPass: ListResult
  /** What applying and testing printed, at most `LOG_BYTES`, head and tail. */
  readonly log: string
  /** Seconds of each part. */
  readonly seconds: { readonly start: number; readonly apply: number; readonly test: number; readonly total: number }
}

/** Verdicts already reached: key = `verdictKey(task, patch)`. Infrastructure failures are never kept. */
export interface VerdictCache {
  get(key: string): Verdict | undefined
  put(key: string, verdict: Verdict): void
}
