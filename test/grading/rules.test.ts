import { describe, expect, test } from 'vitest'
import type { GradingRules, TaskGrading } from '../../src/domain/task.ts'
import { type Judgement, judge } from '../../src/grading/rules.ts'
import type { TestStatus } from '../../src/grading/verdict.ts'

interface Case {
  readonly rules: GradingRules
  readonly statuses: Readonly<Record<string, TestStatus>>
  readonly exitCode?: number
  readonly failToPass?: readonly string[]
  readonly passToPass?: readonly string[]
  readonly evaluation?: TaskGrading['evaluation']
  readonly log?: string
}

const F = 'tests/a.py::test_new'
const P = 'tests/a.py::test_old'

function judged({ statuses, exitCode = 0, log = '', ...lists }: Case): Judgement {
  const run = { statuses: new Map(Object.entries(statuses)), exitCode, log }
  return judge(run, { parser: 'pytest', evaluation: 'pass_and_fail', failToPass: [F], passToPass: [P], ...lists })
}

const ALL = ['swe-bench-4', 'swe-bench-5', 'swe-smith', 'swe-bench-live'] as const

test.each(ALL)('%s: everything passed or failed as expected: resolved; one failure: not', (rules) => {
  expect(judged({ rules, statuses: { [F]: 'PASSED', [P]: 'XFAIL' } }).resolved).toBe(true)
  for (const status of ['FAILED', 'ERROR'] as const) {
    expect(judged({ rules, statuses: { [F]: status, [P]: 'PASSED' }, exitCode: 1 })).toMatchObject({
      resolved: false,
      failToPass: { total: 1, passed: 0, failed: [F] },
    })
    expect(judged({ rules, statuses: { [F]: 'PASSED', [P]: status }, exitCode: 1 })).toMatchObject({
      resolved: false,
      passToPass: { total: 1, passed: 0, failed: [P] },
    })
  }
})

// Rows: status of the test; columns: rules; [resolved as fail-to-pass, resolved as pass-to-pass].
test.each([
  ['missing', 'swe-bench-4', false, false],
  ['missing', 'swe-bench-5', false, false],
  ['missing', 'swe-smith', true, true],
  ['missing', 'swe-bench-live', false, true],
  ['SKIPPED', 'swe-bench-4', true, true],
  ['SKIPPED', 'swe-bench-5', false, true],
  ['SKIPPED', 'swe-smith', true, true],
  ['SKIPPED', 'swe-bench-live', false, true],
  ['XPASS', 'swe-bench-4', false, false],
  ['XPASS', 'swe-bench-5', false, false],
] as const)('%s under %s: fail-to-pass %s, pass-to-pass %s', (status, rules, failToPass, passToPass) => {
  const other = (test: string): Record<string, TestStatus> => (status === 'missing' ? {} : { [test]: status })
  expect(judged({ rules, statuses: { ...other(F), [P]: 'PASSED' } }).resolved).toBe(failToPass)
  expect(judged({ rules, statuses: { [F]: 'PASSED', ...other(P) } }).resolved).toBe(passToPass)
})

describe('fail_only', () => {
  test('a test fails only where the log says so', () => {
    const evaluation = 'fail_only'
    for (const rules of ['swe-bench-4', 'swe-bench-5'] as const) {
      expect(judged({ rules, evaluation, statuses: { other: 'PASSED' } }).resolved).toBe(true)
      expect(judged({ rules, evaluation, statuses: { [P]: 'FAILED' }, exitCode: 1 }).resolved).toBe(false)
    }
  })

  test('silence is believed only with exit code 0 and a sign that something ran', () => {
    const quiet = { rules: 'swe-bench-5', evaluation: 'fail_only', statuses: {} } as const
    expect(judged({ ...quiet, log: '12 passing (3s)' }).resolved).toBe(true)
    expect(judged({ ...quiet, log: 'Error: Cannot find module' }).resolved).toBe(false)
    expect(judged({ ...quiet, log: '12 passing (3s)', exitCode: 1 }).resolved).toBe(false)
  })
})

