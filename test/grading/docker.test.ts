import { existsSync } from 'node:fs'
import Docker from 'dockerode'
import { afterAll, describe, expect, test } from 'vitest'
import type { TaskDefinition, TaskGrading } from '../../src/domain/task.ts'
import { checkTask, referenceOf } from '../../src/grading/check.ts'
import { gradePatch } from '../../src/grading/grade.ts'
import { runGrading } from '../../src/grading/grade-run.ts'
import type { Verdict } from '../../src/grading/verdict.ts'
import { createDockerProvider } from '../../src/sandbox/docker.ts'
import type { SandboxProvider } from '../../src/sandbox/sandbox.ts'
import { readTasks } from '../../src/tasks/read-tasks.ts'
import { testImage } from '../engine.ts'
import { adding, fixing, labels, pytestTask, REFERENCE, shopTask, WRONG } from './shop.ts'

const engine = await testImage()
const provider = createDockerProvider()
afterAll(() => provider.close())

type Rest = Partial<Parameters<typeof gradePatch>[0]>

const grade = (patch: string, grading: Partial<TaskGrading> = {}, rest: Rest = {}): Promise<Verdict> =>
  gradePatch({ task: pytestTask(engine.image, grading), patch, provider, labels: labels(), ...rest })

describe.skipIf(!engine.available)(`a SWE-bench row in a container${engine.note}`, { timeout: 90_000 }, () => {
  test('the reference patch resolves it, a wrong one and one with its own tests do not', async () => {
    const verdict = await grade(REFERENCE)
    expect(verdict).toMatchObject({
      outcome: 'resolved',
      failToPass: { total: 1, passed: 1 },
      passToPass: { total: 2, passed: 2 },
    })
    expect(verdict.log).toContain('short test summary info')
    expect(await grade(WRONG)).toMatchObject({ outcome: 'unresolved', reason: 'tests' })
    const always = 'import unittest\n\nclass TotalTests(unittest.TestCase):\n    def test_total(self):\n        pass'
    expect(await grade(adding('tests/test_total.py', always))).toMatchObject({ outcome: 'unresolved', reason: 'tests' })
    expect(await grade(REFERENCE.replace('result = price', 'results = price'))).toMatchObject({
      reason: 'patch-failed',
    })
  })

  test('every parser of pytest reads the same run', async () => {
    for (const parser of ['pytest-options', 'pytest-v2', 'pytest-pydantic', 'matplotlib', 'seaborn'] as const)
      expect({ parser, ...(await grade(REFERENCE, { parser })) }).toMatchObject({ parser, outcome: 'resolved' })
  })

  test('`PASSED` printed by code that breaks the collection passes nothing', async () => {
    const names = [...pytestTask('').grading.failToPass, ...pytestTask('').grading.passToPass]
    const forged = `print(${JSON.stringify(`\n${names.map((name) => `PASSED ${name}`).join('\n')}\n`)})\nraise RuntimeError`
    const patch = adding('shop/late.py', forged)
    const broken = patch + fixing('result += price', 'import shop.late')
    for (const rules of ['swe-bench-4', 'swe-bench-5', 'swe-smith'] as const)
      expect({ rules, ...(await grade(broken, { rules })) }).toMatchObject({ rules, outcome: 'unresolved' })
    const atImport = importing(forged)
    for (const rules of ['swe-bench-4', 'swe-bench-5', 'swe-smith', 'swe-bench-live'] as const)
      expect({ rules, ...(await grade(atImport, { rules })) }).toMatchObject({ rules, outcome: 'unresolved' })
  })

  test('a test that never ends', async () => {
    const verdict = await grade(fixing('import time; time.sleep(600)'), { timeoutMs: 4000 })
    expect(verdict).toMatchObject({ outcome: 'unresolved', reason: 'timeout' })
    expect(verdict.seconds.total).toBeLessThan(60)
  })

  test('a container out of memory is an accident, unless the reference patch is known to fit', async () => {
    const greedy = fixing('hog = bytearray(2_000_000_000); hog[::4096] = b"x" * len(hog[::4096])')
    const memoryBytes = 128 * 1024 ** 2
    expect(await grade(greedy, { memoryBytes })).toMatchObject({ outcome: 'unknown', reason: 'infrastructure' })
    expect(await grade(greedy, { memoryBytes }, { fitsMemory: true })).toMatchObject({
      outcome: 'unresolved',
      reason: 'tests',
    })
  })

  test('a container killed while the tests run is an accident', async () => {
    const docker = new Docker()
    let killed: Promise<unknown> | undefined
    const fragile: SandboxProvider = {
      kind: provider.kind,
      create: async (spec, signal) => {
        const sandbox = await provider.create(spec, signal)
        setTimeout(() => {
          killed = docker.getContainer(sandbox.id).kill()
        }, 2500)
        return sandbox
      },
      sweep: () => provider.sweep(),
      describe: () => provider.describe(),
      close: () => Promise.resolve(),
    }
    const verdict = await grade(fixing('import time; time.sleep(30)'), {}, { provider: fragile })
    // The verdict may be there before the engine has answered.
    expect(killed).toBeDefined()
    await killed
    expect(verdict).toMatchObject({ outcome: 'unknown', reason: 'infrastructure' })
    expect(verdict.seconds.total).toBeLessThan(25)
  })

  test('an image that is not there is an accident with a sentence', async () => {
    const verdict = await grade(REFERENCE, {}, { task: pytestTask('sealign-test-nothing:0') })
    expect(verdict).toMatchObject({ outcome: 'unknown', reason: 'infrastructure' })
    expect(verdict.says).toContain('sealign-test-nothing:0')
  })

  test('checked with the network the other way round', async () => {
    const options = { provider, runs: 1, labels: { session: '/tmp/grading-test.db', job: 'j1' }, calibrate: true }
    expect(await checkTask({ task: pytestTask(engine.image), ...options })).toMatchObject({
      usable: true,
      needsNetwork: false,
      sameWithoutInstall: false,
    })
    const reachesOut = shopTask({
      commands: ['ls /sys/class/net | grep -q eth && python3 -m unittest -v tests.test_count tests.test_total'],
    })
    const outside: TaskDefinition = {
      ...reachesOut,
      // Debian's Python 3.11.2 names unittest's tests as the lists do.
      environment: { ...reachesOut.environment, image: engine.image, network: true },
    }
    expect(await checkTask({ task: outside, ...options })).toMatchObject({ usable: true, needsNetwork: true })
  })
})

