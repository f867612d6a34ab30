import type { TaskGrading } from '../domain/task.ts'
import { shortenPath } from './log-parsers/pytest.ts'
import { hasOpenBracket, type Statuses } from './log-parsers/statuses.ts'
import type { ListResult, TestStatus } from './verdict.ts'

/** What a run of the tests printed and how it ended. */
export interface TestRun {
  readonly statuses: Statuses
  /** `undefined`: the script's end was never reached. */
  readonly exitCode: number | undefined
  /** The part of the log that the statuses were read from. */
  readonly log: string
}

/** How the tests of the two lists came out. */
export interface Judgement {
  readonly resolved: boolean
  readonly failToPass: ListResult
  readonly passToPass: ListResult
  /** Why the run is not believed although no listed test failed in it; one clause. */
  readonly rejected?: string
}

type Lists = Pick<TaskGrading, 'rules' | 'parser' | 'evaluation' | 'failToPass' | 'passToPass'>

/**
 * Turns statuses into an Outcome by the rules of the Task's set: resolved when every test of both lists succeeds.
 *
 * | case | `swe-bench-4` | `swe-bench-5` | `swe-smith` | `swe-bench-live` |
 * |---|---|---|---|---|
 * | PASSED, XFAIL | success | success | success | success |
 * | FAILED, ERROR | failure | failure | failure | failure |
 * | not in the log, XPASS | failure | failure | success | failure to pass: failure, pass to pass: success |
 * | SKIPPED | neither | failure to pass: failure, pass to pass: success | neither | as not in the log |
 *
 * `fail_only` (both versions of SWE-bench): a test fails only where the log says so. `exit-code`: exit code 0 alone decides.
 * SWE-bench 5 and SWE-smith reject a run that ended with another exit code although its log names no failure, and one whose log
 * names no test at all: the program under test can print `PASSED` lines, but not the exit code of the test command.
 * Sources: SWE-bench `harness/grading.py` and pull requests 598, 617, 620, 664; SWE-smith `harness/grading.py`; SWE-bench-Live
 * `evaluation/evaluation.py`. Where SWE-smith and SWE-bench-Live would call a run without any test resolved, we do not.
 */
export function judge(run: TestRun, lists: Lists): Judgement {
  const nothingListed = lists.failToPass.length === 0 && lists.passToPass.length === 0
  if (lists.rules === 'exit-code' || lists.parser === 'exit-code' || nothingListed) return byExitCode(run, lists)
  const find = finder(run.statuses, lists)
  const failToPass = resultOf(lists.failToPass, (test) => successOf(find(test), 'failToPass', lists))
  const passToPass = resultOf(lists.passToPass, (test) => successOf(find(test), 'passToPass', lists))
  const complete = failToPass.failed.length === 0 && passToPass.failed.length === 0
  const rejected = complete ? disbelief(run, lists) : undefined
  return { resolved: complete && rejected === undefined, failToPass, passToPass, ...(rejected ? { rejected } : {}) }
}

/** Statuses of the tests of both lists, for comparing two runs; tests the log does not name are left out. */
export function listedStatuses(run: TestRun, lists: Lists): Map<string, TestStatus> {
  const find = finder(run.statuses, lists)
  const listed = new Map<string, TestStatus>()
  for (const test of [...lists.failToPass, ...lists.passToPass]) {
    const status = find(test)
    if (status !== undefined) listed.set(test, status)
  }
  return listed
}

function byExitCode(run: TestRun, lists: Lists): Judgement {
  const resolved = run.exitCode === 0
  const all = (tests: readonly string[]): ListResult => resultOf(tests, () => (resolved ? 'success' : 'failure'))
  return { resolved, failToPass: all(lists.failToPass), passToPass: all(lists.passToPass) }
}

type Success = 'success' | 'failure' | 'neither'

