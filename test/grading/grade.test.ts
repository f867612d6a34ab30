import { createHash } from 'node:crypto'
import { afterAll, describe, expect, test } from 'vitest'
import { gradePatch } from '../../src/grading/grade.ts'
import { runGrading } from '../../src/grading/grade-run.ts'
import type { Verdict, VerdictCache } from '../../src/grading/verdict.ts'
import { createLocalProvider } from '../../src/sandbox/local.ts'
import type { SandboxProvider } from '../../src/sandbox/sandbox.ts'
import { SandboxError } from '../../src/sandbox/sandbox-error.ts'
import { counting } from './counting.ts'
import { adding, fixing, GIT_START, labels, REFERENCE, shopTask, TEST_PATCH, WRONG } from './shop.ts'
import { needs } from '../needs.ts'

needs('bubblewrap', 'git')

const provider = createLocalProvider()
afterAll(() => provider.close())

/** Name git gives a file of this text. */
function blobId(text: string): string {
  return createHash('sha1')
    .update(`blob ${Buffer.byteLength(text)}\0${text}`)
    .digest('hex')
}

function cache(): VerdictCache & { readonly kept: Map<string, Verdict> } {
  const kept = new Map<string, Verdict>()
  return { kept, get: (key) => kept.get(key), put: (key, verdict) => void kept.set(key, verdict) }
}

const grade = (
  patch: string,
  task = shopTask(),
  rest: Partial<Parameters<typeof gradePatch>[0]> = {},
): Promise<Verdict> => gradePatch({ task, patch, provider, labels: labels(), trusted: true, ...rest })

