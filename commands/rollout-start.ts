import { existsSync } from 'node:fs'
import { SealignError } from '../src/domain/errors.ts'
import type { Session } from '../sessions/session.ts'
import type { TaskRow } from '../sessions/task-definitions.ts'
import { type CommandContext, defineCommand } from './define.ts'
import { endText, exitCodeOf, waitForJob } from './job-wait.ts'
import { startRollouts } from './rollout-start-job.ts'
import { settingsOf, START_ARGS, type StartArgs } from './rollout-start-settings.ts'
import { importTasks, oneDefinition } from './task.ts'
import { selectTasks } from './task-selection.ts'
import { count } from './table.ts'

export const rolloutStart = defineCommand({
  name: 'rollout start',
  summary: 'Roll a policy out on tasks, several times each, in a job of its own',
  example: 'sealign rollout start --tasks humanevalfix-js --runs 4 --base-url http://127.0.0.1:8000/v1 --model qwen',
  args: START_ARGS,
  async run(args, context) {
    const session = context.session({ create: true })
    const tasks = await chosenTasks(session, args, context)
    const settings = await settingsOf(args, oneDefinition(session, tasks[0]?.task ?? ''), context)
    const { evaluation } = args
    const job = startRollouts(session, tasks, settings, args.runs, {
      env: context.env,
      ...(evaluation !== undefined && { evaluation }),
    })
    const started = { session: session.name, job: `j${job}`, tasks: tasks.length, rollouts: tasks.length * args.runs }
    if (!args.wait) return { ...started, ended: undefined }
    const ended = await waitForJob(session, job, context)
    return { ...started, ended, exitCode: exitCodeOf(ended, context.signal) }
  },
  text: ({ job, tasks, rollouts, ended }) =>
    ended
      ? endText(ended)
      : `${job} started: ${count(rollouts, 'rollout')} of ${count(tasks, 'task')}. \`sealign\` shows them live, \`sealign job stop ${job}\` ends them in good order.`,
  json: ({ session, job, tasks, rollouts, ended }) => ({ session, job, tasks, rollouts, ...(ended && { ended }) }),
})

/** The tasks that `--tasks` means; words that are files are imported first. */
export async function chosenTasks(
  session: Session,
  { tasks, limit }: StartArgs,
  context: CommandContext,
): Promise<TaskRow[]> {
  const files = tasks.filter((word) => /[/.]/.test(word) && existsSync(word))
  const read = files.length > 0 ? await importTasks(session, files, undefined, context) : undefined
  const words = tasks.filter((word) => !files.includes(word))
  const list = session.taskDefinitions.list()
  const chosen = new Set(read?.tasks)
  if (words.length > 0) for (const { task } of selectTasks(list, words)) chosen.add(task)
  const ordered = list.filter(({ task }) => chosen.has(task)).slice(0, limit)
  if (ordered.length === 0)
    throw new SealignError('not-found', `${files.join(', ')} holds no task that can be rolled out`, {
      hint: 'sealign task import says what is wrong with each row.',
    })
  return ordered
}