function successOf(status: TestStatus | undefined, list: 'failToPass' | 'passToPass', lists: Lists): Success {
  if (status === 'PASSED' || status === 'XFAIL') return 'success'
  if (status === 'FAILED' || status === 'ERROR') return 'failure'
  const seen = status === 'SKIPPED' ? 'SKIPPED' : 'missing'
  switch (lists.rules) {
    case 'swe-smith':
      return seen === 'missing' ? 'success' : 'neither'
    case 'swe-bench-live':
      return list === 'passToPass' ? 'success' : 'failure'
    case 'swe-bench-4':
      if (lists.evaluation === 'fail_only') return 'success'
      return seen === 'missing' ? 'failure' : 'neither'
    default:
      if (lists.evaluation === 'fail_only') return 'success'
      return seen === 'SKIPPED' && list === 'passToPass' ? 'success' : 'failure'
  }
}

function resultOf(tests: readonly string[], success: (test: string) => Success): ListResult {
  const failed: string[] = []
  let passed = 0
  for (const test of tests) {
    const how = success(test)
    if (how === 'success') passed++
    else if (how === 'failure') failed.push(test)
  }
  return { total: tests.length, passed, failed }
}

/** Statuses that grade alike: a cut-off name may stand for several tests only when all of them do. */
const GRADES: Readonly<Record<TestStatus, string>> = {
  PASSED: 'pass',
  XFAIL: 'pass',
  FAILED: 'fail',
  ERROR: 'fail',
  SKIPPED: 'skip',
  XPASS: 'none',
}

/**
 * Looks a listed test up in a log: by its name; where the rules are not SWE-bench 4's, also by its beginning when the row's name
 * is cut off inside its parameters, and without the path of the machine the row was made on; and as an error where the file
 * that holds it could not be collected, since then no line of it can be true.
 */
function finder(statuses: Statuses, lists: Lists): (test: string) => TestStatus | undefined {
  const isTolerant = lists.rules !== 'swe-bench-4'
  let sorted: readonly string[] | undefined
  return (test) => {
    if (statuses.get(test.split('::', 1)[0] ?? '') === 'ERROR' && test.includes('::')) return 'ERROR'
    const status = statuses.get(test)
    if (status !== undefined || !isTolerant) return status
    if (!hasOpenBracket(test)) return lists.parser === 'pytest-options' ? statuses.get(shortenPath(test)) : undefined
    sorted ??= [...statuses.keys()].sort(byCodeUnit)
    return commonStatus(namesBeginningWith(sorted, test), statuses)
  }
}

function commonStatus(names: readonly string[], statuses: Statuses): TestStatus | undefined {
  const found = names.flatMap((name) => statuses.get(name) ?? [])
  const grades = new Set(found.map((status) => GRADES[status]))
  return grades.size === 1 ? found[0] : undefined
}

function namesBeginningWith(sorted: readonly string[], prefix: string): readonly string[] {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (byCodeUnit(sorted[middle] ?? '', prefix) < 0) low = middle + 1
    else high = middle
  }
  let end = low
  while (sorted[end]?.startsWith(prefix)) end++
  return sorted.slice(low, end)
}

function byCodeUnit(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0
}

/** What a run prints that has run tests, whether or not it names them. */
const SIGN_OF_A_RUN = /\b\d+ (?:passed|passing|tests?|examples?|specs?|assertions?)\b|\bRan \d+ tests?\b/i

function disbelief(run: TestRun, lists: Lists): string | undefined {
  if (lists.rules === 'swe-bench-4') return undefined
  if (run.statuses.size === 0) {
    if (lists.rules === 'swe-bench-5' && run.exitCode === 0 && SIGN_OF_A_RUN.test(run.log)) return undefined
    return 'the log names no test that ran'
  }
  if (lists.rules === 'swe-bench-live' || run.exitCode === 0) return undefined
  for (const status of run.statuses.values()) if (status === 'FAILED' || status === 'ERROR') return undefined
  return `the tests ended with exit code ${run.exitCode ?? 'unknown'} although the log names no failure`
}
