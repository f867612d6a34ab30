import { HeadTail } from './head-tail.ts'

/** Output since the last answer, and when the last of it came. */
export class Capture {
  /** Milliseconds of `performance.now()`. */
  lastAt = performance.now()
  /** Hears output as it comes. */
  listener: ((chunk: Buffer) => void) | undefined
  #kept: HeadTail

  constructor(maxBytes: number) {
    this.#kept = new HeadTail(maxBytes)
  }

  add(chunk: Buffer): void {
    this.lastAt = performance.now()
    this.#kept.add(chunk)
    this.listener?.(chunk)
  }

  /** What came since the last call, then starts anew with room for `maxBytes`. */
  take(maxBytes: number): { readonly output: string; readonly bytes: number } {
    const taken = { output: this.#kept.text(), bytes: this.#kept.bytes }
    this.#kept = new HeadTail(maxBytes)
    return taken
  }

  /** Room for the answer that is waited for; what is already there stays. */
  resize(maxBytes: number): void {
    this.#kept = this.#kept.resized(maxBytes)
  }
}