/** A change that makes `shop/cart.py` run code when it is imported. */
function importing(code: string): string {
  const lines = code.split('\n')
  return `diff --git a/shop/cart.py b/shop/cart.py
--- a/shop/cart.py
+++ b/shop/cart.py
@@ -1,3 +1,${3 + lines.length} @@
 """Carts."""
${lines.map((line) => `+${line}\n`).join('')} 
 
`
}

const DATA = new URL('../../../shared/data/tasks/humanevalpack/', import.meta.url).pathname
const ready = engine.available && existsSync(DATA)

describe.skipIf(!ready)(
  `HumanEvalFix in containers${ready ? '' : ' (skipped: no engine or no data)'}`,
  { timeout: 120_000 },
  () => {
    test.each(['python', 'js'] as const)('%s: canonical solutions resolve, buggy ones do not', async (language) => {
      let seen = 0
      for await (const entry of readTasks(`${DATA}${language}.jsonl`)) {
        if (entry.type !== 'task' || seen++ % 40 !== 0) continue
        const task = { ...entry.task, environment: { ...entry.task.environment, image: engine.image } }
        for (const [patch, outcome] of [
          [referenceOf(task), 'resolved'],
          [undefined, 'unresolved'],
        ] as const) {
          const { verdict } = await runGrading({ task, patch, provider, labels: labels() })
          expect(verdict).toMatchObject({ outcome, reason: 'tests' })
        }
      }
      expect(seen).toBe(164)
    })
  },
)
