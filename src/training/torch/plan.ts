import { z } from 'zod'
import { EXIT_CODES, SealignError } from '../../domain/errors.ts'
import { RUN_STAGES } from '../../domain/run.ts'
import { callTrainer, type TrainerCall } from './trainer-call.ts'

const nullable = z.number().nullable()

const StagePlan = z.looseObject({
  /** Examples that carry loss: actions for `sft`, pairs for `dpo`. */
  examples: z.int(),
  validation: z.int(),
  /** A pass over the training examples: as unpacked rows, as packed, and those that carry loss. */
  tokens: z.looseObject({ logical: z.int(), packed: z.int(), loss: z.int() }),
  /** Logical tokens over packed ones; null: there are none. */
  sharing: nullable,
  bins: z.int(),
  validationBins: z.int(),
  /** Share of the bins' positions that holds a token. */
  fill: nullable,
  dropped: z.array(z.looseObject({ id: z.string(), reason: z.string() })),
  stepsPerEpoch: z.int(),
  epochs: z.int(),
  totalSteps: z.int(),
  /** With evaluation; null: nobody said what computes it. */
  secondsPerEpoch: nullable,
  /** Of every pass at most, and the reference. */
  seconds: nullable,
})

const Sample = z.looseObject({
  stage: z.enum(RUN_STAGES),
  id: z.string(),
  side: z.enum(['chosen', 'rejected']).nullable(),
  tokens: z.int(),
  lossTokens: z.int(),
  /** The text of its tokens, cut where loss begins and ends. */
  runs: z.array(z.looseObject({ text: z.string(), loss: z.boolean() })),
})

/** What a Run will take, and what is wrong with its data, as `sealign_trainer plan` says it; bytes, seconds. */
export const TrainingPlan = z.looseObject({
  v: z.literal(1),
  model: z.looseObject({
    id: z.string(),
    params: z.int(),
    trainable: z.int(),
    method: z.enum(['lora', 'full']),
    rank: z.int().nullable(),
    dtype: z.string(),
    layers: z.int(),
  }),
  gpu: z.looseObject({ name: z.string(), count: z.int(), memoryBytes: z.number(), mfu: z.number() }).nullable(),
  trees: z.int(),
  trajectories: z.int(),
  pairs: z.int(),
  /** Trees that are learnt from, and those that are held out. */
  split: z.looseObject({ training: z.int(), validation: z.int() }),
  binTokens: z.int(),
  stages: z.partialRecord(z.enum(RUN_STAGES), StagePlan),
  memory: z.looseObject({
    /** Of each GPU, by what it is for, and `total`. */
    bytes: z.record(z.string(), z.number()),
    checkpointedLayers: z.int(),
    budgetBytes: nullable,
    /** null: nobody said how much there is. */
    fits: z.boolean().nullable(),
    problem: z.string().optional(),
    advice: z.string().nullish(),
  }),
  estimate: z.looseObject({ seconds: nullable }),
  lint: z.looseObject({
    problems: z.array(
      z.looseObject({
        severity: z.enum(['refuse', 'warn']),
        kind: z.string(),
        what: z.string(),
        where: z.array(z.string()),
      }),
    ),
    samples: z.array(Sample),
  }),
})
export type TrainingPlan = z.infer<typeof TrainingPlan>
export type PlanSample = z.infer<typeof Sample>

/**
 * Asks the trainer what a Run will take.
 * @throws SealignError with the trainer's own sentence; `contract` for an answer that is no plan.
 */
export async function planRun(call: TrainerCall): Promise<TrainingPlan> {
  // A plan that the linter refuses is an answer as well.
  const { stdout } = await callTrainer(
    call,
    (code, text) => code === 0 || (code === EXIT_CODES.trainer && text.trimStart().startsWith('{')),
  )
  const parsed = TrainingPlan.safeParse(parsedJson(stdout))
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new SealignError('contract', `the trainer’s plan is not valid: ${issue?.path.join('.')}: ${issue?.message}`, {
    hint: 'sealign and its trainer/ folder must be of one version.',
  })
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
