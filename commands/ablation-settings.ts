import { z } from 'zod'
import { ABLATION_TABLES } from '../src/evaluation/ablation.ts'
import { DEFAULT_ROLLOUT_LIMITS } from '../src/rollout/limits.ts'
import { DEMO_RULE } from './demo-settings.ts'

/** Sizes of the ablations: what `sealign demo` does, with more rollouts of each held-out task. */
export const ABLATE_ARGS = z.object({
  table: z
    .array(z.enum(ABLATION_TABLES))
    .default([...ABLATION_TABLES])
    .describe('parts of the method (table 5), data (table 6), threshold, merge; all when left out'),
  seeds: z
    .int()
    .min(1)
    .max(100)
    .default(5)
    .describe('repetitions, each with collection, training and evaluation of its own'),
  firstSeed: z.int().min(0).default(1).describe('the first seed; each repetition adds one'),
  train: z.int().min(1).default(40).describe('tasks that are learnt from'),
  heldOut: z.int().min(1).default(16).describe('tasks that measure'),
  collectorRuns: z.int().min(1).default(5).describe('rollouts of each task by the collector'),
  ownRuns: z.int().min(0).default(1).describe('rollouts of each task by the untrained policy'),
  evaluationRuns: z.int().min(1).default(3).describe('rollouts of each held-out task in each evaluation'),
  turns: z.int().min(1).default(DEFAULT_ROLLOUT_LIMITS.turns).describe('replies of one rollout at most'),
  temperature: z.number().min(0).default(1).describe('of every rollout by the policy'),
  rule: z.string().default(DEMO_RULE).describe('pairs it fits are accepted'),
  out: z
    .string()
    .optional()
    .describe(
      'folder of sessions and results; what it holds already is not done again (default: below the data folder)',
    ),
})
export type AblateArgs = z.output<typeof ABLATE_ARGS>
