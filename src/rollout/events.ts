import type { Json } from '../domain/json.ts'
import type { Message } from '../domain/message.ts'
import type { StepDraft } from '../domain/trajectory.ts'
import type { PolicyReply } from '../policy/policy.ts'
import type { WorkspaceStart } from './private-git.ts'
import type { StuckDetection } from './stuck.ts'

/**
 * Why a rollout ended.
 * `finished`: the Policy said so · `gave-up`: it talked on without acting after every nudge · the limits · `stuck` ·
 * `cancelled` by a person · `diverged`: a replayed prefix saw other observations · `infrastructure`: our machinery failed.
 */
export const END_REASONS = [
  'finished',
  'gave-up',
  'turn-limit',
  'context-limit',
  'time-limit',
  'cost-limit',
  'stuck',
  'cancelled',
  'diverged',
  'infrastructure',
] as const
export type EndReason = (typeof END_REASONS)[number]

/** What a rollout is doing right now. */
export type Phase = 'sandbox' | 'replay' | 'query' | 'retry' | 'execute' | 'patch'

/** Use of a rollout so far. */
export interface Usage {
  /** Tokens read and written over all requests. */
  readonly promptTokens: number
  readonly completionTokens: number
  /** Tokens of the newest prompt with its reply: how full the context is. */
  readonly contextTokens: number
  readonly costUsd: number
}

/** What a rollout tells while it runs, in order. */
export type RolloutEvent =
  | { readonly type: 'phase'; readonly phase: Phase; readonly note?: string }
  /** Once, before the first query: messages and tools as the Policy gets them, and the commit patches are made against. */
  | {
      readonly type: 'prompt'
      readonly prompt: readonly Message[]
      readonly tools?: readonly Json[]
      /** What patches are made against; a rollout that begins from a snapshot needs it. */
      readonly start?: WorkspaceStart
    }
  | { readonly type: 'delta'; readonly channel: 'content' | 'reasoning' | 'call'; readonly text: string }
  /** The reply is complete; its Action is about to run. */
  | { readonly type: 'reply'; readonly t: number; readonly label: string }
  | { readonly type: 'output'; readonly text: string }
  /** A whole Step; must be stored before the next query, so the rollout waits for whoever hears it. */
  | {
      readonly type: 'step'
      readonly t: number
      readonly step: StepDraft
      readonly usage: Usage
      readonly timing: StepTiming
      /** How the reply was drawn; absent for a Step of a prefix. */
      readonly reply?: Omit<PolicyReply, 'message' | 'durationMs' | 'costUsd'>
      /** It replaces the newest Step (same `t`): a person spoke to the Policy while the rollout was paused. */
      readonly amends?: true
    }
  | { readonly type: 'stuck'; readonly detection: StuckDetection; readonly effect: 'flagged' | 'nudged' | 'stopped' }
  | { readonly type: 'nudge'; readonly text: string; readonly by: 'stuck' | 'person' | 'profile' }
  /** The patch so far, when it changed. */
  | { readonly type: 'patch'; readonly patch: string }

/** Where the time of one Step went, milliseconds; `overheadMs` is ours: everything but policy and command. */
export interface StepTiming {
  readonly policyMs: number
  readonly commandMs: number
  readonly overheadMs: number
}

/** How a rollout ended. */
export interface RolloutEnd {
  readonly end: EndReason
  /** One sentence, when `end` is `infrastructure` or `diverged`. */
  readonly infrastructure?: string
  /** Unified diff of the repository against its state before the first Step; `''`: nothing changed; `undefined`: it could not be read. */
  readonly patch: string | undefined
}