describe('a Task with a test patch', () => {
  test('the reference patch resolves it; log, lists and seconds are told', async () => {
    const verdict = await grade(REFERENCE)
    expect(verdict).toMatchObject({
      outcome: 'resolved',
      reason: 'tests',
      says: 'Every listed test succeeded (3).',
      partial: false,
      failToPass: { total: 1, passed: 1, failed: [] },
      passToPass: { total: 2, passed: 2, failed: [] },
    })
    expect(verdict.log).toContain('Applied patch shop/cart.py cleanly.')
    expect(verdict.log).toContain('Ran 3 tests')
    expect(verdict.seconds.test).toBeGreaterThan(0)
    expect(verdict.seconds.total).toBeGreaterThanOrEqual(verdict.seconds.apply + verdict.seconds.test)
  })

  test('a wrong patch does not', async () => {
    expect(await grade(WRONG)).toMatchObject({
      outcome: 'unresolved',
      reason: 'tests',
      says: '1 of 1 tests that must begin to pass fails.',
      failToPass: { failed: ['test_total (tests.test_total.TotalTests.test_total)'] },
    })
  })

  test('an empty patch is unresolved without a Sandbox', async () => {
    const counted = counting(provider)
    for (const patch of ['', ' \n', 'diff --git a/i b/i\nBinary files a/i and b/i differ\n'])
      expect(await grade(patch, shopTask(), { provider: counted })).toMatchObject({
        outcome: 'unresolved',
        reason: 'empty-patch',
      })
    expect(counted.made).toBe(0)
  })

  test('without a patch the tests run on the repository as it is', async () => {
    const { verdict, statuses } = await runGrading({
      task: shopTask(),
      patch: undefined,
      provider,
      labels: labels(),
      trusted: true,
    })
    expect(verdict).toMatchObject({ outcome: 'unresolved', reason: 'tests', passToPass: { passed: 2 } })
    expect(Object.fromEntries(statuses)).toMatchObject({
      'test_total (tests.test_total.TotalTests.test_total)': 'FAILED',
    })
  })

  test('tests that the patch brings or edits are replaced by the hidden ones', async () => {
    const always = 'import unittest\n\nclass TotalTests(unittest.TestCase):\n    def test_total(self):\n        pass'
    const forged = adding('tests/test_total.py', always)
    expect(await grade(forged)).toMatchObject({ outcome: 'unresolved', reason: 'tests' })
    expect(await grade(REFERENCE + forged)).toMatchObject({ outcome: 'resolved' })
    const linked = `${REFERENCE}diff --git a/tests/test_total.py b/tests/test_total.py
new file mode 120000
--- /dev/null
+++ b/tests/test_total.py
@@ -0,0 +1 @@
+../shop/cart.py
\\ No newline at end of file
`
    expect(await grade(linked)).toMatchObject({ outcome: 'resolved' })
  })

  test('installing, which runs code of the patch, finds no hidden test', async () => {
    const task = shopTask({
      install: ['test ! -e tests/test_total.py || touch seen', 'false'],
      commands: ['test ! -e seen && python3 -m unittest -v tests.test_count tests.test_total'],
    })
    const verdict = await grade(REFERENCE, task)
    expect(verdict).toMatchObject({ outcome: 'resolved' })
    expect(verdict.log.indexOf('# install')).toBeLessThan(verdict.log.indexOf('# hidden tests'))
  })

  test('a patch that does not apply is told apart, and leaves nothing half applied', async () => {
    const broken = REFERENCE.replace('-        result = price', '-        result = prices')
    expect(await grade(broken)).toMatchObject({ outcome: 'unresolved', reason: 'patch-failed' })
    expect(await grade('no patch at all')).toMatchObject({ outcome: 'unresolved', reason: 'patch-failed' })
    expect(await grade(adding('../escape.py', 'x = 1'))).toMatchObject({ reason: 'patch-failed' })
    expect(await grade(adding('.git/hooks/pre-commit', 'touch /tmp/x'))).toMatchObject({ reason: 'patch-failed' })
  })

  test('a patch whose context is a little off is applied by `patch`, one already there counts as applied', async () => {
    const fuzzy = REFERENCE.replace('     result = 0\n', '     result = 0.0\n').replace('@@ -4,7', '@@ -9,7')
    const verdict = await grade(fuzzy)
    expect(verdict).toMatchObject({ outcome: 'resolved' })
    expect(verdict.log).toContain('+ patch --batch')
    const task = shopTask()
    const environment = {
      ...task.environment,
      setup: [GIT_START, "sed -i 's/result = price/result += price/' shop/cart.py"],
    }
    expect(await grade(REFERENCE, { ...task, environment })).toMatchObject({ outcome: 'resolved' })
  })

  test('a patch against another version of a file is merged where git knows that version', async () => {
    const task = shopTask()
    const change = "sed -i 's/Carts\\./Carts of a shop./; s/    result = 0/    result = 0  # cents/' shop/cart.py"
    const environment = {
      ...task.environment,
      setup: [GIT_START, change, 'git -c user.name=t -c user.email=t@t commit -qam later'],
    }
    const known = REFERENCE.replace(
      '--- a/',
      `index ${blobId(task.environment.files['shop/cart.py'] ?? '')}..${'1'.repeat(40)} 100644\n--- a/`,
    )
    const verdict = await grade(known, { ...task, environment })
    expect(verdict.log).toContain('+ git apply --3way')
    expect(verdict.log).not.toContain('+ patch')
    expect(verdict).toMatchObject({ outcome: 'resolved' })
  })
})

