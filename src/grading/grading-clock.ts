import { headAndTail } from './log.ts'
import type { Verdict } from './verdict.ts'

type Part = 'start' | 'apply' | 'test'

/** The log and the seconds of one grading while it goes on. */
export class GradingClock {
  readonly #begun = performance.now()
  #last = this.#begun
  readonly #ms: Record<Part, number> = { start: 0, apply: 0, test: 0 }
  readonly #parts: string[] = []
  readonly #onLog: ((chunk: Buffer) => void) | undefined

  constructor(onLog: ((chunk: Buffer) => void) | undefined) {
    this.#onLog = onLog
  }

  /** Adds the time since the last call to a part. */
  lap(part: Part): void {
    const now = performance.now()
    this.#ms[part] += now - this.#last
    this.#last = now
  }

  /** Output as it comes: for who watches, not for the stored log. */
  readonly hear = (chunk: Buffer): void => this.#onLog?.(chunk)

  /** A heading of our own. */
  say(text: string): void {
    this.#parts.push(text)
    this.#onLog?.(Buffer.from(text))
  }

  /** Output of a command that ended, for the stored log. */
  keep(output: string): void {
    this.#parts.push(output.endsWith('\n') || output === '' ? output : `${output}\n`)
  }

  log(): string {
    return headAndTail(this.#parts.join(''))
  }

  seconds(): Verdict['seconds'] {
    const { start, apply, test } = this.#ms
    const round = (ms: number): number => Math.round(ms) / 1000
    return {
      start: round(start),
      apply: round(apply),
      test: round(test),
      total: round(performance.now() - this.#begun),
    }
  }
}
