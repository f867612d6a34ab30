import type { Judgement } from './rules.ts'
import type { ListResult } from './verdict.ts'

/** One sentence about tests that ran. */
export function sayTests(
  { resolved, failToPass, passToPass, rejected }: Judgement,
  exitCode: number | undefined,
): string {
  if (rejected !== undefined) return `The test run is not believed: ${rejected}.`
  const total = failToPass.total + passToPass.total
  if (total === 0)
    return resolved ? 'The tests ended with exit code 0.' : `The tests ended with exit code ${exitCode ?? 'unknown'}.`
  if (resolved) return `Every listed test succeeded (${total}).`
  const parts = [
    sayList(failToPass, 'that must begin to pass', 'fails', 'fail'),
    sayList(passToPass, 'that must go on passing', 'fails', 'fail'),
  ].filter((part) => part !== undefined)
  return `${parts.join(', and ')}.`
}

function sayList(list: ListResult, which: string, one: string, many: string): string | undefined {
  const failed = list.failed.length
  if (failed === 0) return undefined
  return `${failed} of ${list.total} tests ${which} ${failed === 1 ? one : many}`
}

/** Seconds as people say them: `0.4 s`, `30 s`. */
export function saySeconds(ms: number): string {
  return `${ms < 10_000 ? Math.round(ms / 100) / 10 : Math.round(ms / 1000)} s`
}
