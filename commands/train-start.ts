import { z } from 'zod'
import { SealignError } from '../src/domain/errors.ts'
import { PAIR_KINDS, type RunStage } from '../src/domain/run.ts'
import { embeddedWeights } from '../src/jobs/embedded-weights.ts'
import { EmbeddedTrainerSettings, type TrainingJobSettings } from '../src/jobs/training-settings.ts'
import { safeText } from '../src/lib/safe-text.ts'
import { type FrozenDataset, freezeDataset } from '../sessions/freeze.ts'
import type { Session } from '../sessions/session.ts'
import { type CommandContext, defineCommand } from './define.ts'
import { startJob } from './job.ts'
import { endText, exitCodeOf, waitForJob } from './job-wait.ts'
import { count } from './table.ts'
import { torchModel } from './torch-model.ts'
import { torchSettings } from './torch-settings.ts'
import { givenFlag, stagesOf, TORCH_ARGS, TRAINING_ARGS } from './train-args.ts'
import { checkContent, datasetChoice } from './train-dataset.ts'
import { embeddedModel } from './train-model.ts'
import { flagOf } from './parse.ts'

const ARGS = z.object({
  trainer: z
    .enum(['embedded', 'torch'])
    .default('embedded')
    .describe('embedded trains our small network, torch a language model'),
  model: z
    .string()
    .min(1)
    .default('base')
    .describe('what it starts from: base, r1, r1/sft, a file of weights; torch: a folder, a hub name, r1, r1/sft'),
  ...TRAINING_ARGS,
  pairs: z
    .enum(PAIR_KINDS)
    .default('critical')
    .describe('what DPO compares: the two actions of critical pairs, or (embedded) whole trajectories'),
  ...TORCH_ARGS,
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
    const session = context.session()
    const stages = stagesOf('train start', args.stages)
    const chosen =
      args.trainer === 'torch' ? await forTorch(args, stages, context) : await forEmbedded(args, stages, context)
    context.progress('freezing the dataset')
    const dataset = freezeDataset(session, datasetChoice(args))
    checkContent('train start', dataset, { stages, kind: args.pairs, undecided: args.undecided })
    const { run, job } = createRun(session, dataset, chosen, args.name)
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
      args.wait ? { session, run, job, context } : undefined,
    )
  },
  text: ({ run, job, trajectories, resolved, pairs, dropped, ended, hint }) => {
    if (ended) return [endText(ended), ...(hint === undefined ? [] : [safeText(hint)])].join('\n')
    const reasons = [...Map.groupBy(dropped, ({ reason }) => reason)].map(
      ([reason, list]) => `  ${list.length} left out: ${safeText(reason)}`,
    )
    const learnt = `${count(trajectories, 'trajectory', 'trajectories')} (${resolved} resolved), ${count(pairs, 'pair')}`
    return [`${run} started as ${job}: ${learnt}. \`sealign train watch ${run}\` follows it.`, ...reasons].join('\n')
  },
  json: ({ exitCode: _exitCode, ended, hint, ...started }) => ({
    ...started,
    ...(ended && { ended }),
    ...(hint !== undefined && { hint }),
  }),
})

async function waited<Started extends object>(
  started: Started,
  waiting:
    | { readonly session: Session; readonly run: number; readonly job: number; readonly context: CommandContext }
    | undefined,
) {
  if (!waiting) return { ...started, ended: undefined, hint: undefined, exitCode: 0 }
  const { session, run, job, context } = waiting
  const ended = await waitForJob(session, job, context)
  const hint = ended.state === 'failed' ? session.runs.progress(run).end?.error?.hint : undefined
  return { ...started, ended, hint, exitCode: exitCodeOf(ended, context.signal) }
}

/** What a trainer is told, and what it starts from in words. */
interface Chosen {
  readonly settings: Exclude<TrainingJobSettings, { trainer: 'external' }>
  readonly model: string
}

async function forEmbedded(args: Args, stages: readonly RunStage[], context: CommandContext): Promise<Chosen> {
  const other = givenFlag(args, Object.keys(TORCH_ARGS))
  if (other !== undefined) throw new SealignError('usage', `train start: --${flagOf(other)} belongs to --trainer torch`)
  const { model, weights } = embeddedModel(context.session(), args.model)
  const { pairs, beta, learningRate, epochs, seed } = args
  const stage = { ...(learningRate !== undefined && { learningRate }), ...(epochs !== undefined && { epochs }) }
  const training = { stages, pairs, seed, sft: stage, dpo: stage, ...(beta !== undefined && { beta }) }
  const settings = EmbeddedTrainerSettings.parse({ trainer: 'embedded', weights, seed, training })
  await embeddedWeights(settings)
  return { settings, model }
}

async function forTorch(args: Args, stages: readonly RunStage[], context: CommandContext): Promise<Chosen> {
  if (args.pairs !== 'critical')
    throw new SealignError('usage', 'train start: the torch trainer compares the two actions of critical pairs only', {
      hint: 'Leave --pairs out, or take --trainer embedded.',
    })
  const model = torchModel(context.session(), args, 'weights')
  return { settings: await torchSettings(args, stages, model, context), model: model.name }
}

function createRun(
  session: Session,
  dataset: FrozenDataset,
  { settings, model }: Chosen,
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
