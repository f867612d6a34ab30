import { z } from 'zod'
import { defineCommand } from './define.ts'
import { freshName } from './eval-names.ts'
import { endText, exitCodeOf, waitForJob } from './job-wait.ts'
import { chosenTasks } from './rollout-start.ts'
import { startRollouts } from './rollout-start-job.ts'
import { settingsOf, START_ARGS } from './rollout-start-settings.ts'
import { count } from './table.ts'
import { oneDefinition } from './task.ts'

export const evalStart = defineCommand({
  name: 'eval start',
  summary: 'Measure a policy: roll it out on tasks, apart from trees and datasets',
  example: 'sealign eval start --name before --tasks humanevalfix-js --base-url http://127.0.0.1:8000/v1 --model qwen',
  args: START_ARGS.omit({ evaluation: true }).extend({
    name: z.string().min(1).max(60).describe('what reports call it; NAME-2 where there is one of this name'),
    runs: z.int().min(1).max(1000).default(1).describe('rollouts of each task'),
    temperature: z.number().min(0).max(5).default(0).describe('sampling; 0 is greedy, as the paper evaluates'),
  }),
  async run(args, context) {
    const session = context.session({ create: true })
    const tasks = await chosenTasks(session, args, context)
    const settings = await settingsOf(args, oneDefinition(session, tasks[0]?.task ?? ''), context)
    const name = freshName(session, args.name)
    const job = startRollouts(session, tasks, settings, args.runs, { evaluation: name, env: context.env })
    const evaluation = `e${session.evaluations.ofJob(job)?.id ?? 0}`
    const rollouts = tasks.length * args.runs
    const started = { session: session.name, evaluation, name, job: `j${job}`, tasks: tasks.length, rollouts }
    if (!args.wait) return { ...started, ended: undefined }
    const ended = await waitForJob(session, job, context)
    return { ...started, ended, exitCode: exitCodeOf(ended, context.signal) }
  },
  text: ({ name, job, tasks, rollouts, ended }) =>
    ended
      ? `${endText(ended)} sealign eval report ${name}`
      : `${name} started (${job}): ${count(rollouts, 'rollout')} of ${count(tasks, 'task')}. \`sealign eval report ${name}\` says how far it is.`,
  json: ({ session, evaluation, name, job, tasks, rollouts, ended }) => ({
    session,
    evaluation,
    name,
    job,
    tasks,
    rollouts,
    ...(ended && { ended }),
  }),
})
