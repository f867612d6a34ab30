import { GrownFile } from './grown-file.ts'

/** Longer lines are no line of a trainer's log. */
const MAX_LINE_BYTES = 4 * 1024 * 1024

/** The lines of a file that somebody appends to; one that is not ended yet waits. */
export class AppendedLines {
  readonly #file: GrownFile
  #rest: Buffer = Buffer.alloc(0)
  #isLong = false
  #number = 0

  constructor(path: string) {
    this.#file = new GrownFile(path)
  }

  /**
   * Lines that were ended since the last look, blank ones left out; one that is too long has the text ''.
   * @param restart - called before the first line when the file was replaced.
   */
  async *read(restart: () => void): AsyncGenerator<{ readonly number: number; readonly text: string }, void> {
    const replaced = () => {
      this.#rest = Buffer.alloc(0)
      this.#isLong = false
      this.#number = 0
      restart()
    }
    for await (const piece of this.#file.read(replaced)) {
      let start = 0
      for (let end = piece.indexOf(10); end >= 0; end = piece.indexOf(10, start)) {
        const text = this.#isLong ? undefined : Buffer.concat([this.#rest, piece.subarray(start, end)]).toString('utf8')
        this.#rest = Buffer.alloc(0)
        this.#isLong = false
        this.#number++
        start = end + 1
        if (text === undefined) yield { number: this.#number, text: '' }
        else if (text.trim() !== '') yield { number: this.#number, text }
      }
      this.#keep(piece.subarray(start))
    }
  }

  #keep(end: Buffer): void {
    this.#isLong ||= this.#rest.length + end.length > MAX_LINE_BYTES
    this.#rest = this.#isLong ? Buffer.alloc(0) : Buffer.concat([this.#rest, end])
  }
}
