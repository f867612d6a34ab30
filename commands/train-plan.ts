import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { z } from 'zod'
import { EXIT_CODES, SealignError } from '../src/domain/errors.ts'
import type { TorchTrainerSettings } from '../src/jobs/training-settings.ts'
import { RunFolder } from '../src/jobs/trainers/run-folder.ts'
import { planRun, type TrainingPlan } from '../src/training/torch/plan.ts'
import { findPython } from '../src/training/torch/python.ts'
import { safeText } from '../src/lib/safe-text.ts'
import { draftDataset } from '../sessions/freeze.ts'
import { type CommandContext, defineCommand } from './define.ts'
import { torchModel } from './torch-model.ts'
import { torchSettings } from './torch-settings.ts'
import { stagesOf, TORCH_ARGS, TRAINING_ARGS } from './train-args.ts'
import { checkContent, datasetChoice } from './train-dataset.ts'
import { planText } from './train-plan-text.ts'

export const trainPlan = defineCommand({
  name: 'train plan',
  summary: 'Say what a run of the torch trainer would take, and show what it would learn; nothing is started or frozen',
  example: 'sealign train plan --model models/Qwen2.5-Coder-7B-Instruct --gpu h200',
  args: z.object({
    trainer: z.enum(['torch']).default('torch').describe('the embedded trainer needs no plan'),
    model: z.string().min(1).describe('folder with config.json and tokenizer, a hub name, r1, r1/sft'),
    ...TRAINING_ARGS,
    ...TORCH_ARGS,
    gpu: z
      .string()
      .min(1)
      .optional()
      .describe('plan for such GPUs (h200, a100-80gb); those of this machine when left out'),
    mfu: z.number().gt(0).max(1).optional().describe('share of their peak that is reached; 0.4 when left out'),
    out: z
      .string()
      .min(1)
      .optional()
      .describe('folder for run.json and trees.jsonl, to train by hand or on other machines; new or empty'),
    samples: z.int().min(0).max(100).default(1).describe('examples of each stage that are shown as tokens'),
  }),
  async run(args, context) {
    const session = context.session()
    const stages = stagesOf('train plan', args.stages)
    const model = torchModel(session, args, 'config')
    // More GPUs may be planned for than are here.
    const settings = await torchSettings(
      { ...args, gpus: args.gpu === undefined ? args.gpus : undefined },
      stages,
      model,
      context,
    )
    const out = args.out === undefined ? undefined : freeFolder(args.out)
    const folder = mkdtempSync(join(tmpdir(), 'sealign-plan-'))
    try {
      context.progress('reading the session')
      const dataset = draftDataset(session, datasetChoice(args), folder)
      checkContent('train plan', dataset, { stages, kind: 'critical', undecided: args.undecided })
      const run = { run: out === undefined ? 'plan' : basename(out), ...settings.training }
      const { config } = prepared(join(folder, 'run'), dataset.folder, run)
      context.progress('rendering, tokenizing and packing the trees')
      const plan = await planned(settings, config, args, context)
      const isRefused = plan.lint.problems.some(({ severity }) => severity === 'refuse')
      if (out !== undefined && !isRefused) prepared(out, dataset.folder, run)
      return { plan, out: isRefused ? undefined : out, exitCode: isRefused ? EXIT_CODES.trainer : 0 }
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
  text: ({ plan, out }, style) =>
    out === undefined ? planText(plan, style) : `${planText(plan, style)}\n${outText(out)}`,
  json: ({ plan }) => plan,
})

/** @throws SealignError `usage` when something is there. */
function freeFolder(word: string): string {
  const folder = resolve(word)
  if (!existsSync(folder) || readdirSync(folder).length === 0) return folder
  throw new SealignError('usage', `train plan: ${folder} is not empty`, { hint: 'Name a new folder with --out.' })
}

function prepared(folder: string, dataset: string, run: Parameters<RunFolder['prepare']>[1]): RunFolder {
  const made = new RunFolder(folder)
  made.prepare(dataset, run)
  return made
}

function outText(out: string): string {
  const folder = safeText(out)
  return [
    `run.json and trees.jsonl are in ${folder}. To train, in trainer/ with its Python:`,
    `  python -m sealign_trainer train --config ${folder}/run.json`,
    `Then \`sealign train attach ${folder}\` shows it.`,
  ].join('\n')
}

interface PlanArgs {
  readonly gpu?: string | undefined
  readonly gpus?: number | undefined
  readonly mfu?: number | undefined
  readonly samples: number
}

async function planned(
  { python, processes }: TorchTrainerSettings,
  config: string,
  { gpu, gpus, mfu, samples }: PlanArgs,
  context: CommandContext,
): Promise<TrainingPlan> {
  const common = [
    'plan',
    '--config',
    config,
    '--samples',
    String(samples),
    ...(mfu === undefined ? [] : ['--mfu', String(mfu)]),
  ]
  const call = (words: readonly string[]): Promise<TrainingPlan> =>
    planRun({
      python,
      words: [...common, ...words],
      env: context.env,
      signal: context.signal,
      progress: (line) => context.progress(line),
    })
  if (gpu !== undefined) return await call(['--gpu', gpu, '--gpus', String(gpus ?? 1)])
  const [own] = (await findPython({ env: context.env, named: python })).gpus
  if (own === undefined) return await call(['--gpus', String(processes)])
  try {
    return await call(['--gpu', own.name, '--gpus', String(processes)])
  } catch (error) {
    // A GPU that the trainer has no figures of: the plan is one without times.
    if (!(error instanceof SealignError) || error.code !== 'usage') throw error
    return await call(['--gpus', String(processes)])
  }
}
