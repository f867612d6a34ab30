import type { TestStatus } from '../verdict.ts'
import { linesOf, record, type Statuses, wordsOf } from './statuses.ts'

const ENDINGS: readonly (readonly [string, TestStatus])[] = [
  [' ... ok', 'PASSED'],
  [' ... OK', 'PASSED'],
  [' ...  OK', 'PASSED'],
  [' ... FAIL', 'FAILED'],
  [' ... ERROR', 'ERROR'],
]

/** What django-7188 prints before the name of the test, on its line. */
const GLUED = 'Applying sites.0002_alter_domain_unique...test_no_migrations'

/**
 * Lines of Django's `runtests.py --verbosity 2`, which are unittest's: `test_x (app.tests.CaseTests) ... ok`. A test with a
 * docstring prints its name on one line and the docstring with the status on the next: the rows name such a test by its docstring.
 * Where the program prints while a test runs, the `ok` stands alone on a later line and belongs to the test whose ` ... ` came
 * last (SWE-bench `log_parsers/python.py`).
 */
export function parseDjango(log: string): Statuses {
  const statuses: Statuses = new Map()
  let running: string | undefined
  for (const raw of linesOf(log)) {
    const line = raw.trim()
    if (line.includes('--version is equivalent to version'))
      record(statuses, '--version is equivalent to version', 'PASSED')
    const dots = line.indexOf(' ... ')
    if (dots !== -1) running = line.slice(0, dots)
    const ended = endOf(line)
    if (ended) {
      record(statuses, ended.test, ended.status)
      if (ended.status !== 'PASSED') running = undefined
    } else if (running !== undefined && (line === 'FAIL' || line === 'ERROR')) {
      record(statuses, running, line === 'FAIL' ? 'FAILED' : 'ERROR')
      running = undefined
    } else if (running !== undefined && line.startsWith('ok')) record(statuses, running, 'PASSED')
    else if (line.startsWith('FAIL:') || line.startsWith('ERROR:')) recordHeading(statuses, line)
  }
  return statuses
}

function endOf(line: string): { readonly test: string; readonly status: TestStatus } | undefined {
  const skipped = line.indexOf(' ... skipped')
  if (skipped !== -1) return { test: line.slice(0, skipped), status: 'SKIPPED' }
  for (const [ending, status] of ENDINGS) {
    if (!line.endsWith(ending)) continue
    const test = line.slice(0, -ending.length)
    return { test: test.startsWith(GLUED) ? test.slice(test.indexOf('...') + 3).trim() : test, status }
  }
  return undefined
}

/**
 * `FAIL: test_x (app.tests.CaseTests)` above a traceback. The SWE-bench harness keeps the first word as the name; the whole one is
 * kept too, for a test whose status line was torn apart by what it printed.
 */
function recordHeading(statuses: Statuses, line: string): void {
  const status: TestStatus = line.startsWith('FAIL:') ? 'FAILED' : 'ERROR'
  const rest = line.slice(line.indexOf(':') + 1).trim()
  const [name] = wordsOf(rest)
  if (name === undefined) return
  record(statuses, name, status)
  const whole = /^\S+ \([^()\s]+\)/.exec(rest)?.[0]
  if (whole !== undefined) record(statuses, whole, status)
}
