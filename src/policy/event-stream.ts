import { isObject } from '../domain/json.ts'

/** `noise`: a line that is no field of an event stream; `corrupt`: data that should be JSON and is not. */
export type StreamEvent =
  | { readonly type: 'json'; readonly value: Record<string, unknown> }
  | { readonly type: 'done' }
  | { readonly type: 'noise' | 'corrupt'; readonly text: string }

/** Longest line kept, UTF-16 units: more than any reply we keep, so that even a server that sends all at once is read. */
const MAX_LINE = 16_000_000
const QUOTED = 200
const FIELD = /^(?:event|id|retry)(?::|$)/

/**
 * Splits the bytes of a server-sent event stream into JSON events (WHATWG HTML, section 9.2). Bytes may be cut anywhere.
 * Lines end in LF, CRLF or CR; comments are skipped; data of several lines is joined; a last line without an end counts;
 * servers that leave out the blank line between events are understood.
 */
export class EventStream {
  readonly #decoder = new TextDecoder()
  readonly #line: string[] = []
  #lineLength = 0
  #afterReturn = false
  /** Data lines that are not JSON by themselves (yet). */
  #held: string[] = []
  #events: StreamEvent[] = []

  push(bytes: Uint8Array): readonly StreamEvent[] {
    this.#text(this.#decoder.decode(bytes, { stream: true }))
    return this.#take()
  }

  end(): readonly StreamEvent[] {
    this.#text(this.#decoder.decode())
    if (this.#lineLength > 0) this.#endLine()
    this.#endEvent()
    return this.#take()
  }

  #take(): readonly StreamEvent[] {
    const events = this.#events
    this.#events = []
    return events
  }

  #text(text: string): void {
    if (text === '') return
    let start = this.#afterReturn && text.startsWith('\n') ? 1 : 0
    this.#afterReturn = false
    for (let at = start; at < text.length; at++) {
      const code = text.charCodeAt(at)
      if (code !== 10 && code !== 13) continue
      this.#keep(text.slice(start, at))
      this.#endLine()
      if (code === 13) {
        if (at + 1 === text.length) this.#afterReturn = true
        else if (text.charCodeAt(at + 1) === 10) at++
      }
      start = at + 1
    }
    this.#keep(text.slice(start))
  }

  #keep(piece: string): void {
    if (piece === '') return
    if (this.#lineLength < MAX_LINE) this.#line.push(piece)
    this.#lineLength += piece.length
  }

  #endLine(): void {
    const tooLong = this.#lineLength > MAX_LINE
    const line = this.#line.length === 1 ? (this.#line[0] ?? '') : this.#line.join('')
    this.#line.length = 0
    this.#lineLength = 0
    if (tooLong) this.#events.push({ type: 'corrupt', text: line.slice(0, QUOTED) })
    else if (line === '') this.#endEvent()
    else if (line.startsWith('data:')) this.#data(line.slice(line[5] === ' ' ? 6 : 5))
    else if (!line.startsWith(':') && !FIELD.test(line))
      this.#events.push({ type: 'noise', text: line.slice(0, QUOTED) })
  }

  #data(text: string): void {
    if (this.#held.length === 0 && text.trim() === '[DONE]') {
      this.#events.push({ type: 'done' })
      return
    }
    this.#held.push(text)
    const value = parseObject(this.#held.length === 1 ? text : this.#held.join('\n'))
    if (value === undefined) return
    this.#held = []
    this.#events.push({ type: 'json', value })
  }

  /** A blank line: what is held now will never become JSON. */
  #endEvent(): void {
    const text = this.#held.join('\n')
    this.#held = []
    if (text.trim() !== '') this.#events.push({ type: 'corrupt', text: text.slice(0, QUOTED) })
  }
}

function parseObject(text: string): Record<string, unknown> | undefined {
  if (!text.trimEnd().endsWith('}')) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}
