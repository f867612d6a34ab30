import type { Message } from '../domain/message.ts'
import type { PromptMeter } from './context-budget.ts'
import type { Exchange } from './exchange.ts'
import type { PolicyReply } from './policy.ts'
import type { ReplyDraft } from './reply-draft.ts'
import type { WirePrompt } from './wire-request.ts'

/** US dollars per million tokens. */
export interface Prices {
  readonly promptPerMillion: number
  readonly completionPerMillion: number
}

export interface Accounts {
  readonly prompt: WirePrompt
  readonly meter: PromptMeter
  readonly prices: Prices | undefined
  /** Index of the reply in the conversation. */
  readonly position: number
}

/**
 * The replies of one request with their tokens and cost. Several replies share one prompt: each names its tokens, the first one
 * pays for it. The server counts the written tokens of all together: they are shared out by log-probabilities (exact) or length.
 */
export function repliesOf(result: Exchange, accounts: Accounts): readonly PolicyReply[] {
  const { drafts, usage, firstTokenMs, durationMs } = result
  const { meter, prices, prompt } = accounts
  const totalLength = drafts.reduce((sum, draft) => sum + draft.length, 0)
  return drafts.map((draft, at) => {
    const message = draft.message(accounts.position)
    const exact = drafts.length === 1 ? usage?.completion : usage && (draft.logprobs.length || undefined)
    const shared = usage && Math.round((usage.completion * draft.length) / Math.max(1, totalLength))
    const promptTokens = usage?.prompt ?? meter.estimate([], prompt.bytes).tokens
    const completion = exact ?? shared ?? meter.tokensOf(bytesOf(message))
    return {
      message,
      finish: finishOf(draft, message, result.abandoned),
      tokens: {
        prompt: promptTokens,
        completion,
        ...(usage?.cached === undefined ? {} : { cached: usage.cached }),
      },
      estimated: exact === undefined,
      ...(draft.logprobs.length === 0 ? {} : { logprobs: draft.logprobs }),
      ...(draft.stopText === undefined ? {} : { stopText: draft.stopText }),
      ...(prices === undefined ? {} : { costUsd: costOf(prices, at === 0 ? promptTokens : 0, completion) }),
      ...(firstTokenMs === undefined ? {} : { firstTokenMs }),
      durationMs,
    }
  })
}

function finishOf(draft: ReplyDraft, message: Message, abandoned: boolean): PolicyReply['finish'] {
  if (abandoned) return 'abandoned'
  if (draft.cut || draft.finish === 'length' || draft.finish === 'max_tokens') return 'length'
  return message.toolCalls === undefined ? 'stop' : 'calls'
}

function costOf(prices: Prices, promptTokens: number, completionTokens: number): number {
  return (promptTokens * prices.promptPerMillion + completionTokens * prices.completionPerMillion) / 1_000_000
}

function bytesOf({ content, reasoning = '', toolCalls = [] }: Message): number {
  const calls = toolCalls.length === 0 ? 0 : Buffer.byteLength(JSON.stringify(toolCalls))
  return Buffer.byteLength(content) + Buffer.byteLength(reasoning) + calls
}