describe('time, accidents and limits', () => {
  test('tests that do not end are stopped: unresolved, reason timeout', async () => {
    const patch = fixing('import time; time.sleep(60)')
    const verdict = await grade(patch, shopTask({ timeoutMs: 1500 }))
    expect(verdict).toMatchObject({
      outcome: 'unresolved',
      reason: 'timeout',
      says: 'The tests were still running after 1.5 s.',
    })
    expect(verdict.log).toContain('test_count')
  })

  test("a setup command that fails is ours, not the patch's", async () => {
    const task = shopTask()
    const verdict = await grade(REFERENCE, {
      ...task,
      environment: { ...task.environment, setup: ['echo no repository; false'] },
    })
    expect(verdict).toMatchObject({ outcome: 'unknown', reason: 'infrastructure' })
    expect(verdict.log).toContain('no repository')
  })

  test('a test patch that does not fit its own repository is ours too', async () => {
    const testPatch = TEST_PATCH.replace('new file mode 100644\n--- /dev/null', '--- a/tests/test_total.py').replace(
      '@@ -0,0 +1,11 @@',
      '@@ -1,1 +1,12 @@\n gone',
    )
    expect(await grade(REFERENCE, shopTask({ testPatch }))).toMatchObject({
      outcome: 'unknown',
      reason: 'infrastructure',
    })
  })

  test('a Sandbox that cannot be made or dies is ours', async () => {
    const dead: SandboxProvider = {
      ...counting(provider),
      create: () =>
        Promise.reject(new SandboxError('engine', 'No container engine answers.', { hint: 'Start dockerd.' })),
    }
    expect(await grade(REFERENCE, shopTask(), { provider: dead })).toMatchObject({
      outcome: 'unknown',
      reason: 'infrastructure',
      says: 'No container engine answers. Start dockerd.',
    })
  })

  test('an aborted grading throws the reason, and its Sandbox is closed', async () => {
    const counted = counting(provider)
    const abort = new AbortController()
    const patch = fixing('import time; time.sleep(60)')
    const onLog = (chunk: Buffer): void =>
      void (chunk.includes('# tests') && setTimeout(() => abort.abort(new Error('cancelled')), 100))
    await expect(grade(patch, shopTask(), { provider: counted, signal: abort.signal, onLog })).rejects.toThrow(
      'cancelled',
    )
    expect([counted.made, counted.open]).toEqual([1, 0])
  })
})

describe('without isolation', () => {
  const plain = createLocalProvider({ bubblewrap: false })
  afterAll(() => plain.close())

  test('a trusted patch is graded in a folder', async () => {
    expect(await grade(REFERENCE, shopTask(), { provider: plain })).toMatchObject({ outcome: 'resolved' })
    expect(await grade(WRONG, shopTask(), { provider: plain })).toMatchObject({ outcome: 'unresolved' })
  })

  test("a model's patch is not run", async () => {
    const verdict = await grade(REFERENCE, shopTask(), { provider: plain, trusted: false })
    expect(verdict).toMatchObject({ outcome: 'unknown', reason: 'infrastructure' })
  })
})

describe('verdicts already reached', () => {
  test('answer an equal patch without a Sandbox', async () => {
    const counted = counting(provider)
    const verdicts = cache()
    const first = await grade(REFERENCE, shopTask(), { provider: counted, cache: verdicts })
    const again = await grade(REFERENCE.replace('--- a/shop', 'index 12..34 100644\n--- a/shop'), shopTask(), {
      provider: counted,
      cache: verdicts,
    })
    expect(again).toEqual(first)
    expect(counted.made).toBe(1)
    expect([...verdicts.kept.values()]).toEqual([first])
  })

  test('infrastructure failures and empty patches are not kept', async () => {
    const verdicts = cache()
    const task = shopTask()
    await grade(REFERENCE, { ...task, environment: { ...task.environment, setup: ['false'] } }, { cache: verdicts })
    await grade('', task, { cache: verdicts })
    expect(verdicts.kept.size).toBe(0)
  })
})

test('hidden files replace links and files that stand in their way', async () => {
  const task = shopTask({
    files: { 'hidden/deep/check.py': 'from shop.cart import total\nassert total([1, 2]) == 3\n' },
    commands: ['python3 -c "import runpy; runpy.run_path(\'hidden/deep/check.py\')"'],
    rules: 'exit-code',
    parser: 'exit-code',
    failToPass: [],
    passToPass: [],
  })
  expect(await grade(REFERENCE + adding('hidden', 'in the way'), task)).toMatchObject({ outcome: 'resolved' })
  expect(await grade(adding('hidden/deep', 'in the way'), task)).toMatchObject({
    outcome: 'unresolved',
    says: 'The tests ended with exit code 1.',
  })
})
