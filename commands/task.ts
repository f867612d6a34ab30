import { z } from 'zod'
import { EXIT_CODES, SealignError } from '../src/domain/errors.ts'
import { TASK_SETS, type TaskDefinition } from '../src/domain/task.ts'
import { safeText } from '../src/lib/safe-text.ts'
import { readTasks } from '../src/tasks/read-tasks.ts'
import type { Session } from '../sessions/session.ts'
import { type CommandContext, defineCommand } from './define.ts'
import { count, table } from './table.ts'
import { selectTasks } from './task-selection.ts'

/** Tasks committed together. */
const BATCH = 200

/** What an import of tasks changed. */
export interface TaskImport {
  readonly added: number
  readonly updated: number
  readonly unchanged: number
  readonly sets: Readonly<Record<string, number>>
  /** Names of the tasks that were read, in order. */
  readonly tasks: readonly string[]
  readonly skipped: readonly { readonly file: string; readonly line?: number; readonly reason: string }[]
}

/** Reads tasks from files and folders into a session; what cannot be read is reported and the rest kept. */
export async function importTasks(
  session: Session,
  paths: readonly string[],
  set: TaskDefinition['set'] | undefined,
  context: Pick<CommandContext, 'signal' | 'progress'>,
): Promise<TaskImport> {
  const counts = { added: 0, updated: 0, unchanged: 0 }
  const sets: Record<string, number> = {}
  const tasks: string[] = []
  const skipped: { file: string; line?: number; reason: string }[] = []
  let batch: TaskDefinition[] = []
  const commit = (): void => {
    session.record(() => batch.forEach((task) => counts[session.taskDefinitions.put(task)]++))
    batch = []
    context.progress(`${count(counts.added + counts.updated + counts.unchanged, 'task')} read`)
  }
  for (const path of paths) {
    for await (const event of readTasks(path, { ...(set && { set }), signal: context.signal })) {
      if (event.type === 'skipped') {
        const { type: _type, ...place } = event
        skipped.push(place)
        continue
      }
      sets[event.task.set] = (sets[event.task.set] ?? 0) + 1
      tasks.push(event.task.id)
      batch.push(event.task)
      if (batch.length >= BATCH) commit()
    }
  }
  commit()
  return { ...counts, sets, tasks, skipped }
}

export const taskImport = defineCommand({
  name: 'task import',
  summary: 'Take tasks from dataset rows or task folders into a session',
  example: 'sealign task import humanevalpack/js.jsonl --session fix-a',
  args: z.object({
    paths: z.array(z.string()).describe('JSONL, JSON or Parquet files with rows, or task folders; see docs/tasks.md'),
    set: z.enum(TASK_SETS).optional().describe('take the rows as this set instead of recognising it'),
  }),
  positional: ['paths'],
  async run({ paths, set }, context) {
    const session = context.session({ create: true })
    const result = await importTasks(session, paths, set, context)
    const taken = result.added + result.updated + result.unchanged
    return { session: session.name, ...result, ...(taken === 0 && { exitCode: EXIT_CODES['not-found'] }) }
  },
  text({ session, added, updated, unchanged, sets, skipped }) {
    const of = Object.entries(sets).map(([set, n]) => `${n} ${set}`)
    return [
      `${count(added + updated + unchanged, 'task')} in session ${safeText(session)}${of.length > 0 ? ` (${of.join(', ')})` : ''}: ${added} added, ${updated} updated, ${unchanged} unchanged`,
      ...skipped
        .slice(0, 20)
        .map(({ file, line, reason }) => safeText(`skipped ${file}${line === undefined ? '' : `:${line}`}: ${reason}`)),
      ...(skipped.length > 20 ? [`… and ${skipped.length - 20} more; --json lists all`] : []),
    ].join('\n')
  },
  json: ({ exitCode: _exitCode, tasks: _tasks, ...result }) => result,
})

const SELECTION = z
  .array(z.string())
  .optional()
  .describe('tasks, sets, repositories, beginnings with a star (django*), or all')

export const taskList = defineCommand({
  name: 'task list',
  summary: 'Show the tasks that can be rolled out',
  example: 'sealign task list humanevalfix-js',
  args: z.object({ tasks: SELECTION }),
  positional: ['tasks'],
  run({ tasks }, context) {
    const session = context.session()
    const rows =
      tasks === undefined ? session.taskDefinitions.list() : selectTasks(session.taskDefinitions.list(), tasks)
    return { tasks: rows.map((row) => ({ ...row, rollouts: session.rollouts.runsOf(row.task) })) }
  },
  text: ({ tasks }, style) =>
    tasks.length === 0
      ? 'There are no tasks in this session yet. Import some: sealign task import PATH'
      : [
          table(
            [{ title: 'TASK' }, { title: 'SET' }, { title: 'REPOSITORY' }, { title: 'ROLLOUTS', align: 'right' }],
            tasks.map(({ task, set, repository, rollouts }) => [task, set, repository ?? '–', rollouts]),
            style,
          ),
          count(tasks.length, 'task'),
        ].join('\n'),
  json: ({ tasks }) => tasks,
})

export const taskShow = defineCommand({
  name: 'task show',
  summary: 'Show what a task asks, where it runs and how it is graded',
  example: 'sealign task show Python/0',
  args: z.object({ task: z.string().describe('task, or the beginning of its name') }),
  positional: ['task'],
  run: ({ task }, context) => oneDefinition(context.session(), task),
  text(task) {
    const { environment, grading } = task
    return [
      `${task.id}  (${task.set}${task.repository === undefined ? '' : `, ${task.repository}`})`,
      '',
      task.statement.trim(),
      '',
      `image      ${environment.image ?? '(any)'}`,
      `workdir    ${environment.workdir}`,
      ...(Object.keys(environment.files).length > 0 ? [`files      ${Object.keys(environment.files).join(' ')}`] : []),
      `network    ${environment.network ? 'yes' : 'no'}`,
      ...environment.setup.map((line) => `setup      ${line}`),
      ...grading.install.map((line) => `install    ${line}`),
      ...(grading.script === undefined
        ? grading.commands.map((line) => `test       ${line}`)
        : ['test       the row’s own script']),
      `graded by  ${grading.rules}, log read as ${grading.parser}, ${grading.timeoutMs / 1000} s at most`,
      `must start to pass  ${grading.failToPass.length}   must go on passing  ${grading.passToPass.length}`,
    ]
      .map((line) => (line.includes('\n') ? line.split('\n').map(safeText).join('\n') : safeText(line)))
      .join('\n')
  },
})

/** @throws SealignError `not-found` unless exactly one task has this name or begins with it. */
export function oneDefinition(session: Session, typed: string): TaskDefinition {
  const exact = session.taskDefinitions.get(typed)
  if (exact) return exact
  const matching = session.taskDefinitions.list().filter(({ task }) => task.startsWith(typed))
  const only = matching.length === 1 ? session.taskDefinitions.get(matching[0]?.task ?? '') : undefined
  if (only) return only
  throw new SealignError(
    'not-found',
    matching.length > 1
      ? `${typed} is the beginning of ${matching.length} tasks`
      : `there is no task ${typed} that can be rolled out in this session`,
    { hint: '`sealign task list` names them.' },
  )
}
