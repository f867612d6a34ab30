import type { TestStatus } from '../verdict.ts'

/** Statuses by test name, as one log tells them. */
export type Statuses = Map<string, TestStatus>

const STATUSES: ReadonlySet<string> = new Set<TestStatus>(['PASSED', 'FAILED', 'ERROR', 'SKIPPED', 'XFAIL', 'XPASS'])

export function isStatus(word: string | undefined): word is TestStatus {
  return word !== undefined && STATUSES.has(word)
}

/** Longest line that is looked at, characters: no runner prints a longer result, only a program that prints blobs. */
const MAX_LINE = 20_000

/** Lines of a log, without the ends of `\r\n`. */
export function* linesOf(log: string): Generator<string> {
  let from = 0
  while (from <= log.length) {
    let to = log.indexOf('\n', from)
    if (to === -1) to = log.length
    if (to - from <= MAX_LINE) yield log.slice(from, log[to - 1] === '\r' ? to - 1 : to)
    from = to + 1
  }
}

/** Words of a line, split at white space. */
export function wordsOf(line: string): string[] {
  return line.split(/\s+/).filter((word) => word !== '')
}

/**
 * Keeps what a test that failed once was called: the later line counts, as in the SWE-bench harness, except that `PASSED` never
 * takes back a `FAILED` of the same whole name. No runner prints both for one test; a program under test that prints
 * `PASSED tests/test_a.py::test_x` at its end does.
 */
export function record(statuses: Statuses, test: string, status: TestStatus): void {
  if (status === 'PASSED' && statuses.get(test) === 'FAILED' && isWholeName(test)) return
  statuses.set(test, status)
}

/** Names cut at a space stand for several tests at once (`test_x[a` for `test_x[a b]` and `test_x[a c]`); fragments for none. */
function isWholeName(test: string): boolean {
  return /::| \(|\.py:/.test(test) && !hasOpenBracket(test)
}

/** Whether a parameter list is cut off: a name pytest prints closes its brackets. */
export function hasOpenBracket(test: string): boolean {
  let depth = 0
  for (const character of test) {
    if (character === '[') depth++
    else if (character === ']') depth--
  }
  return depth > 0
}
