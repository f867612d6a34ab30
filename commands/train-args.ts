import { z } from 'zod'
import { SealignError } from '../src/domain/errors.ts'
import { MERGE_MODES } from '../src/domain/merge-mode.ts'
import { RUN_STAGES, type RunStage } from '../src/domain/run.ts'
import { PREFIX_CHOICES } from '../sessions/examples.ts'

/** What a Run learns from, and what it does with it. */
export const TRAINING_ARGS = {
  stages: z.string().default(RUN_STAGES.join(',')).describe('sft, dpo, or sft,dpo'),
  beta: z.number().positive().optional().describe('β of the DPO loss: how far the policy may move'),
  learningRate: z.number().positive().optional().describe('at its peak, of every stage'),
  epochs: z.int().min(1).max(1000).optional().describe('passes over the examples at most, of every stage'),
  seed: z.int().min(0).default(0).describe('decides batches, what is held out, shares, and what begins untrained'),
  undecided: z.boolean().default(false).describe('also pairs that are pending or skipped'),
  fraction: z.number().gt(0).max(1).default(1).describe('share of the tasks (or pairs) that is learnt from'),
  fractionOf: z.enum(['tasks', 'pairs']).default('tasks').describe('what --fraction is a share of'),
  prefix: z
    .enum(PREFIX_CHOICES)
    .default('chosen')
    .describe('messages before a pair: the chosen side’s own, or shared by the pairs of a branch (smaller trees)'),
  threshold: z.number().min(0).max(1).optional().describe('only pairs past this difference of two rates'),
  merge: z.enum(MERGE_MODES).optional().describe('only pairs of trees merged in this mode'),
}
export type TrainingArgs = z.output<z.ZodObject<typeof TRAINING_ARGS>>

/** What only the torch trainer knows. */
export const TORCH_ARGS = {
  adapter: z.string().min(1).optional().describe('torch: folder of a LoRA adapter to go on from'),
  method: z
    .enum(['lora', 'full'])
    .optional()
    .describe('torch: train an adapter (lora, what it does by itself) or every weight'),
  binTokens: z.int().min(16).optional().describe('torch: positions computed at once; 32768 when left out'),
  rank: z
    .literal([1, 8, 16, 32, 64, 128, 256, 320, 512])
    .optional()
    .describe('torch: rank of the adapter; 64 when left out'),
  alpha: z.number().positive().optional().describe('torch: the adapter is scaled by alpha / rank; 128 when left out'),
  gpus: z
    .int()
    .min(1)
    .max(1024)
    .optional()
    .describe('torch: processes on this machine; one for each GPU, or one without GPUs, when left out'),
  valFraction: z
    .number()
    .min(0)
    .lt(1)
    .optional()
    .describe('torch: share of the repositories that is held out; 0.1 when left out'),
  memoryGib: z.number().positive().optional().describe('torch: memory of a GPU that may be used; all when left out'),
  python: z.string().min(1).optional().describe('torch: the Python that has torch, transformers and peft'),
}
export type TorchArgs = z.output<z.ZodObject<typeof TORCH_ARGS>>

/** @throws SealignError `usage` for a word that is no stage. */
export function stagesOf(command: string, text: string): RunStage[] {
  const words = text.split(',').map((word) => word.trim())
  const unknown = words.find((word) => !RUN_STAGES.some((stage) => stage === word))
  if (unknown === undefined) return RUN_STAGES.filter((stage) => words.includes(stage))
  throw new SealignError('usage', `${command}: ${JSON.stringify(unknown)} is not a stage`, {
    hint: 'Stages are sft and dpo; both in this order: --stages sft,dpo',
  })
}

/** The first of these flags that was given. */
export function givenFlag(args: Readonly<Record<string, unknown>>, names: readonly string[]): string | undefined {
  return names.find((name) => args[name] !== undefined)
}
