import { redactor } from '../../lib/redact.ts'
import { safeText } from '../../lib/safe-text.ts'

/** What a process may write into a job's log. */
const KEPT_BYTES = 8 * 1024 * 1024
/** What is quoted of it in the end. */
const LINES = 4
const LINE_CHARS = 200
const TAIL_CHARS = 16_384

/** What a process says on stderr: passed on up to a limit, the end of it kept for the message about its end. */
export class LastWords {
  readonly #write: (text: string) => void
  #written = 0
  #tail = ''

  constructor(write: (text: string) => void) {
    this.#write = write
  }

  push(text: string): void {
    this.#tail = (this.#tail + text).slice(-TAIL_CHARS)
    if (this.#written > KEPT_BYTES) return
    this.#written += text.length
    this.#write(this.#written > KEPT_BYTES ? '\n[more than 8 MiB: the rest is not kept]\n' : text)
  }

  /** Everything that is still known of it. */
  get tail(): string {
    return this.#tail
  }

  /** Its last lines in one; '': it said nothing. */
  get quoted(): string {
    const lines = redactor()(this.#tail)
      .split(/[\r\n]+/)
      .map((line) => line.trim())
      .filter((line) => line !== '')
    return lines
      .slice(-LINES)
      .map((line) => safeText(line, LINE_CHARS))
      .join(' / ')
  }
}
