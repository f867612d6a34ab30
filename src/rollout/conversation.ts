import type { Json } from '../domain/json.ts'
import type { Message } from '../domain/message.ts'
import type { PolicyReply } from '../policy/policy.ts'
import type { Usage } from './events.ts'

/** Characters per token before a server has told the real ratio. */
const USUAL_RATIO = 4
/** A server that counts oddly must not turn the estimate into nonsense. */
const MIN_RATIO = 1
const MAX_RATIO = 8

const NO_USAGE: Usage = { promptTokens: 0, completionTokens: 0, contextTokens: 0, costUsd: 0 }

/** What the Policy reads: grows only at its end, and knows how full the context is without counting it again. */
export class Conversation {
  readonly #messages: Message[] = []
  readonly #limitTokens: number
  /** Tokens up to the newest reply, as the server counted; 0 before the first. */
  #countedTokens = 0
  /** Characters since then. */
  #newChars: number
  /** Characters of everything. */
  #chars: number
  #ratio = USUAL_RATIO
  #usage: Usage

  /** @param usage - what earlier requests of the same rollout used. */
  constructor(limitTokens: number, tools: readonly Json[] | undefined, usage: Usage = NO_USAGE) {
    this.#usage = usage
    this.#limitTokens = limitTokens
    this.#chars = tools === undefined ? 0 : JSON.stringify(tools).length
    this.#newChars = this.#chars
  }

  /** The messages as they are now; later ones do not appear in it. */
  get messages(): readonly Message[] {
    return this.#messages.slice()
  }

  get usage(): Usage {
    return this.#usage
  }

  /** Tokens that are left for the next reply, estimated from what the server counted last; may be negative. */
  get room(): number {
    return this.#limitTokens - this.#countedTokens - Math.ceil(this.#newChars / this.#ratio)
  }

  add(messages: readonly Message[]): void {
    for (const message of messages) {
      this.#messages.push(message)
      const size = charsOf(message)
      this.#chars += size
      this.#newChars += size
    }
  }

  /** Appends a reply – `message` as it goes on in the conversation – and what the server counted for it. */
  reply(message: Message, { tokens, estimated, costUsd }: Pick<PolicyReply, 'tokens' | 'estimated' | 'costUsd'>): void {
    if (!estimated && tokens.prompt > 0)
      this.#ratio = Math.min(Math.max(this.#chars / tokens.prompt, MIN_RATIO), MAX_RATIO)
    this.#messages.push(message)
    this.#chars += charsOf(message)
    this.#newChars = 0
    this.#countedTokens = tokens.prompt + tokens.completion
    this.#usage = {
      promptTokens: this.#usage.promptTokens + tokens.prompt,
      completionTokens: this.#usage.completionTokens + tokens.completion,
      contextTokens: this.#countedTokens,
      costUsd: this.#usage.costUsd + (costUsd ?? 0),
    }
  }
}

function charsOf(message: Message): number {
  let size = message.content.length + (message.reasoning?.length ?? 0)
  for (const { name, arguments: given } of message.toolCalls ?? [])
    size += name.length + (typeof given === 'string' ? given.length : JSON.stringify(given).length)
  return size
}
