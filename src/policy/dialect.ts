import type { Refusal } from './refusal.ts'
import type { Dialect } from './wire-request.ts'

export function firstDialect(): Dialect {
  return { usageOption: true, maxTokensField: 'max_tokens', logprobs: true, many: true, replyTokens: undefined }
}

/**
 * What to leave out or say otherwise after a refusal, so that asking again is worth it; `undefined`: it is about something else.
 *
 * @param proven - the server took a request in this dialect before; if not, an unexplained refusal is tried once without
 *   `stream_options`, which older gateways do not know.
 */
export function mend(dialect: Readonly<Dialect>, refusal: Refusal, proven: boolean): Partial<Dialect> | undefined {
  const { status, said, overflow } = refusal
  if ((status !== 400 && status !== 422) || overflow) return undefined
  const newerName = /max_completion_tokens/.test(said) && /unsupported|not supported|instead/i.test(said)
  if (newerName && dialect.maxTokensField === 'max_tokens') return { maxTokensField: 'max_completion_tokens' }
  const longest = /at most (\d{1,7}) completion tokens/i.exec(said)?.[1]
  if (longest !== undefined && Number(longest) !== dialect.replyTokens) return { replyTokens: Number(longest) }
  if (dialect.logprobs && /logprobs/i.test(said)) return { logprobs: false }
  if (dialect.usageOption && (/stream_options|include_usage/i.test(said) || !proven)) return { usageOption: false }
  return undefined
}
