import { z } from 'zod'

/** Where a rollout ends, and how long its commands may take. */
export interface RolloutLimits {
  /** Replies of the Policy, malformed ones and plain messages included (the paper: 30). */
  readonly turns: number
  /** Tokens of prompt and reply together (the paper: 32,768); never more than the model itself can read. */
  readonly contextTokens: number
  /** Wall time from the Sandbox to the last Step, pauses left out. */
  readonly wallMs: number
  /** US dollars; `undefined`: no limit. Only counted where prices are configured. */
  readonly costUsd?: number | undefined
  /** A command that prints nothing for this long gives control back to the Policy and goes on running. */
  readonly quietMs: number
  /** Longest time of one command of a tool that does not let the Policy choose. */
  readonly commandTimeoutMs: number
  /** Replies in a row without any call after which a rollout has given up. */
  readonly messages: number
}

const DAY_MS = 86_400_000

/** Checks limits that come from outside; what is absent gets the defaults of the paper (30 turns, 32k tokens). */
export const rolloutLimitsSchema = z.strictObject({
  turns: z.int().min(1).max(10_000).default(30),
  contextTokens: z.int().min(256).max(100_000_000).default(32_768),
  wallMs: z
    .int()
    .min(1)
    .max(7 * DAY_MS)
    .default(3_600_000),
  costUsd: z.number().positive().optional(),
  quietMs: z.int().min(50).max(DAY_MS).default(30_000),
  commandTimeoutMs: z.int().min(50).max(DAY_MS).default(120_000),
  messages: z.int().min(1).max(1000).default(3),
})

export const DEFAULT_ROLLOUT_LIMITS: RolloutLimits = rolloutLimitsSchema.parse({})
