import { z } from 'zod'
import { SealignError } from '../src/domain/errors.ts'
import { safeText } from '../src/lib/safe-text.ts'
import { ANALYSIS_FLAGS, analysisFor } from './analysis-flags.ts'
import { defineCommand } from './define.ts'
import { startJob, oneJob } from './job.ts'
import { endText, exitCodeOf, waitForJob } from './job-wait.ts'
import { oneDefinition } from './task.ts'
import { oneTask } from './tree.ts'
import { count } from './table.ts'

export const rolloutExpand = defineCommand({
  name: 'rollout expand',
  summary: 'Roll out more from a node of a tree: its prefix is replayed, then the policy goes on',
  example: 'sealign rollout expand JavaScript/0#4 --runs 4',
  args: z.object({
    node: z.string().describe('TASK#NODE, as `tree show --json` numbers the nodes'),
    runs: z.int().min(1).max(1000).default(4).describe('rollouts from there'),
    job: z.string().optional().describe('job whose settings are used; the newest one when left out'),
    wait: z.boolean().default(false).describe('stay until the job is done; Ctrl-C leaves it running'),
    ...ANALYSIS_FLAGS,
  }),
  positional: ['node'],
  async run({ node: word, runs, job: settingsOf, wait, ...flags }, context) {
    const session = context.session()
    const analysis = analysisFor(context, flags)
    const [, typed = '', digits = ''] = /^(.+)#(\d{1,9})$/s.exec(word) ?? []
    if (digits === '')
      throw new SealignError('usage', `${JSON.stringify(word)} is not a node`, {
        hint: 'Write TASK#NODE, e.g. JavaScript/0#4.',
      })
    const task = oneTask(analysis.tasks(), typed)
    oneDefinition(session, task)
    const tree = analysis.tree(task)
    const node = Number(digits)
    if (node >= tree.size)
      throw new SealignError('not-found', `the tree of ${task} has ${count(tree.size, 'node')}, none is #${node}`, {
        hint: `\`sealign tree show ${task} --json\` numbers them.`,
      })
    const trajectory = tree.trajectories[tree.member[node] ?? 0] ?? 0
    const steps = node === 0 ? 0 : (tree.step[node] ?? 0)
    const { settings } = oneJob(session, settingsOf, 'rollout')
    const job = session.record((revision) => {
      const id = session.jobs.create('rollout', settings)
      const earlier = session.rollouts.runsOf(task)
      for (let run = 1; run <= runs; run++)
        session.rollouts.add(id, task, String(earlier + run), revision, steps > 0 ? { trajectory, steps } : undefined)
      return id
    })
    startJob(session, job, context.env)
    const expanded = { job: `j${job}`, task, node, prefixSteps: steps, rollouts: runs }
    if (!wait) return { ...expanded, ended: undefined }
    const ended = await waitForJob(session, job, context)
    return { ...expanded, ended, exitCode: exitCodeOf(ended, context.signal) }
  },
  json: ({ job, task, node, prefixSteps, rollouts, ended }) => ({
    job,
    task,
    node,
    prefixSteps,
    rollouts,
    ...(ended && { ended }),
  }),
  text: ({ job, task, node, prefixSteps, rollouts, ended }) =>
    ended
      ? endText(ended)
      : safeText(
          `${job} started: ${count(rollouts, 'rollout')} of ${task} from node ${node}, after ${count(prefixSteps, 'replayed step')}`,
        ),
})
