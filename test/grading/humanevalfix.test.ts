import { existsSync } from 'node:fs'
import { afterAll, describe, expect, test } from 'vitest'
import type { TaskDefinition } from '../../src/domain/task.ts'
import { referenceOf } from '../../src/grading/check.ts'
import { gradePatch } from '../../src/grading/grade.ts'
import { runGrading } from '../../src/grading/grade-run.ts'
import { GradingPool } from '../../src/grading/grading-pool.ts'
import type { Verdict } from '../../src/grading/verdict.ts'
import { createLocalProvider } from '../../src/sandbox/local.ts'
import { humanEvalFixCase, unifiedDiff } from '../../src/tasks/humanevalfix.ts'
import { readTasks } from '../../src/tasks/read-tasks.ts'
import { labels } from './shop.ts'
import { needs } from '../needs.ts'

needs('bubblewrap', 'python3')

const DATA = new URL('../../../shared/data/tasks/humanevalpack/', import.meta.url).pathname
const there = existsSync(DATA)
const note = there ? '' : ` (skipped: ${DATA} is not there)`
if (!there) process.stdout.write(`HumanEvalFix sweeps are skipped: ${DATA} is not there\n`)

const provider = createLocalProvider()
afterAll(() => provider.close())

async function tasks(language: 'python' | 'js'): Promise<TaskDefinition[]> {
  const found: TaskDefinition[] = []
  for await (const entry of readTasks(`${DATA}${language}.jsonl`)) if (entry.type === 'task') found.push(entry.task)
  return found
}

describe.skipIf(!there)(`HumanEvalFix${note}`, () => {
  test.each(['python', 'js'] as const)(
    '%s: every canonical solution resolves, no buggy one does',
    { timeout: 400_000 },
    async (language) => {
      const all = await tasks(language)
      expect(all).toHaveLength(164)
      const pool = new GradingPool(2)
      const graded = await Promise.all(
        all.flatMap((task) => [referenceOf(task), undefined].map((patch) => pool.run(() => run(task, patch)))),
      )
      const wrong = graded.filter(({ verdict, fixed }) => verdict.outcome !== (fixed ? 'resolved' : 'unresolved'))
      expect(wrong.map(({ id, fixed, verdict }) => ({ id, fixed, ...verdict, log: verdict.log.slice(-600) }))).toEqual(
        [],
      )
      expect(new Set(graded.map(({ verdict }) => verdict.reason))).toEqual(new Set(['tests']))
    },
  )

  test('code that is incomplete or empty is a reason of its own', async () => {
    for (const language of ['python', 'js'] as const) {
      const task = (await tasks(language))[0]
      if (!task) throw new Error('no task')
      const empty = await gradePatch({ task, patch: replaced(task, ''), provider, labels: labels() })
      expect(empty).toMatchObject({ outcome: 'unresolved', reason: 'invalid-patch' })
      const cut = original(task).split('\n').slice(0, 12).join('\n')
      const incomplete = await gradePatch({ task, patch: replaced(task, `${cut}\n(`), provider, labels: labels() })
      expect(incomplete).toMatchObject({ outcome: 'unresolved', reason: 'invalid-patch' })
    }
  })

  test('a program that ends at once with exit code 0 has passed no test', async () => {
    const [python, js] = [(await tasks('python'))[0], (await tasks('js'))[0]]
    if (!python || !js) throw new Error('no tasks')
    const leave = (task: TaskDefinition, line: string): Promise<Verdict> =>
      gradePatch({ task, patch: replaced(task, `${line}\n${original(task)}`), provider, labels: labels() })
    expect(await leave(python, 'import os; os._exit(0)')).toMatchObject({ outcome: 'unresolved' })
    expect(await leave(js, 'process.exit(0)')).toMatchObject({ outcome: 'unresolved' })
  })

  test('a solution that never ends is stopped', { timeout: 60_000 }, async () => {
    const task = (await tasks('python'))[0]
    if (!task) throw new Error('no task')
    const verdict = await gradePatch({
      task,
      patch: replaced(task, `while True: pass\n${original(task)}`),
      provider,
      labels: labels(),
    })
    expect(verdict).toMatchObject({ outcome: 'unresolved' })
  })
})

async function run(
  task: TaskDefinition,
  patch: string | undefined,
): Promise<{ readonly id: string; readonly fixed: boolean; readonly verdict: Verdict }> {
  const { verdict } = await runGrading({ task, patch, provider, labels: labels() })
  return { id: task.id, fixed: patch !== undefined, verdict }
}

function original(task: TaskDefinition): string {
  return task.environment.files[humanEvalFixCase(task)?.file ?? ''] ?? ''
}

function replaced(task: TaskDefinition, text: string): string {
  return unifiedDiff(humanEvalFixCase(task)?.file ?? '', original(task), text)
}
