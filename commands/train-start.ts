import { z } from 'zod'
import { SealignError } from '../src/domain/errors.ts'
import { MERGE_MODES } from '../src/domain/merge-mode.ts'
import { PAIR_KINDS, RUN_STAGES, type RunStage } from '../src/domain/run.ts'
import { embeddedWeights } from '../src/jobs/embedded-weights.ts'
import { EmbeddedTrainerSettings } from '../src/jobs/training-settings.ts'
import { safeText } from '../src/lib/safe-text.ts'
import { type FrozenDataset, freezeDataset } from '../sessions/freeze.ts'
import type { Session } from '../sessions/session.ts'
import { type CommandContext, defineCommand } from './define.ts'
import { startJob } from './job.ts'
import { endText, exitCodeOf, waitForJob } from './job-wait.ts'
import { count } from './table.ts'
import { type EmbeddedModel, embeddedModel } from './train-model.ts'

const ARGS = z.object({
  trainer: z.enum(['embedded', 'torch']).default('embedded').describe('embedded trains our small network, here'),
  model: z.string().default('base').describe('what it starts from: base, r1, r1/sft, r1/dpo or a file of weights'),
  stages: z.string().default(RUN_STAGES.join(',')).describe('sft, dpo, or sft,dpo'),
  pairs: z
    .enum(PAIR_KINDS)
    .default('critical')
    .describe('what DPO compares: the two actions of critical pairs, or whole trajectories'),
  beta: z.number().positive().optional().describe('β of the DPO loss: how far the policy may move'),
  learningRate: z.number().positive().optional().describe('at its peak, of every stage'),
  epochs: z.int().min(1).max(1000).optional().describe('passes over the examples at most, of every stage'),
  seed: z.int().default(0).describe('decides batches, what is held out, shares, and the untrained network'),
  undecided: z.boolean().default(false).describe('also pairs that are pending or skipped'),
  fraction: z.number().gt(0).max(1).default(1).describe('share of the tasks (or pairs) that is learnt from'),
  fractionOf: z.enum(['tasks', 'pairs']).default('tasks').describe('what --fraction is a share of'),
  threshold: z.number().min(0).max(1).optional().describe('only pairs past this difference of two rates'),
  merge: z.enum(MERGE_MODES).optional().describe('only pairs of trees merged in this mode'),
  name: z.string().min(1).max(60).optional().describe('what the run is called; its number when left out'),
  wait: z.boolean().default(false).describe('stay until the run is done; Ctrl-C leaves it running'),
})
type Args = z.output<typeof ARGS>

export const trainStart = defineCommand({
  name: 'train start',
  summary: 'Freeze what was reviewed into a dataset and train a policy on it, in a job of its own',
  example: 'sealign train start --stages sft,dpo --beta 0.1 --seed 1',
  args: ARGS,
  async run(args, context) {
    if (args.trainer === 'torch')
      throw new SealignError('usage', 'train start: the torch trainer is not built yet', {
        hint: 'Train the embedded policy with --trainer embedded, or write the pairs for another trainer: sealign export trl',
      })
    const session = context.session()
    const stages = stagesOf(args.stages)
    const model = embeddedModel(session, args.model)
    const settings = settingsOf(args, stages, model)
    await embeddedWeights(settings)
    context.progress('freezing the dataset')
    const dataset = freeze(session, args)
    checkContent(dataset, stages, args)
    const { run, job } = createRun(session, dataset, settings, model, args.name)
    startJob(session, job, context.env)
    return await waited(
      {
        session: session.name,
        run: `r${run}`,
        job: `j${job}`,
        dataset: dataset.hash,
        folder: dataset.folder,
        trajectories: dataset.trajectories,
        resolved: dataset.resolved,
        pairs: dataset.pairs,
        dropped: dataset.dropped,
      },
      args.wait ? { session, job, context } : undefined,
    )
  },
  text: ({ run, job, trajectories, resolved, pairs, dropped, ended }) => {
    if (ended) return endText(ended)
    const reasons = [...Map.groupBy(dropped, ({ reason }) => reason)].map(
      ([reason, list]) => `  ${list.length} left out: ${safeText(reason)}`,
    )
    const learnt = `${count(trajectories, 'trajectory', 'trajectories')} (${resolved} resolved), ${count(pairs, 'pair')}`
    return [`${run} started as ${job}: ${learnt}. \`sealign train watch ${run}\` follows it.`, ...reasons].join('\n')
  },
  json: ({ exitCode: _exitCode, ended, ...started }) => ({ ...started, ...(ended && { ended }) }),
})

