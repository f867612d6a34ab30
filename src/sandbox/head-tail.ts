/** Small chunks are joined when there are more, so that their bookkeeping stays small too. */
const MAX_PARTS = 1024

/**
 * Output of any length in bounded memory: the first and the last half of `maxBytes`, and how much there was.
 * Memory stays near `1.5 * maxBytes` however small or large the chunks are.
 */
export class HeadTail {
  /** Bytes added, kept or not. */
  bytes = 0
  readonly #headMax: number
  readonly #tailMax: number
  #head: Buffer[] = []
  #headBytes = 0
  #tail: Buffer[] = []
  #tailBytes = 0

  constructor(maxBytes: number, headMax = Math.ceil(maxBytes / 2)) {
    this.#headMax = headMax
    this.#tailMax = maxBytes - headMax
  }

  add(chunk: Buffer): void {
    this.bytes += chunk.length
    const room = this.#headMax - this.#headBytes
    if (room > 0) {
      // A copy: a slice would keep the whole chunk of the stream alive.
      const part = Buffer.from(chunk.subarray(0, room))
      this.#head.push(part)
      this.#headBytes += part.length
      if (this.#head.length > MAX_PARTS) this.#head = [Buffer.concat(this.#head, this.#headBytes)]
      if (chunk.length <= room) return
      this.#addTail(chunk.subarray(room))
    } else this.#addTail(chunk)
  }

  #addTail(chunk: Buffer): void {
    if (this.#tailMax === 0) return
    const part = Buffer.from(chunk.length > this.#tailMax ? chunk.subarray(chunk.length - this.#tailMax) : chunk)
    this.#tail.push(part)
    this.#tailBytes += part.length
    if (this.#tailBytes > 2 * this.#tailMax || this.#tail.length > MAX_PARTS) this.#trim()
  }

  #trim(): void {
    const all = Buffer.concat(this.#tail, this.#tailBytes)
    const kept = all.length > this.#tailMax ? Buffer.from(all.subarray(all.length - this.#tailMax)) : all
    this.#tail = [kept]
    this.#tailBytes = kept.length
  }

  /** The same output with room for `maxBytes`. */
  resized(maxBytes: number): HeadTail {
    const gap = this.bytes > this.#headBytes + this.#tailBytes
    const other = gap
      ? new HeadTail(maxBytes, Math.min(this.#headBytes, Math.ceil(maxBytes / 2)))
      : new HeadTail(maxBytes)
    for (const part of [...this.#head, ...this.#tail]) other.add(part)
    other.bytes = this.bytes
    return other
  }

  /** What was kept; where bytes are missing a line in between says how many. Undecodable bytes become U+FFFD. */
  text(): string {
    if (this.#tailBytes > this.#tailMax) this.#trim()
    const missing = this.bytes - this.#headBytes - this.#tailBytes
    const head = Buffer.concat(this.#head, this.#headBytes)
    const tail = Buffer.concat(this.#tail, this.#tailBytes)
    if (missing === 0) return Buffer.concat([head, tail]).toString('utf8')
    return `${whole(head)}\n[... ${missing} bytes left out ...]\n${fromWhole(tail)}`
  }
}

/** Text without a character cut in two at the end. */
function whole(bytes: Buffer): string {
  let end = bytes.length
  while (end > 0 && bytes.length - end < 3 && ((bytes[end - 1] ?? 0) & 0xc0) === 0x80) end--
  const lead = bytes[end - 1] ?? 0
  const needs = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1
  return bytes.toString('utf8', 0, bytes.length - end + 1 < needs ? end - 1 : bytes.length)
}

/** Text without a character cut in two at the beginning. */
function fromWhole(bytes: Buffer): string {
  let start = 0
  while (start < 3 && ((bytes[start] ?? 0) & 0xc0) === 0x80) start++
  return bytes.toString('utf8', start)
}
