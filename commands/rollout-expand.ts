import { z } from 'zod'
import { SealignError } from '../src/domain/errors.ts'
import { safeText } from '../src/lib/safe-text.ts'
import { analysisFor } from './analysis-flags.ts'
import { defineCommand } from './define.ts'
import { continueJob, oneJob } from './job.ts'
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
  }),
  positional: ['node'],
  run({ node: word, runs, job: settingsOf }, context) {
    const session = context.session()
    const analysis = analysisFor(context, {})
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
    const { settings } = oneJob(session, settingsOf)
    const job = session.record((revision) => {
      const id = session.jobs.create(settings)
      const earlier = session.rollouts.runsOf(task)
      for (let run = 1; run <= runs; run++)
        session.rollouts.add(id, task, String(earlier + run), revision, steps > 0 ? { trajectory, steps } : undefined)
      return id
    })
    const row = session.jobs.get(job)
    if (row) continueJob(session, row, context.env)
    return { job: `j${job}`, task, node, prefixSteps: steps, rollouts: runs }
  },
  text: ({ job, task, node, prefixSteps, rollouts }) =>
    safeText(
      `${job} started: ${count(rollouts, 'rollout')} of ${task} from node ${node}, after ${count(prefixSteps, 'replayed step')}`,
    ),
})
