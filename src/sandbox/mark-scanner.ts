/** Longest text inside a mark; a longer one is output that only looks like a mark. */
const MAX_MARK = 16 * 1024

/** Hears what a stream carries: output, and between it the marks of our own script, in the order written. */
export interface ScannerEvents {
  data(chunk: Buffer): void
  /** @returns `false` when this mark is not expected: then it is output. */
  mark(text: string): boolean
}

/**
 * Finds marks in a stream of bytes: `RS secret < text > secret RS`. The secret is random, so that output holds none by chance;
 * what might be the beginning of a mark is kept back until more arrives.
 */
export class MarkScanner {
  readonly #start: Buffer
  readonly #end: Buffer
  readonly #events: ScannerEvents
  #held: Buffer | undefined

  constructor(secret: string, events: ScannerEvents) {
    this.#start = Buffer.from(markStart(secret))
    this.#end = Buffer.from(markEnd(secret))
    this.#events = events
  }

  push(chunk: Buffer): void {
    let rest = this.#held === undefined ? chunk : Buffer.concat([this.#held, chunk])
    this.#held = undefined
    let from = 0
    while (true) {
      const at = rest.indexOf(this.#start, from)
      if (at === -1) return this.#emitButTail(rest)
      const textAt = at + this.#start.length
      const end = rest.indexOf(this.#end, textAt)
      if (end === -1 && rest.length - at <= MAX_MARK) {
        this.#emit(rest.subarray(0, at))
        this.#held = rest.subarray(at)
        return
      }
      if (end === -1 || end - at > MAX_MARK) {
        from = textAt
        continue
      }
      this.#emit(rest.subarray(0, at))
      const after = end + this.#end.length
      if (!this.#events.mark(rest.toString('utf8', textAt, end))) this.#emit(rest.subarray(at, after))
      rest = rest.subarray(after)
      from = 0
    }
  }

  /** The stream ended: what was kept back is output. */
  end(): void {
    const held = this.#held
    this.#held = undefined
    if (held !== undefined) this.#emit(held)
  }

  #emitButTail(bytes: Buffer): void {
    const cut = partialAtEnd(bytes, this.#start)
    this.#emit(bytes.subarray(0, cut))
    if (cut < bytes.length) this.#held = Buffer.from(bytes.subarray(cut))
  }

  #emit(bytes: Buffer): void {
    if (bytes.length > 0) this.#events.data(bytes)
  }
}

/** What our script prints before the text of a mark. */
export function markStart(secret: string): string {
  return `\u001e${secret}<`
}

/** What our script prints after the text of a mark. */
export function markEnd(secret: string): string {
  return `>${secret}\u001e`
}

/** Index from which the bytes are a beginning of `needle` cut off by the end; their length when there is none. */
export function partialAtEnd(bytes: Buffer, needle: Buffer): number {
  const first = needle[0] ?? 0
  let at = bytes.indexOf(first, Math.max(0, bytes.length - needle.length + 1))
  while (at !== -1) {
    if (bytes.compare(needle, 0, bytes.length - at, at) === 0) return at
    at = bytes.indexOf(first, at + 1)
  }
  return bytes.length
}