describe('a log that is not believed', () => {
  const passed = { [F]: 'PASSED', [P]: 'PASSED' } as const

  test('names no failure although the tests ended with another exit code than 0', () => {
    expect(judged({ rules: 'swe-bench-4', statuses: passed, exitCode: 1 }).resolved).toBe(true)
    for (const rules of ['swe-bench-5', 'swe-smith'] as const) {
      const judgement = judged({ rules, statuses: passed, exitCode: 1 })
      expect(judgement.resolved).toBe(false)
      expect(judgement.rejected).toContain('exit code 1')
    }
  })

  test('is believed when the exit code comes from a test that is not listed', () => {
    expect(
      judged({ rules: 'swe-bench-5', statuses: { ...passed, known_to_fail: 'FAILED' }, exitCode: 1 }).resolved,
    ).toBe(true)
  })

  test('names nothing where missing tests count as passed', () => {
    expect(judged({ rules: 'swe-smith', statuses: {}, exitCode: 2 })).toMatchObject({
      resolved: false,
      rejected: 'the log names no test that ran',
    })
  })

  test('says passed of a test in a file that could not be collected', () => {
    const statuses = { [F]: 'PASSED', [P]: 'PASSED', 'tests/a.py': 'ERROR' } as const
    for (const rules of ALL) expect([rules, judged({ rules, statuses, exitCode: 2 }).resolved]).toEqual([rules, false])
  })
})

describe('names that are cut off inside their parameters', () => {
  const cut = 'tests/a.py::test_x[a'
  const with1 = (statuses: Readonly<Record<string, TestStatus>>, rules: GradingRules = 'swe-bench-5'): boolean =>
    judged({ rules, statuses, failToPass: [], passToPass: [cut] }).resolved

  test('stand for what they begin, when all of it grades alike', () => {
    expect(with1({ 'tests/a.py::test_x[a-b]': 'PASSED', 'tests/a.py::test_x[a-c]': 'XFAIL' })).toBe(true)
    expect(with1({ 'tests/a.py::test_x[a-b]': 'PASSED', 'tests/a.py::test_x[a-c]': 'FAILED' })).toBe(false)
    expect(with1({ 'tests/a.py::test_x[a-b]': 'SKIPPED', 'tests/a.py::test_x[a-c]': 'FAILED' })).toBe(false)
    expect(with1({ 'tests/a.py::test_x[b]': 'PASSED' })).toBe(false)
  })

  test('are taken as they are by SWE-bench 4', () => {
    expect(with1({ 'tests/a.py::test_x[a-b]': 'PASSED' }, 'swe-bench-4')).toBe(false)
    expect(with1({ [cut]: 'PASSED' }, 'swe-bench-4')).toBe(true)
  })

  test('lose the path of the machine a row was made on, for the parser that cuts paths', () => {
    const row = 'tests/a.py::test_x[/home/author/tmp/a.py]'
    const lists = { rules: 'swe-bench-5', evaluation: 'pass_and_fail', failToPass: [], passToPass: [row] } as const
    const run = { statuses: new Map([['tests/a.py::test_x[/a.py]', 'PASSED' as const]]), exitCode: 0, log: '' }
    expect(judge(run, { ...lists, parser: 'pytest-options' }).resolved).toBe(true)
    expect(judge(run, { ...lists, parser: 'pytest' }).resolved).toBe(false)
  })

  test('whole names match themselves only', () => {
    expect(
      judged({
        rules: 'swe-bench-5',
        statuses: { 'tests/a.py::test_x[a]': 'PASSED' },
        failToPass: [],
        passToPass: ['tests/a.py::test_x'],
      }).resolved,
    ).toBe(false)
  })
})

test('exit-code: the log is not read', () => {
  const statuses = { [F]: 'FAILED', [P]: 'FAILED' } as const
  expect(judged({ rules: 'exit-code', statuses })).toMatchObject({ resolved: true, failToPass: { passed: 1 } })
  expect(judged({ rules: 'exit-code', statuses: {}, exitCode: 1 })).toMatchObject({
    resolved: false,
    failToPass: { failed: [F] },
  })
})

test('a Task that lists no test is judged by its exit code, never resolved for want of tests', () => {
  const none = { rules: 'swe-bench-4', statuses: {}, failToPass: [], passToPass: [] } as const
  expect(judged({ ...none, exitCode: 1 }).resolved).toBe(false)
  expect(judged({ ...none, exitCode: 0 }).resolved).toBe(true)
})

test('two thousand cut-off names against ten thousand results are looked up quickly', () => {
  const statuses = Object.fromEntries(
    Array.from({ length: 10_000 }, (_, n) => [`t.py::x[${n} long]`, 'PASSED' as const]),
  )
  const passToPass = Array.from({ length: 2000 }, (_, n) => `t.py::x[${n + 5000}`)
  const begun = performance.now()
  expect(judged({ rules: 'swe-bench-5', statuses, failToPass: [], passToPass }).resolved).toBe(true)
  expect(performance.now() - begun).toBeLessThan(1000)
})
