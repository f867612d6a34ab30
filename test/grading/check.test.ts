import { afterAll, describe, expect, test } from 'vitest'
import type { TaskDefinition } from '../../src/domain/task.ts'
import { checkTask, type CheckStep, type TaskCheck } from '../../src/grading/check.ts'
import { skipsInstall } from '../../src/grading/install-rule.ts'
import { reversePatch } from '../../src/grading/reverse-patch.ts'
import { createLocalProvider } from '../../src/sandbox/local.ts'
import { adding, fixing, REFERENCE, shopTask, WRONG } from './shop.ts'
import { needs } from '../needs.ts'

needs('bubblewrap', 'git')

const provider = createLocalProvider()
afterAll(() => provider.close())

const check = (task: TaskDefinition, rest: Partial<Parameters<typeof checkTask>[0]> = {}): Promise<TaskCheck> =>
  checkTask({ task, provider, runs: 2, labels: { session: '/tmp/grading-test.db', job: 'j1' }, ...rest })

describe('a Task is checked', () => {
  test('usable: resolved with its patch, not without', async () => {
    const steps: CheckStep[] = []
    const result = await check(shopTask(), { onProgress: (step) => steps.push(step) })
    expect(result).toMatchObject({
      task: 'shop__shop-1',
      resolvedWithReference: true,
      resolvedWithout: false,
      flaky: false,
      usable: true,
      reasons: [],
    })
    expect(result.seconds).toBeGreaterThan(0)
    expect(steps.map(({ what, done, of }) => [what, done, of])).toEqual([
      ['reference', 1, 3],
      ['reference', 2, 3],
      ['without', 3, 3],
    ])
  })

  test('its patch does not resolve it', async () => {
    const result = await check(shopTask({}, { referencePatch: WRONG }))
    expect(result).toMatchObject({ resolvedWithReference: false, usable: false })
    expect(result.reasons).toEqual([
      'Not resolved with the reference patch: 1 of 1 tests that must begin to pass fails.',
    ])
  })

  test('its tests tell nothing', async () => {
    const trivial = shopTask({ failToPass: ['test_nothing (tests.test_total.TotalTests.test_nothing)'] })
    expect(await check(trivial)).toMatchObject({
      resolvedWithout: true,
      usable: false,
      reasons: ['Its tests succeed without any patch.'],
    })
  })

  test('flaky: a listed test differs between runs', async () => {
    let made = 0
    const create: typeof provider.create = (spec, signal) =>
      provider.create({ ...spec, variables: { COIN: String(made++ % 2) } }, signal)
    const flaky = fixing("import os; result += price * int(os.environ['COIN'])")
    const task = shopTask({}, { referencePatch: flaky })
    const result = await check(task, { runs: 3, provider: { ...provider, kind: provider.kind, create } })
    expect(result).toMatchObject({ flaky: true, usable: false })
    expect(result.reasons.join()).toContain('1 test differs between 3 runs')
  })

  test('the fix of a set that ships the bug is the reverse of its patch', async () => {
    const task = shopTask({}, { referencePatch: reversePatch(REFERENCE), referenceReversed: true, set: 'swe-smith' })
    expect(await check(task, { runs: 1 })).toMatchObject({ resolvedWithReference: true, usable: true })
  })

  test('no patch, and a machinery that fails', async () => {
    const { referencePatch: _, ...bare } = shopTask()
    expect(await check(bare)).toMatchObject({
      resolvedWithReference: undefined,
      resolvedWithout: false,
      usable: false,
      reasons: ['The Task ships no reference patch.'],
    })
    const task = shopTask()
    const broken = { ...task, environment: { ...task.environment, setup: ['exit 7'] } }
    const result = await check(broken, { runs: 1 })
    expect(result).toMatchObject({
      resolvedWithReference: undefined,
      resolvedWithout: undefined,
      flaky: false,
      usable: false,
    })
    expect(result.reasons).toHaveLength(1)
  })

  test('whether installing matters is told when asked', async () => {
    const useless = shopTask({ install: ['echo nothing to build'] })
    expect(await check(useless, { runs: 1, calibrate: true })).toMatchObject({ sameWithoutInstall: true })
    const needed = shopTask({
      install: ['echo > built'],
      commands: ['test -e built && python3 -m unittest -v tests.test_count tests.test_total'],
    })
    expect(await check(needed, { runs: 1, calibrate: true })).toMatchObject({ sameWithoutInstall: false, usable: true })
  })

  test('an aborted check throws the reason', async () => {
    const abort = new AbortController()
    const run = check(shopTask(), { signal: abort.signal, onProgress: () => abort.abort(new Error('cancelled')) })
    await expect(run).rejects.toThrow('cancelled')
  })
})

test('installing is left out only where it was shown to change nothing, for plain Python files', () => {
  const known = { sameWithoutInstall: true }
  expect(skipsInstall(REFERENCE, known)).toBe(true)
  expect(skipsInstall(REFERENCE, undefined)).toBe(false)
  expect(skipsInstall(REFERENCE, { sameWithoutInstall: false })).toBe(false)
  for (const path of ['setup.py', 'src/fast.pyx', 'pyproject.toml', 'pkg/_version.py'])
    expect([path, skipsInstall(REFERENCE + adding(path, 'x'), known)]).toEqual([path, false])
})
