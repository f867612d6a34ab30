import { partialAtEnd } from './mark-scanner.ts'

const BEGIN = Buffer.from('bash: [')
const NEVER_LONGER = 120
const COMPLAINT = /bash: \[\d+: \d+ \(\d+\)\] tcsetattr: Inappropriate ioctl for device\n/g
const UNFINISHED = /bash: \[[\d: ()]*(\].{0,60})?$/

/**
 * Takes away what an interactive bash without a terminal says whenever a signal ends a program
 * (`bash: [19: 2 (255)] tcsetattr: …`, bash `jobs.c` set_tty_state): it is about our set-up and differs from run to run.
 */
export class TerminalNoiseFilter {
  readonly #forward: (chunk: Buffer) => void
  #held: Buffer | undefined

  constructor(forward: (chunk: Buffer) => void) {
    this.#forward = forward
  }

  push(chunk: Buffer): void {
    if (this.#held === undefined && !chunk.includes(BEGIN)) return this.#pass(chunk, partialAtEnd(chunk, BEGIN))
    const bytes = this.#held === undefined ? chunk : Buffer.concat([this.#held, chunk])
    this.#held = undefined
    const text = bytes.toString('latin1')
    const clean = text.replace(COMPLAINT, '')
    const left = clean.length === text.length ? bytes : Buffer.from(clean, 'latin1')
    const tailAt = Math.max(0, left.length - NEVER_LONGER)
    const unfinished = left.toString('latin1', tailAt).search(UNFINISHED)
    this.#pass(left, unfinished === -1 ? partialAtEnd(left, BEGIN) : tailAt + unfinished)
  }

  /** Nothing more comes for now: what was kept back is output after all. */
  flush(): void {
    const held = this.#held
    this.#held = undefined
    if (held !== undefined) this.#forward(held)
  }

  #pass(bytes: Buffer, cut: number): void {
    if (cut > 0) this.#forward(bytes.subarray(0, cut))
    if (cut < bytes.length) this.#held = Buffer.from(bytes.subarray(cut))
  }
}