async function waited<Started extends object>(
  started: Started,
  waiting: { readonly session: Session; readonly job: number; readonly context: CommandContext } | undefined,
) {
  if (!waiting) return { ...started, ended: undefined, exitCode: 0 }
  const ended = await waitForJob(waiting.session, waiting.job, waiting.context)
  return { ...started, ended, exitCode: exitCodeOf(ended, waiting.context.signal) }
}

/** @throws SealignError `usage` for a word that is no stage. */
function stagesOf(text: string): RunStage[] {
  const words = text.split(',').map((word) => word.trim())
  const unknown = words.find((word) => !RUN_STAGES.some((stage) => stage === word))
  if (unknown === undefined) return RUN_STAGES.filter((stage) => words.includes(stage))
  throw new SealignError('usage', `train start: ${JSON.stringify(unknown)} is not a stage`, {
    hint: 'Stages are sft and dpo; both in this order: --stages sft,dpo',
  })
}

function settingsOf(
  { pairs, beta, learningRate, epochs, seed }: Args,
  stages: readonly RunStage[],
  { weights }: EmbeddedModel,
): EmbeddedTrainerSettings {
  const stage = { ...(learningRate !== undefined && { learningRate }), ...(epochs !== undefined && { epochs }) }
  const training = { stages, pairs, seed, sft: stage, dpo: stage, ...(beta !== undefined && { beta }) }
  return EmbeddedTrainerSettings.parse({ trainer: 'embedded', weights, seed, training })
}

function freeze(session: Session, { undecided, fraction, fractionOf, threshold, merge, seed }: Args): FrozenDataset {
  return freezeDataset(session, {
    pairs: undecided ? 'undecided' : 'accepted',
    fraction,
    fractionOf,
    seed,
    ...(threshold !== undefined && { threshold }),
    ...(merge !== undefined && { merge }),
  })
}

/** @throws SealignError `not-found` when a stage would have nothing to learn from. */
function checkContent({ trajectories, resolved, pairs }: FrozenDataset, stages: readonly RunStage[], args: Args): void {
  if (stages.includes('sft') && resolved === 0)
    throw new SealignError('not-found', 'train start: no trajectory that was resolved is left for SFT', {
      hint: '`sealign filter` says which trajectories are left out; --stages dpo does without.',
    })
  if (!stages.includes('dpo')) return
  if (args.pairs === 'critical' && pairs === 0)
    throw new SealignError('not-found', 'train start: there is no pair for DPO', {
      hint: args.undecided
        ? '`sealign pair stats` counts them; --stages sft does without.'
        : "Review some (`sealign`, then 3), accept many with `sealign pair accept --where 'P > 0.95'`, or take what nobody decided with --undecided.",
    })
  if (args.pairs === 'trajectory' && (resolved === 0 || resolved === trajectories))
    throw new SealignError('not-found', 'train start: DPO on whole trajectories needs resolved and unresolved ones', {
      hint: '`sealign tree list` counts them.',
    })
}

function createRun(
  session: Session,
  dataset: FrozenDataset,
  settings: EmbeddedTrainerSettings,
  { model }: EmbeddedModel,
  name: string | undefined,
): { run: number; job: number } {
  return session.record(() => {
    const job = session.jobs.create('training', JSON.stringify(settings))
    const run = session.runs.create({
      job,
      dataset: dataset.id,
      trainer: settings.trainer,
      model,
      settings: JSON.stringify(settings.training),
      ...(name !== undefined && { name }),
    })
    return { run, job }
  })
}
