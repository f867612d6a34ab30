import { afterAll, describe, expect, test } from 'vitest'
import type { TaskGrading } from '../../src/domain/task.ts'
import { gradePatch } from '../../src/grading/grade.ts'
import type { Verdict } from '../../src/grading/verdict.ts'
import { createLocalProvider } from '../../src/sandbox/local.ts'
import { adding, fixing, labels, REFERENCE, shopTask, TEST_PATCH, WRONG } from './shop.ts'
import { needs } from '../needs.ts'

needs('bubblewrap', 'git')

const provider = createLocalProvider()
afterAll(() => provider.close())

const grade = (
  patch: string,
  task = shopTask(),
  rest: Partial<Parameters<typeof gradePatch>[0]> = {},
): Promise<Verdict> => gradePatch({ task, patch, provider, labels: labels(), trusted: true, ...rest })

describe('what a patch prints', () => {
  const liar = (line: string): string => fixing('result = max(result, price)', line)

  test('results in the log do not resolve a Task whose test fails', async () => {
    const told = "print('test_total (tests.test_total.TotalTests.test_total) ... ok')"
    for (const rules of ['swe-bench-4', 'swe-bench-5', 'swe-smith'] as const)
      expect({ rules, ...(await grade(liar(told), shopTask({ rules }))) }).toMatchObject({
        rules,
        outcome: 'unresolved',
      })
  })

  test('a run that ends early with a failure is not believed', async () => {
    const lines = [
      "import os, sys; sys.stderr.write('\\ntest_total (tests.test_total.TotalTests.test_total) ... ok\\n'",
      "'test_nothing (tests.test_total.TotalTests.test_nothing) ... ok\\n')",
      'sys.stderr.flush(); os._exit(3)',
    ]
    const verdict = await grade(fixing(`${lines[0]} ${lines[1]}; ${lines[2]}`), shopTask())
    expect(verdict).toMatchObject({ outcome: 'unresolved', reason: 'tests' })
    expect(verdict.says).toContain('exit code 3')
  })

  test('a megabyte of it is stored as head and tail', async () => {
    const verdict = await grade(fixing('result += price', "print('\\n'.join(['x' * 99] * 10_000), flush=True)"))
    expect(verdict).toMatchObject({ outcome: 'resolved' })
    expect(Buffer.byteLength(verdict.log)).toBeLessThanOrEqual(256 * 1024)
    expect(verdict.log).toContain('bytes left out')
  })

  test('who watches hears the log as it comes', async () => {
    const heard: Buffer[] = []
    await grade(REFERENCE, shopTask(), { onLog: (chunk) => heard.push(chunk) })
    expect(Buffer.concat(heard).toString()).toContain('test_total (tests.test_total.TotalTests.test_total) ... ok')
  })
})

describe("a row's own script", () => {
  const script = (tests: string): string =>
    [
      '#!/bin/bash',
      'set -uxo pipefail',
      'cd /testbed',
      'git status',
      "git apply -v - <<'EOF'",
      `${TEST_PATCH}EOF`,
      ": '>>>>> Start Test Output'",
      tests,
      ": '>>>>> End Test Output'",
      'git checkout -q HEAD',
    ].join('\n')
  const tests = 'python3 -m unittest -v tests.test_count tests.test_total'

  test('is run whole; the exit code is that of its tests, not of its clean-up', async () => {
    const task = shopTask({ script: script(tests) })
    expect(await grade(REFERENCE, task)).toMatchObject({ outcome: 'resolved' })
    expect(await grade(WRONG, task)).toMatchObject({ outcome: 'unresolved', reason: 'tests' })
  })

  test('finds the files of its test patch as they were, whatever the patch made of them', async () => {
    const own = adding('tests/test_total.py', 'import unittest')
    expect(await grade(REFERENCE + own, shopTask({ script: script(tests) }))).toMatchObject({ outcome: 'resolved' })
  })

  test('markers printed by the tests are not its markers', async () => {
    const forged = [
      '>>>>> End Test Output',
      '>>>>> Start Test Output',
      'test_total (tests.test_total.TotalTests.test_total) ... ok',
      '>>>>> End Test Output',
    ]
    const patch = fixing(
      'result = max(result, price)',
      `print(${JSON.stringify(`\n${forged.join('\n')}`)}, flush=True)`,
    )
    const verdict = await grade(patch, shopTask({ script: script(tests), rules: 'swe-bench-4' }))
    expect(verdict).toMatchObject({ outcome: 'unresolved' })
  })
})

describe('a staged run', () => {
  const staged = (patch: string, rest: Partial<TaskGrading> = {}): Promise<Verdict> =>
    grade(
      patch,
      shopTask({
        // A pytest in a dozen lines: it runs the functions it is told, or all of the files it is told.
        files: { pytest: PYTEST },
        commands: ['python3 ./pytest tests/plain_count.py tests/plain_total.py'],
        testPatch: adding('tests/plain_total.py', PLAIN_TOTAL) + adding('tests/plain_count.py', PLAIN_COUNT),
        parser: 'pytest',
        failToPass: ['tests/plain_total.py::test_total'],
        passToPass: ['tests/plain_total.py::test_nothing', 'tests/plain_count.py::test_count'],
        ...rest,
      }),
      { staged: true },
    )

  test('stops at the first list when one of its tests fails, and says so', async () => {
    const verdict = await staged(WRONG)
    expect(verdict).toMatchObject({ outcome: 'unresolved', partial: true, passToPass: { total: 0 } })
    expect(verdict.log).not.toContain('test_count')
  })

  test('resolved comes from the full run only', async () => {
    const verdict = await staged(REFERENCE)
    expect(verdict).toMatchObject({ outcome: 'resolved', partial: false, passToPass: { passed: 2 } })
    expect(verdict.log.match(/# tests/g)).toHaveLength(2)
    const breaksOther = `${REFERENCE}${adding('shop/extra.py', 'x = 1')}`.replace('return len(prices)', 'return 0')
    expect(await staged(breaksOther)).toMatchObject({ partial: false })
  })

  test('names that cannot be given to a command line are not run apart', async () => {
    expect(await staged(WRONG, { failToPass: ['tests/plain_total.py::test_total[a'] })).toMatchObject({
      partial: false,
    })
  })
})

const PLAIN_TOTAL = `from shop.cart import total

def test_total():
    assert total([1, 2, 3]) == 6

def test_nothing():
    assert total([]) == 0`

const PLAIN_COUNT = `from shop.cart import count

def test_count():
    assert count([1, 2]) == 2`

const PYTEST = `import runpy, sys
sys.path.insert(0, '.')
failed = 0
for word in sys.argv[1:]:
    path, _, only = word.partition('::')
    for name, test in runpy.run_path(path).items():
        if name.startswith('test_') and only in ('', name):
            try:
                test()
                print('PASSED', path + '::' + name)
            except AssertionError:
                failed = 1
                print('FAILED', path + '::' + name)
sys.exit(failed)
`
