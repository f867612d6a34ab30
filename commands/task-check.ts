import { z } from 'zod'
import { EXIT_CODES } from '../src/domain/errors.ts'
import type { TaskDefinition } from '../src/domain/task.ts'
import { checkTask, type TaskCheck } from '../src/grading/check.ts'
import { defaultConcurrency, GradingPool } from '../src/grading/grading-pool.ts'
import { createProvider } from '../src/jobs/machinery.ts'
import { safeText } from '../src/lib/safe-text.ts'
import { withImage } from '../src/tasks/default-image.ts'
import { defineCommand } from './define.ts'
import { count, table } from './table.ts'
import { selectTasks } from './task-selection.ts'

export const taskCheck = defineCommand({
  name: 'task check',
  summary: 'Run the reference patch of tasks and say which of them can be used',
  example: 'sealign task check humanevalfix-js --runs 3',
  args: z.object({
    tasks: z
      .array(z.string())
      .optional()
      .describe('tasks, sets, repositories, beginnings with a star; all when left out'),
    runs: z.int().min(1).max(100).default(2).describe('gradings with the reference patch; more find more flaky tests'),
    sandbox: z.enum(['local', 'docker']).default('local').describe('where the tests run'),
    image: z.string().optional().describe('container image instead of the one each task names'),
    graders: z.int().min(1).max(128).default(defaultConcurrency()).describe('tasks checked at once'),
    calibrate: z.boolean().default(false).describe('also whether network and install commands are needed'),
  }),
  positional: ['tasks'],
  async run({ tasks: words = ['all'], runs, sandbox, image, graders, calibrate }, context) {
    const session = context.session()
    const { signal } = context
    const rows = selectTasks(session.taskDefinitions.list(), words)
    const stored = rows.flatMap(({ task }) => session.taskDefinitions.get(task) ?? [])
    const tasks = sandbox === 'docker' ? stored.map((task) => withImage(task, image)) : stored
    const provider = createProvider(sandbox)
    const labels = { session: session.path, job: 'check' }
    const check = (task: TaskDefinition): Promise<TaskCheck> =>
      checkTask({ task, provider, runs, labels, calibrate, signal })
    const pool = new GradingPool(graders)
    let done = 0
    const one = async (task: TaskDefinition): Promise<TaskCheck> => {
      const result = await pool.run(() => check(task), signal)
      context.progress(`${++done} of ${count(tasks.length, 'task')} checked`)
      return result
    }
    let checks: TaskCheck[]
    try {
      await provider.sweep()
      checks = await Promise.all(tasks.map(one))
    } finally {
      await provider.close()
    }
    return { checks, ...(checks.some(({ usable }) => !usable) && { exitCode: EXIT_CODES['not-found'] }) }
  },
  text({ checks }, style) {
    const columns = ['TASK', 'USABLE', 'WITH REFERENCE', 'WITHOUT', 'FLAKY', 'SECONDS', 'WHY'].map((title) => ({
      title,
    }))
    const rows = checks.map((each) => [
      each.task,
      each.usable ? 'yes' : 'no',
      outcomeWord(each.resolvedWithReference),
      outcomeWord(each.resolvedWithout),
      each.flaky ? 'yes' : 'no',
      each.seconds.toFixed(2),
      safeText(each.reasons.join(' ')),
    ])
    const usable = checks.filter((each) => each.usable).length
    return [table(columns, rows, style), `${usable} of ${count(checks.length, 'task')} can be used`].join('\n')
  },
  json: ({ checks }) =>
    checks.map(({ resolvedWithReference, resolvedWithout, ...rest }) => ({
      ...rest,
      resolvedWithReference: resolvedWithReference ?? null,
      resolvedWithout: resolvedWithout ?? null,
    })),
})

function outcomeWord(resolved: boolean | undefined): string {
  return resolved === undefined ? 'unknown' : resolved ? 'resolved' : 'unresolved'
}
