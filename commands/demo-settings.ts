import { z } from 'zod'
import { DEFAULT_ROLLOUT_LIMITS } from '../src/rollout/limits.ts'

/** How large a demonstration is; kept with its job, so that another process can go on. */
export const DemoSettings = z.object({
  seed: z.int(),
  /** Tasks that are learnt from, and others that measure. */
  train: z.int().min(1),
  heldOut: z.int().min(1),
  /** Rollouts of each task by the collector, and by the untrained policy itself. */
  collectorRuns: z.int().min(1),
  ownRuns: z.int().min(0),
  /** Rollouts of each held-out task in each evaluation. */
  evaluationRuns: z.int().min(1),
  turns: z.int().min(1),
  /** Of every rollout by the policy, evaluations included. */
  temperature: z.number().min(0),
  /** Pairs the rule fits are accepted where no person decided. */
  rule: z.string(),
  /** How long the screen shows the trees, and how long a person has to begin a review, seconds. */
  treeSeconds: z.number().min(0),
  reviewSeconds: z.number().min(0),
})
export type DemoSettings = z.infer<typeof DemoSettings>

/** What decides without a person: see docs/embedded-loop.md for how it was chosen. */
export const DEMO_RULE = 'P > 0.3 and not flag(whitespace-only) and not flag(same-effect)'

/** The default size, which takes less than two minutes on two cores, and a smaller one. */
const SIZES = {
  default: { train: 20, heldOut: 16, collectorRuns: 5, ownRuns: 1, evaluationRuns: 1 },
  fast: { train: 8, heldOut: 6, collectorRuns: 4, ownRuns: 1, evaluationRuns: 1 },
} as const

/**
 * @param tasks - tasks that are learnt from; held-out ones are taken in proportion.
 * @param watched - somebody looks at it: the trees stay for a moment, and a review may begin.
 */
export function demoSettings({
  seed,
  fast,
  tasks,
  watched,
}: {
  readonly seed: number
  readonly fast: boolean
  readonly tasks: number | undefined
  readonly watched: boolean
}): DemoSettings {
  const size = SIZES[fast ? 'fast' : 'default']
  const { train, heldOut } = SIZES.default
  const chosen =
    tasks === undefined ? {} : { train: tasks, heldOut: Math.max(1, Math.round((tasks * heldOut) / train)) }
  return {
    ...size,
    ...chosen,
    seed,
    turns: DEFAULT_ROLLOUT_LIMITS.turns,
    temperature: 1,
    rule: DEMO_RULE,
    treeSeconds: watched ? 4 : 0,
    reviewSeconds: watched ? 12 : 0,
  }
}
