import { z } from 'zod'
import { PAIR_KINDS, RUN_STAGES } from '../../domain/run.ts'

const stageSettings = (defaults: { learningRate: number; epochs: number; batch: number }) =>
  z
    .object({
      /** At its peak, after the warm-up. */
      learningRate: z.number().positive().default(defaults.learningRate),
      /** Passes over the examples at most (paper §5.4: 10). */
      epochs: z.int().min(1).default(defaults.epochs),
      /** Examples of one optimizer step: decisions for `sft`, pairs for `dpo`. */
      batch: z.int().min(1).default(defaults.batch),
    })
    .prefault({})

/** How the embedded policy is trained. Every default was chosen by measuring (docs/training.md). */
export const EmbeddedSettings = z.object({
  /** The order is always `sft`, then `dpo`. */
  stages: z
    .array(z.enum(RUN_STAGES))
    .min(1)
    .default([...RUN_STAGES])
    .transform((stages) => RUN_STAGES.filter((stage) => stages.includes(stage))),
  pairs: z.enum(PAIR_KINDS).default('critical'),
  /** β of equation 5; the paper does not give it. */
  beta: z.number().positive().default(0.1),
  sft: stageSettings({ learningRate: 2e-3, epochs: 10, batch: 8 }),
  dpo: stageSettings({ learningRate: 5e-4, epochs: 10, batch: 4 }),
  /** Share of a stage's steps in which the learning rate rises; after it, it falls to 0 in a line. */
  warmup: z.number().min(0).max(1).default(0.1),
  /** Decoupled, per unit of learning rate. */
  weightDecay: z.number().min(0).default(0.1),
  /** A gradient longer than this is shortened to it. */
  clip: z.number().positive().default(1),
  /** Evaluations in a row without a lower held-out loss after which a stage ends. */
  patience: z.int().min(1).default(3),
  /** With fewer held-out examples than this the best evaluation is chance: a stage runs to its end and keeps the last. */
  judges: z.int().min(0).default(10),
  /** Share of the Tasks whose examples are held out. */
  heldOut: z.number().min(0).max(0.9).default(0.15),
  seed: z.int().default(0),
})
export type EmbeddedSettings = z.infer<typeof EmbeddedSettings>
