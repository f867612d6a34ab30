import { isStatus, linesOf, record, type Statuses, wordsOf } from './statuses.ts'

/**
 * Summary lines of `pytest -rA`: `PASSED tests/test_a.py::test_x`, `FAILED tests/test_a.py::test_y - AssertionError`.
 * The name is the second word, also where a parameter holds a space: the lists of SWE-bench rows were made that way
 * (SWE-bench `log_parsers/python.py`).
 */
export function parsePytest(log: string): Statuses {
  return parseSummary(log, (line) => line)
}

/** As `parsePytest`; a parameter that is an absolute path is cut to its last part, since checkouts lie in different places. */
export function parsePytestOptions(log: string): Statuses {
  const statuses: Statuses = new Map()
  for (const [test, status] of parsePytest(log)) record(statuses, shortenPath(test), status)
  return statuses
}

/** As `parsePytest`; matplotlib's parameters are numbers in the rows and enum names in some versions' logs. */
export function parseMatplotlib(log: string): Statuses {
  return parseSummary(log, (line) =>
    line.includes('MouseButton.')
      ? line.replaceAll('MouseButton.LEFT', '1').replaceAll('MouseButton.RIGHT', '3')
      : line,
  )
}

/** As `parsePytest`, without colours and control characters, and with the lines `tests/test_a.py::test_x PASSED [ 10%]` of `-v`. */
export function parsePytestV2(log: string): Statuses {
  return parseVerbose(log, plain)
}

/** As `parsePytestV2`; pydantic's logs have `FAILED [ 12%] tests/…`, whose percentage is dropped (SWE-Gym's fork of SWE-bench). */
export function parsePydantic(log: string): Statuses {
  return parseVerbose(log, (line) => {
    const text = plain(line)
    return text.includes('FAILED') ? text.replace(/FAILED {0,10}\[[^\]]{0,20}\]/g, 'FAILED') : text
  })
}

function parseSummary(log: string, prepare: (line: string) => string): Statuses {
  const statuses: Statuses = new Map()
  for (const raw of linesOf(log)) {
    if (!STATUS_FIRST.test(raw)) continue
    recordSummary(statuses, prepare(raw))
  }
  return statuses
}

const STATUS_FIRST = /^(?:PASSED|FAILED|ERROR|SKIPPED|XFAIL|XPASS)\s/
const STATUS_SOMEWHERE = /PASSED|FAILED|ERROR|SKIPPED|XFAIL|XPASS/

function recordSummary(statuses: Statuses, line: string): boolean {
  if (!STATUS_FIRST.test(line)) return false
  const [status, test] = wordsOf(line.startsWith('FAILED') ? line.replaceAll(' - ', ' ') : line)
  if (!isStatus(status) || test === undefined) return false
  // `SKIPPED [2] tests/test_a.py:7: reason` counts skips at a place and names no test.
  if (status === 'SKIPPED' && /^\[\d+\]$/.test(test)) return true
  record(statuses, test, status)
  return true
}

/** Workers of pytest-xdist begin their lines with `[gw3]` and, with `-v`, the share done: `[gw3] [ 12%] PASSED tests/…`. */
const WORKER = /^\[gw\d+\](?: \[ {0,2}\d+%\])? /

function parseVerbose(log: string, prepare: (line: string) => string): Statuses {
  const statuses: Statuses = new Map()
  for (const raw of linesOf(log)) {
    if (!STATUS_SOMEWHERE.test(raw)) continue
    const line = prepare(raw).replace(WORKER, '')
    if (recordSummary(statuses, line)) continue
    const [test, status] = wordsOf(line)
    // `_____ ERROR at setup of test_x _____` heads a traceback.
    if (test !== undefined && isStatus(status) && !test.startsWith('___')) record(statuses, test, status)
  }
  return statuses
}

/** Without colour codes (ESC and `[32m`, `[1;31m`; the ESC may be gone) and control characters. */
function plain(line: string): string {
  return line.replace(/\[\d{1,3}(?:;\d{1,3}){0,4}m/g, '').replace(/\p{Cc}/gu, '')
}

/** `test_x[/home/me/a/b.py]` → `test_x[/b.py]`. */
export function shortenPath(test: string): string {
  const open = test.indexOf('[')
  const close = test.lastIndexOf(']')
  if (open === -1 || close < open) return test
  const option = test.slice(open + 1, close)
  if (!option.startsWith('/') || option.startsWith('//') || option.includes('*')) return test
  return `${test.slice(0, open)}[/${option.slice(option.lastIndexOf('/') + 1)}]`
}
