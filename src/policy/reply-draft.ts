import { isObject } from '../domain/json.ts'
import type { Message, ToolCall } from '../domain/message.ts'
import type { ReplyDelta } from './policy.ts'
import { ToolCallJoin } from './tool-call-join.ts'

/** A tool call counts as this many characters even when empty, so that a reply of nothing but calls is bounded too. */
const CALL_COST = 64

/** Puts one choice of a reply together, from deltas or from a whole message; keeps at most `maxChars` of it. */
export class ReplyDraft {
  readonly #maxChars: number
  readonly #hear: (delta: ReplyDelta) => void
  readonly #calls = new ToolCallJoin()
  #content = ''
  #reasoning = ''
  #used = 0
  #cut = false
  /** The server's own word, once it said why the reply ended. */
  finish: string | undefined
  /** The stop text that ended the reply (vLLM `stop_reason`, SGLang `matched_stop`); an end token is none. */
  stopText: string | undefined
  readonly logprobs: number[] = []

  constructor(maxChars: number, hear: (delta: ReplyDelta) => void) {
    this.#maxChars = maxChars
    this.#hear = hear
  }

  /** Whether text was lost because the reply is longer than we keep. */
  get cut(): boolean {
    return this.#cut
  }

  /** UTF-16 units kept so far, calls included. */
  get length(): number {
    return this.#used
  }

  /** Takes one member of `choices`. */
  add(choice: Record<string, unknown>): void {
    const part = isObject(choice['delta']) ? choice['delta'] : isObject(choice['message']) ? choice['message'] : {}
    // Servers between two names of the field send both: one of them is the text.
    this.#addReasoning(textOf(part['reasoning_content']) || textOf(part['reasoning']))
    this.#addContent(textOf(part['content']) || textOf(part['refusal']))
    const calls = Array.isArray(part['tool_calls']) ? part['tool_calls'] : []
    for (const call of calls) this.#addCall(call)
    if (isObject(part['function_call'])) this.#addCall({ index: 0, function: part['function_call'] })
    this.#addLogprobs(choice['logprobs'])
    if (typeof choice['finish_reason'] === 'string') this.finish = choice['finish_reason']
    const stop = choice['stop_reason'] ?? choice['matched_stop']
    if (typeof stop === 'string') this.stopText = stop.slice(0, 1000)
  }

  /**
   * The literal assistant message. A call without an id, or with one that was there before, gets one.
   *
   * @param position - index of this message in the conversation: makes the ids we give unique in it.
   */
  message(position: number): Message {
    const calls = this.#calls.calls()
    return {
      role: 'assistant',
      content: this.#content.toWellFormed(),
      ...(this.#reasoning === '' ? {} : { reasoning: this.#reasoning.toWellFormed() }),
      ...(calls.length === 0 ? {} : { toolCalls: withIds(calls, position) }),
    }
  }

  #addContent(text: string): void {
    const kept = this.#take(text)
    if (kept === '') return
    this.#content += kept
    this.#hear({ channel: 'content', text: kept })
  }

  #addReasoning(text: string): void {
    const kept = this.#take(text)
    if (kept === '') return
    this.#reasoning += kept
    this.#hear({ channel: 'reasoning', text: kept })
  }

  #addCall(fragment: unknown): void {
    const before = this.#calls.size
    const piece = this.#calls.add(fragment, (text) => this.#take(text))
    if (this.#calls.size > before) this.#used += CALL_COST
    if (piece?.name) this.#hear({ channel: 'call', text: `${piece.name} ` })
    if (piece?.text) this.#hear({ channel: 'call', text: piece.text })
  }

  #addLogprobs(value: unknown): void {
    if (!isObject(value)) return
    const tokens = Array.isArray(value['content']) ? value['content'] : value['token_logprobs']
    if (!Array.isArray(tokens)) return
    for (const token of tokens) {
      const logprob: unknown = isObject(token) ? token['logprob'] : token
      if (typeof logprob === 'number' && this.logprobs.length < this.#maxChars) this.logprobs.push(Math.min(0, logprob))
    }
  }

  #take(text: string): string {
    const room = Math.max(0, this.#maxChars - this.#used)
    if (text.length > room) this.#cut = true
    const kept = text.length > room ? text.slice(0, room) : text
    this.#used += kept.length
    return kept
  }
}

/** Text, or the text parts of a list of parts (Mistral). */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  if (!Array.isArray(value)) return ''
  return value.map((part) => (isObject(part) && typeof part['text'] === 'string' ? part['text'] : '')).join('')
}

function withIds(calls: readonly ToolCall[], position: number): readonly ToolCall[] {
  const seen = new Set<string>()
  return calls.map((call, at) => {
    const id = call.id === undefined || seen.has(call.id) ? `call_${position}_${at}` : call.id
    seen.add(id)
    return { ...call, id }
  })
}
