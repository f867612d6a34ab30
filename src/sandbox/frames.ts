const HEADER = 8

/**
 * Takes the frames of an engine's multiplexed stream apart: type byte, three zeros, length as uint32 big-endian, payload
 * (Docker Engine API, "Attach to a container": stream format). Frames may be cut anywhere; payloads are handed on as they come,
 * never collected. Only standard input (0), output (1) and error (2) exist.
 */
export class FrameParser {
  readonly #payload: (chunk: Buffer) => void
  readonly #header = Buffer.alloc(HEADER)
  #headerBytes = 0
  #left = 0

  constructor(payload: (chunk: Buffer) => void) {
    this.#payload = payload
  }

  /** @throws Error when the bytes are no frames: the stream is a terminal's or broken. */
  push(chunk: Buffer): void {
    let at = 0
    while (at < chunk.length) {
      if (this.#left > 0) {
        const part = chunk.subarray(at, at + this.#left)
        at += part.length
        this.#left -= part.length
        this.#payload(part)
        continue
      }
      const taken = Math.min(HEADER - this.#headerBytes, chunk.length - at)
      chunk.copy(this.#header, this.#headerBytes, at, at + taken)
      this.#headerBytes += taken
      at += taken
      if (this.#headerBytes === HEADER) this.#begin()
    }
  }

  #begin(): void {
    const type = this.#header[0] ?? 0
    if (type > 2 || this.#header.readUIntBE(1, 3) !== 0)
      throw new Error(`the engine's stream is not made of frames (header ${this.#header.toString('hex')})`)
    this.#left = this.#header.readUInt32BE(4)
    this.#headerBytes = 0
  }
}
