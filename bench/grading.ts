import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import type { TaskDefinition } from '../src/domain/task.ts'
import { referenceOf } from '../src/grading/check.ts'
import { runGrading } from '../src/grading/grade-run.ts'
import { GradingPool } from '../src/grading/grading-pool.ts'
import type { Verdict } from '../src/grading/verdict.ts'
import { createLocalProvider } from '../src/sandbox/local.ts'
import type { SandboxProvider } from '../src/sandbox/sandbox.ts'
import { humanEvalFixTask } from '../src/tasks/humanevalfix.ts'
import { readTasks } from '../src/tasks/read-tasks.ts'

export interface GradingFigures {
  readonly gradingPerSecond: number
  /** Means of one grading. */
  readonly startMs: number
  readonly applyMs: number
  readonly testMs: number
  readonly graded: number
  /** What isolated them. */
  readonly sandbox: string
}

const DATA = new URL('../../shared/data/tasks/humanevalpack/', import.meta.url).pathname
const ROWS = 40

/**
 * HumanEvalFix Tasks graded per second in the local Sandbox with their reference patch, from nothing to the closed Sandbox: half
 * Python, half JavaScript. (Without it some loop for the whole ten seconds they are given: that is the tasks' time, not ours.)
 * With `full` all 328 rows. Rows are made up where the data is absent.
 */
export async function measureGrading(options: { readonly full: boolean } = { full: false }): Promise<GradingFigures> {
  const tasks = existsSync(DATA) ? await realTasks(options.full) : madeUpTasks()
  const provider = createLocalProvider()
  const pool = new GradingPool(availableParallelism())
  try {
    await grade(provider, tasks[0])
    const begun = performance.now()
    const verdicts = await Promise.all(tasks.map((task) => pool.run(() => grade(provider, task))))
    const seconds = (performance.now() - begun) / 1000
    const wrong = verdicts.filter(({ outcome }) => outcome !== 'resolved')
    if (wrong.length > 0) throw new Error(`${wrong.length} verdicts are wrong, the first one: ${wrong[0]?.says}`)
    const mean = (of: (verdict: Verdict) => number): number =>
      round((1000 * verdicts.reduce((sum, verdict) => sum + of(verdict), 0)) / verdicts.length)
    return {
      gradingPerSecond: round(tasks.length / seconds),
      startMs: mean((verdict) => verdict.seconds.start),
      applyMs: mean((verdict) => verdict.seconds.apply),
      testMs: mean((verdict) => verdict.seconds.test),
      graded: tasks.length,
      sandbox: await provider.describe(),
    }
  } finally {
    await provider.close()
  }
}

async function grade(provider: SandboxProvider, task: TaskDefinition | undefined): Promise<Verdict> {
  if (!task) throw new Error('no task to grade')
  const labels = { session: '/bench', job: 'j0', role: 'grader', task: task.id, run: 'r0' } as const
  return (await runGrading({ task, patch: referenceOf(task), provider, labels, trusted: true })).verdict
}

/** Python and JavaScript in turn, two of each. */
async function realTasks(full: boolean): Promise<TaskDefinition[]> {
  const [python, js] = await Promise.all([read('python'), read('js')])
  const rows = full ? Math.min(python.length, js.length) : ROWS
  return Array.from({ length: rows / 2 }, (_, at) => [python, js].flatMap((of) => of.slice(2 * at, 2 * at + 2))).flat()
}

async function read(language: string): Promise<TaskDefinition[]> {
  const tasks: TaskDefinition[] = []
  for await (const entry of readTasks(`${DATA}${language}.jsonl`)) if (entry.type === 'task') tasks.push(entry.task)
  return tasks
}

function madeUpTasks(): TaskDefinition[] {
  return Array.from({ length: 2 * ROWS }, (_, at) =>
    Math.floor(at / 2) % 2 === 0
      ? humanEvalFixTask({
          task_id: `Python/${at}`,
          declaration: `def add${at}(a, b):\n`,
          buggy_solution: `    return a - b - ${at}\n`,
          canonical_solution: '    return a + b\n',
          test: `def check(add):\n    assert add(2, 3) == 5\n\ncheck(add${at})`,
        })
      : humanEvalFixTask({
          task_id: `JavaScript/${at}`,
          declaration: `const add${at} = (a, b) => {\n`,
          buggy_solution: `  return a - b - ${at}\n}\n`,
          canonical_solution: '  return a + b\n}\n',
          test: `const testAdd = () => {\n  console.assert(add${at}(2, 3) === 5)\n}\n\ntestAdd()\n`,
        }),
  )
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
