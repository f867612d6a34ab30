import type { Message } from '../domain/message.ts'

/** Size of a prompt in tokens, as far as it is known before the server counts it. */
export interface PromptEstimate {
  /** Rather too many. */
  readonly tokens: number
  /** Surely not fewer. */
  readonly atLeast: number
}

interface Seen {
  readonly index: number
  readonly bytes: number
  readonly tokens: number
}

/** UTF-8 bytes of JSON per token before any server told: code has about 3.3, prose more. */
const FIRST_RATIO = 3

/**
 * Estimates prompts by what the server counted before: for the same conversation, only what came since is estimated; for
 * another one, the ratio of bytes to tokens of the last count is used. Keeps nothing alive.
 */
export class PromptMeter {
  readonly #seen = new WeakMap<Message, Seen>()
  #ratio: number | undefined

  /** @param bytes - UTF-8 length of messages and tools as they are sent. */
  estimate(messages: readonly Message[], bytes: number): PromptEstimate {
    const ratio = this.#ratio ?? FIRST_RATIO
    const base = this.#base(messages, bytes)
    if (base) {
      const more = (bytes - base.bytes) / ratio
      return { tokens: Math.ceil(base.tokens + more * 1.05 + 16), atLeast: Math.floor(base.tokens + more * 0.8) }
    }
    if (this.#ratio === undefined) return { tokens: Math.ceil(bytes / ratio), atLeast: Math.floor(bytes / 8) }
    return { tokens: Math.ceil((bytes / ratio) * 1.15), atLeast: Math.floor((bytes / ratio) * 0.7) }
  }

  learn(messages: readonly Message[], bytes: number, tokens: number): void {
    const last = messages.at(-1)
    if (last === undefined || tokens <= 0) return
    this.#ratio = Math.min(8, Math.max(1, bytes / tokens))
    this.#seen.set(last, { index: messages.length - 1, bytes, tokens })
  }

  /** Tokens of a text the server did not count. */
  tokensOf(bytes: number): number {
    return Math.ceil(bytes / (this.#ratio ?? FIRST_RATIO))
  }

  #base(messages: readonly Message[], bytes: number): Seen | undefined {
    for (let index = messages.length - 1; index >= 0; index--) {
      const message = messages[index]
      const seen = message && this.#seen.get(message)
      if (seen?.index === index && seen.bytes <= bytes) return seen
    }
    return undefined
  }
}

/**
 * How many tokens the reply may have, at most `asked`; `overflow` when not even a short reply fits for sure;
 * `undefined` when nothing limits it.
 *
 * @param contextTokens - for prompt and reply together; `undefined`: not known.
 * @param enforce - the limit is ours, not the server's: it holds even where no length was asked for.
 */
export function replyBudget(
  prompt: PromptEstimate,
  contextTokens: number | undefined,
  { asked, shortest, enforce }: { asked: number | undefined; shortest: number; enforce: boolean },
): number | 'overflow' | undefined {
  if (contextTokens === undefined) return asked
  const least = Math.min(asked ?? shortest, shortest)
  if (prompt.atLeast + least > contextTokens) return 'overflow'
  if (asked === undefined && !enforce) return undefined
  return Math.max(least, Math.min(asked ?? Number.POSITIVE_INFINITY, contextTokens - prompt.tokens))
}
