import { z } from 'zod'
import { RUN_STAGES } from '../domain/run.ts'

const finite = z.number()
const nullable = finite.nullable()
const stage = z.enum(RUN_STAGES)

/** Figures of a step or an evaluation, by the names that trainers of this field log (TRL): a value that is not finite is null. */
const Figures = z.record(z.string(), nullable)

/**
 * What a trainer says, in order; every trainer says it in this form (one JSON object a line from a process, an object in ours).
 * `step` counts optimizer steps within a stage, from 1; step 0 is before the first.
 */
export const RunEvent = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('start'),
    stage,
    /** Settings of the stage, as they were used. */
    config: z.record(z.string(), z.json()),
    model: z.object({ id: z.string(), params: z.int(), backend: z.string().optional() }),
    data: z.object({
      /** Examples that carry loss: actions for `sft`, pairs for `dpo`; for training and for validation. */
      examples: z.int(),
      validation: z.int(),
      trajectories: z.int(),
      pairs: z.int(),
      dropped: z.array(z.object({ id: z.string(), reason: z.string() })),
    }),
    totalSteps: z.int(),
    epochs: finite,
    /** After a pause or a crash: the step that is already done. */
    resume: z.object({ step: z.int() }).optional(),
  }),
  z.object({
    type: z.literal('phase'),
    name: z.enum(['load', 'reference', 'train', 'eval', 'save']),
    stage: stage.optional(),
  }),
  z.object({
    type: z.literal('step'),
    stage,
    step: z.int(),
    epoch: finite,
    /** `loss`, `learning_rate`, `grad_norm`; dpo: `rewards/chosen`, `rewards/rejected`, `rewards/margins`, `rewards/accuracies`, `logps/chosen`, `logps/rejected`; sft: `mean_token_accuracy`, `entropy`. */
    metrics: Figures,
    /** Ids of the pairs (dpo) or Trajectories (sft) the step learnt from. */
    batch: z.array(z.string()),
    etaSeconds: nullable,
  }),
  z.object({
    type: z.literal('eval'),
    stage,
    step: z.int(),
    /** The same names on held-out examples, with `eval_` before them. */
    metrics: Figures,
    best: z.boolean(),
  }),
  z.object({
    type: z.literal('checkpoint'),
    stage,
    step: z.int(),
    path: z.string(),
    kind: z.enum(['best', 'state', 'final']),
    sha256: z.string(),
  }),
  z.object({ type: z.literal('warning'), stage: stage.optional(), step: z.int().optional(), message: z.string() }),
  z.object({
    type: z.literal('end'),
    status: z.enum(['completed', 'stopped', 'failed']),
    /** The stage's best evaluation, by stage. */
    best: z.array(z.object({ stage, step: z.int(), loss: finite, path: z.string() })),
    seconds: finite,
    message: z.string().optional(),
  }),
])
export type RunEvent = z.infer<typeof RunEvent>
