import { resolve } from 'node:path'
import type { RunStage } from '../src/domain/run.ts'
import { SealignError } from '../src/domain/errors.ts'
import { TorchTrainerSettings } from '../src/jobs/training-settings.ts'
import { findPython, type TrainerPython } from '../src/training/torch/python.ts'
import type { CommandContext } from './define.ts'
import { readAdapter, type TorchModel } from './torch-model.ts'
import type { TorchArgs, TrainingArgs } from './train-args.ts'

/**
 * What a command line tells the torch trainer.
 * @throws SealignError `usage` for what does not fit together, `trainer` when there is no Python that could run it.
 */
export async function torchSettings(
  args: TrainingArgs & TorchArgs,
  stages: readonly RunStage[],
  { model, adapter }: TorchModel,
  context: CommandContext,
): Promise<TorchTrainerSettings> {
  const { beta, learningRate, epochs, seed, binTokens, valFraction, memoryGib, method } = args
  const lora = loraOf(args, adapter)
  const python = await pythonFor(args, context)
  const stage = { ...(learningRate !== undefined && { learningRate }), ...(epochs !== undefined && { epochs }) }
  return TorchTrainerSettings.parse({
    trainer: 'torch',
    python: python.path,
    processes: processesOf(args.gpus, python.gpus.length),
    training: {
      model,
      adapter,
      stages,
      seed,
      lora,
      sft: stage,
      dpo: { ...stage, ...(beta !== undefined && { beta }) },
      ...(method !== undefined && { method }),
      ...(binTokens !== undefined && { binTokens }),
      ...(valFraction !== undefined && { valFraction }),
      ...(memoryGib !== undefined && { memoryGib }),
    },
  })
}

/** The Python that `--python`, variables and settings mean. */
export function pythonFor({ python }: Pick<TorchArgs, 'python'>, context: CommandContext): Promise<TrainerPython> {
  const { env, config } = context
  const named = python?.includes('/') === true ? resolve(python) : python
  return findPython({ env, named, setting: config.get('python') }, (line) => context.progress(line))
}

/** An adapter that is gone on with keeps its rank. */
function loraOf({ rank, alpha, method }: TorchArgs, adapter: string | null): { rank?: number; alpha?: number } {
  const given = { ...(rank !== undefined && { rank }), ...(alpha !== undefined && { alpha }) }
  if (method === 'full' && (adapter !== null || rank !== undefined || alpha !== undefined))
    throw new SealignError('usage', '--method full trains every weight: no --adapter, --rank or --alpha goes with it', {
      hint: 'Merge an adapter into its model first (sealign train export RUN --merged --out DIR), then give --model DIR.',
    })
  if (adapter === null) return given
  const known = readAdapter(adapter)
  if ((rank ?? known.rank) !== known.rank || (alpha ?? known.alpha) !== known.alpha)
    throw new SealignError('usage', `the adapter ${adapter} has rank ${known.rank} and alpha ${known.alpha}`, {
      hint: 'Leave --rank and --alpha out: an adapter that is gone on with keeps them.',
    })
  return known
}

function processesOf(wanted: number | undefined, gpus: number): number {
  if (wanted !== undefined && gpus > 0 && wanted > gpus)
    throw new SealignError('usage', `--gpus ${wanted}: torch sees ${gpus} here`, {
      hint: 'nvidia-smi lists them; CUDA_VISIBLE_DEVICES may hide some.',
    })
  return wanted ?? Math.max(1, gpus)
}
