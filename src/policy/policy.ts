import type { Json, JsonObject } from '../domain/json.ts'
import type { Message } from '../domain/message.ts'

/** How replies are drawn; every field is left to the server where absent. */
export interface Sampling {
  /** ≥ 0. */
  readonly temperature?: number
  /** In (0, 1]. */
  readonly topP?: number
  /** Tokens of one reply at most. */
  readonly maxTokens?: number
  readonly seed?: number
  /** Keep the log-probability of each sampled token, where the server gives it. */
  readonly logprobs?: boolean
}

export interface PolicyRequest {
  /** The conversation so far, literal; grows only at its end (prefix caching). */
  readonly messages: readonly Message[]
  /** Tool definitions (OpenAI function form) for native calls; absent in text form. */
  readonly tools?: readonly Json[]
  readonly sampling: Sampling
  /** Text at which a reply ends; never together with `tools`. */
  readonly stop?: readonly string[]
  readonly signal: AbortSignal
  /** Hears the reply as it comes. */
  readonly onDelta?: (delta: ReplyDelta) => void
  /** Hears that the server was busy or broke off and is asked again. */
  readonly onRetry?: (retry: PolicyRetry) => void
  /** Looked at whenever a delta came: `true` ends the stream early (chanting); the reply so far counts. */
  readonly abandon?: () => boolean
}

export interface ReplyDelta {
  readonly channel: 'content' | 'reasoning' | 'call'
  readonly text: string
}

export interface PolicyRetry {
  /** Why, one phrase for people: `503 from the server`, `stream broke off`. */
  readonly reason: string
  readonly attempt: number
  readonly waitMs: number
}

export interface PolicyReply {
  readonly message: Message
  /** `stop`: the Policy ended by itself or at a stop text; `length`: cut at `maxTokens`; `abandoned`: we ended it. */
  readonly finish: 'stop' | 'length' | 'calls' | 'abandoned'
  /** As the server counted; where it did not, estimated and `estimated` set. */
  readonly tokens: { readonly prompt: number; readonly completion: number; readonly cached?: number }
  readonly estimated: boolean
  /** One entry per sampled token, natural logarithm ≤ 0; absent where the server gave none. */
  readonly logprobs?: readonly number[]
  /** The stop text that ended the reply, where the server names it; it is not in `message`. */
  readonly stopText?: string
  /** US dollars, where prices are configured. */
  readonly costUsd?: number
  readonly firstTokenMs?: number
  readonly durationMs: number
}

/** What chooses the next Action. */
export interface Policy {
  /** `openai`, `scripted`, … */
  readonly kind: string
  /** Name of the model, as provenance keeps it. */
  readonly model: string
  /** Whether its commands are ours: they may run without isolation. */
  readonly trusted: boolean
  /** Endpoint and settings for provenance; never a key. */
  describe(): JsonObject
  /** Tokens of prompt and reply together that the model can read; `undefined`: not known. */
  contextTokens(signal: AbortSignal): Promise<number | undefined>
  /** The Policy of one run of one Task, where it matters which: a script has replies for each. */
  forRun?(task: string, run: number): Policy
  /** @throws PolicyError. Retries by itself what is worth retrying. */
  reply(request: PolicyRequest): Promise<PolicyReply>
  /** Draws `n` replies to one prompt, in one request where the server can. */
  replies(request: PolicyRequest, n: number): Promise<readonly PolicyReply[]>
}
