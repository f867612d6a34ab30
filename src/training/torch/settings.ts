import { z } from 'zod'
import { RUN_STAGES } from '../../domain/run.ts'

const Stage = z.strictObject({
  /** Passes over the examples at most (paper §5.4: 10). */
  epochs: z.int().min(1).default(10),
  /** At its peak; null: 1e-4 (sft) and 1e-5 (dpo) for LoRA, 3e-7 for every weight (paper §5.4). */
  learningRate: z.number().positive().nullable().default(null),
  /** Share of the steps in which the learning rate rises; then it falls in a line to 0. */
  warmup: z.number().min(0).max(1).default(0.1),
  weightDecay: z.number().min(0).default(0),
  /** Bins of an optimizer step on each process. */
  binsPerStep: z.int().min(1).default(1),
  /** Evaluations without a better one that end the stage; 0: it is never ended early. */
  patience: z.int().min(0).default(3),
})

/** What the torch trainer is told: `run.json` in the Run's folder (trainer/contract/run.schema.json). Nothing else may stand there. */
export const TorchRun = z.strictObject({
  v: z.literal(1),
  /** What the Run is called in its events: `r3`. */
  run: z.string().min(1),
  /** Absolute: where the trainer writes everything. */
  folder: z.string().min(1),
  /** Absolute: trees.jsonl, one Tree a line. */
  trees: z.string().min(1),
  /** A folder of a model (config.json, tokenizer, weights) or a hub's name for one. */
  model: z.string().min(1),
  /** Folder of a LoRA adapter to go on from; null: none. */
  adapter: z.string().nullable().default(null),
  method: z.enum(['lora', 'full']).default('lora'),
  stages: z
    .array(z.enum(RUN_STAGES))
    .min(1)
    .default([...RUN_STAGES]),
  /** Decides order, split and initial adapter. */
  seed: z.int().min(0).default(0),
  /** Positions of a bin, for all of a Run. */
  binTokens: z.int().min(16).default(32_768),
  device: z.enum(['auto', 'cpu', 'cuda']).default('auto'),
  /** Of weights and activations; auto: bfloat16 on CUDA, float32 on a CPU. */
  dtype: z.enum(['auto', 'bfloat16', 'float32', 'float64']).default('auto'),
  attention: z.enum(['auto', 'dense', 'flex']).default('auto'),
  /** Memory of a GPU that may be used, GiB; null: what it has. */
  memoryGib: z.number().positive().nullable().default(null),
  lora: z
    .strictObject({
      /** One that vLLM loads. */
      rank: z.union([1, 8, 16, 32, 64, 128, 256, 320, 512].map((rank) => z.literal(rank))).default(64),
      /** The adapter is scaled by alpha / rank. */
      alpha: z.number().positive().default(128),
    })
    .prefault({}),
  sft: Stage.prefault({}),
  dpo: Stage.extend({
    /** β of eq. 5. */
    beta: z.number().positive().default(0.1),
  }).prefault({}),
  /** Share of the repositories (of the Tasks where none is known) that is held out, in [0, 1). */
  valFraction: z.number().min(0).lt(1).default(0.1),
  maxGradNorm: z.number().positive().default(1),
  /** Optimizer steps between two kept states; a stage's end and a stop keep one anyway. */
  stateEvery: z.int().min(1).default(20),
  /** Optimizer steps between two evaluations; null: one after each pass. */
  evalEvery: z.int().min(1).nullable().default(null),
})
export type TorchRun = z.infer<typeof TorchRun>

/** `control.json` in the Run's folder: what a person asked for last. The trainer reads it between two optimizer steps. */
export const TorchControl = z.object({
  v: z.literal(1),
  /** Rest until it is false again. */
  pause: z.boolean(),
  /** Keep a state and end. */
  stop: z.boolean(),
})
export type TorchControl = z.infer<typeof TorchControl>
