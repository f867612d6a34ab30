import { isObject } from '../domain/json.ts'
import { EventStream, type StreamEvent } from './event-stream.ts'
import type { ReplyDelta } from './policy.ts'
import { type Refusal, streamedRefusal } from './refusal.ts'
import { ReplyDraft } from './reply-draft.ts'
import { readUsage, type TokenUsage } from './token-usage.ts'

export interface ReplyReaderOptions {
  /** Replies asked for. */
  readonly n: number
  /** UTF-16 units kept of one reply. */
  readonly maxChars: number
  /** Hears every piece of text, with the number of the reply it belongs to. */
  readonly hear: (delta: ReplyDelta, reply: number) => void
  /** Asked after every event that brought text. */
  readonly abandon: () => boolean
}

/** The body is no reply: garbage, cut off, or the server's own word that it failed. */
export class BrokenReply extends Error {}

/** The body holds an error instead of a reply. */
export class RefusedReply extends Error {
  readonly refusal: Refusal

  constructor(refusal: Refusal) {
    super('refused')
    this.refusal = refusal
  }
}

/** Longest body of a server that does not stream, bytes. */
const MAX_BODY = 32_000_000
/** Ends that say the server failed, not the model (SGLang, vLLM, OpenRouter). */
const FAILED_ENDS = new Set(['abort', 'error'])

/** Reads the body of a chat answer, event stream or one JSON document, whatever its headers say. */
export class ReplyReader {
  readonly #options: ReplyReaderOptions
  readonly #stream = new EventStream()
  readonly #drafts: ReplyDraft[] = []
  #form: 'unknown' | 'stream' | 'document' = 'unknown'
  #document: Uint8Array[] = []
  #documentBytes = 0
  #events = 0
  #done = false
  #heard = false
  #noise: string | undefined
  abandoned = false
  usage: TokenUsage | undefined

  constructor(options: ReplyReaderOptions) {
    this.#options = options
  }

  /** @throws BrokenReply, RefusedReply */
  take(bytes: Uint8Array): 'enough' | undefined {
    if (this.#form === 'unknown') this.#form = formOf(bytes)
    if (this.#form === 'document') {
      this.#document.push(bytes)
      this.#documentBytes += bytes.length
      if (this.#documentBytes > MAX_BODY) throw new BrokenReply('the answer is larger than 32 MB')
      return undefined
    }
    for (const event of this.#stream.push(bytes)) if (this.#event(event)) return 'enough'
    return undefined
  }

  /** The body came to its end: the replies in it, none of them empty-handed where the server drew fewer than asked. */
  end(): readonly ReplyDraft[] {
    if (this.#form === 'document') this.#readDocument()
    else if (!this.#finished) for (const event of this.#stream.end()) if (this.#event(event)) break
    const drafts = this.#drafts.filter((draft) => draft !== undefined)
    const failed = drafts.find((draft) => FAILED_ENDS.has(draft.finish ?? ''))
    if (failed) throw new BrokenReply(`the server ended the reply with \`${failed.finish}\``)
    if (this.#events === 0) throw new BrokenReply(`the answer is no chat completion${this.#quoted()}`)
    if (drafts.length === 0) throw new BrokenReply('the answer holds no reply')
    if (!this.#finished && !drafts.every((draft) => draft.finish !== undefined || draft.cut)) {
      throw new BrokenReply('the stream broke off')
    }
    return drafts
  }

  get #finished(): boolean {
    return this.#done || this.abandoned || this.#form === 'document'
  }

  /** Whether nothing more is wanted. */
  #event(event: StreamEvent): boolean {
    if (event.type === 'noise') this.#noise ??= event.text
    if (event.type === 'corrupt') throw new BrokenReply(`an event of the stream is not JSON: ${event.text}`)
    if (event.type === 'done') this.#done = true
    if (event.type !== 'json') return this.#done
    this.#events++
    this.#heard = false
    this.#value(event.value)
    this.abandoned = this.#heard && this.#options.abandon()
    return this.abandoned || this.#allCut()
  }

  #value(value: Record<string, unknown>): void {
    const refusal = streamedRefusal(value)
    if (refusal) throw new RefusedReply(refusal)
    this.usage = readUsage(value) ?? this.usage
    // The usage chunk has no choices: an empty list, or null.
    for (const choice of Array.isArray(value['choices']) ? value['choices'] : []) {
      if (!isObject(choice)) continue
      const index = typeof choice['index'] === 'number' ? choice['index'] : 0
      if (Number.isInteger(index) && index >= 0 && index < this.#options.n) this.#draft(index).add(choice)
    }
  }

  #draft(index: number): ReplyDraft {
    const { maxChars, hear } = this.#options
    this.#drafts[index] ??= new ReplyDraft(maxChars, (delta) => {
      this.#heard = true
      hear(delta, index)
    })
    return this.#drafts[index]
  }

  #allCut(): boolean {
    return this.#drafts.length === this.#options.n && this.#drafts.every((draft) => draft?.cut)
  }

  #readDocument(): void {
    const text = Buffer.concat(this.#document).toString()
    this.#document = []
    let value: unknown
    try {
      value = JSON.parse(text)
    } catch {
      throw new BrokenReply('the answer is not valid JSON')
    }
    this.#events++
    if (isObject(value)) this.#value(value)
  }

  #quoted(): string {
    return this.#noise === undefined ? '' : `: ${this.#noise}`
  }
}

/** A document begins with a brace; an event stream never does. */
function formOf(bytes: Uint8Array): 'unknown' | 'stream' | 'document' {
  for (const byte of bytes) {
    if (byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d) continue
    return byte === 0x7b ? 'document' : 'stream'
  }
  return 'unknown'
}
