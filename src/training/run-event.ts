import { z } from 'zod'
import { RUN_STAGES } from '../domain/run.ts'

const finite = z.number()
const nullable = finite.nullable()
const stage = z.enum(RUN_STAGES)
/** When it happened, seconds since the epoch, where it is told later than that. */
const t = finite.optional()

/** Figures of a step or an evaluation, by the names that trainers of this field log (TRL): a value that is not finite is null. */
const Figures = z.record(z.string(), nullable)

/**
 * What a trainer says, in order; every trainer says it in this form (one JSON object a line from a process, an object in ours).
 * `step` counts optimizer steps within a stage, from 1; step 0 is before the first.
 */
export const RunEvent = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('start'),
    t,
    stage,
    /** Settings of the stage, as they were used. */
    config: z.record(z.string(), z.json()),
    model: z.object({
      id: z.string(),
      params: z.int(),
      /** Parameters that are trained; all of them where it is not said. */
      trainable: z.int().optional(),
      /** Of weights and activations: `bfloat16`. */
      dtype: z.string().optional(),
      /** What computes: `wasm`, `cpu, dense attention`, `NVIDIA H200, flex attention`. */
      backend: z.string().optional(),
    }),
    data: z.object({
      /** Examples that carry loss: actions for `sft`, pairs for `dpo`; for training and for validation. */
      examples: z.int(),
      validation: z.int(),
      trajectories: z.int(),
      pairs: z.int(),
      dropped: z.array(z.object({ id: z.string(), reason: z.string() })),
      /** A pass over the training examples in tokens: as unpacked rows, as packed, and those that carry loss. */
      tokens: z.object({ logical: z.int(), packed: z.int(), loss: z.int() }).optional(),
      bins: z.int().optional(),
    }),
    /** Processes that train together; 1 where it is not said. */
    world: z.int().optional(),
    /** What was estimated beforehand, a GPU. */
    estimate: z.object({ memoryBytes: nullable, seconds: nullable }).optional(),
    totalSteps: z.int(),
    epochs: finite,
    /** After a pause or a crash: the step that is already done. */
    resume: z.object({ step: z.int() }).optional(),
  }),
  z.object({
    type: z.literal('phase'),
    name: z.enum(['load', 'tokenize', 'pack', 'compile', 'reference', 'train', 'eval', 'save']),
    stage: stage.optional(),
    done: z.int().optional(),
    total: z.int().optional(),
  }),
  z.object({
    type: z.literal('step'),
    t,
    stage,
    step: z.int(),
    epoch: finite,
    /**
     * `loss`, `learning_rate`, `grad_norm`; dpo: `rewards/chosen`, `rewards/rejected`, `rewards/margins`, `rewards/accuracies`, `logps/chosen`, `logps/rejected`; sft: `mean_token_accuracy`, `entropy`.
     * Of a trainer on a GPU also `tokens_per_second` (packed), `tokens_per_second_logical`, `mfu` and `hfu` in [0, 1], `memory_peak_gib`.
     */
    metrics: Figures,
    /** Ids of the pairs (dpo) or Trajectories (sft) the step learnt from. */
    batch: z.array(z.string()),
    /** dpo: the reward margin of each of `batch` before the step. */
    margins: z.array(nullable).optional(),
    etaSeconds: nullable,
  }),
  z.object({
    type: z.literal('eval'),
    t,
    stage,
    step: z.int(),
    /** The same names on held-out examples, with `eval_` before them. */
    metrics: Figures,
    best: z.boolean(),
    /** dpo: held-out pairs by the number of actions before them, `from` … `to` (both included). */
    byDepth: z
      .array(z.object({ from: z.int(), to: z.int(), pairs: z.int(), accuracy: nullable, margin: nullable }))
      .optional(),
    /** dpo: the reward margin of each held-out pair. */
    pairs: z.array(z.object({ id: z.string(), margin: nullable })).optional(),
  }),
  z.object({
    type: z.literal('gpu'),
    /** What nvidia-smi said of each GPU; null: it did not say. */
    gpus: z.array(
      z.object({
        index: z.int(),
        name: z.string(),
        /** Percent. */
        utilization: nullable,
        memoryUsedBytes: nullable,
        memoryTotalBytes: nullable,
        /** Degrees Celsius. */
        temperature: nullable,
        /** Watts. */
        power: nullable,
        powerLimit: nullable,
      }),
    ),
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
    /** Of a failure: its name (`memory`, `non-finite`, …) and what to do. */
    error: z.object({ name: z.string(), hint: z.string().optional() }).optional(),
  }),
])
export type RunEvent = z.infer<typeof RunEvent>

/** A line of a trainer's stdout and of events.jsonl (trainer/contract/event.schema.json): an event with its place. */
export const EventLine = z.intersection(
  RunEvent,
  z.object({
    v: z.literal(1),
    /** 1, 2, … within the Run, also over its processes. */
    seq: z.int().min(1),
    /** Seconds since the epoch. */
    t: finite,
    run: z.string(),
  }),
)
export type EventLine = z.infer<typeof EventLine>
