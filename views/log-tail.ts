import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { StringDecoder } from 'node:string_decoder'
import { splitLines } from '../src/lib/safe-text.ts'
import type { LogLines } from './run-model.ts'

/** How much of a log's end is read at first, and at once later, bytes. */
const TAIL = 256 * 1024
const CHUNK = 1024 * 1024
/** Lines kept; a few more may come together before the oldest go. */
const MOST = 10_000
const SLACK = 2_000

/** The end of a file that another process writes to, in lines; only what is new is read. */
export class LogTail {
  readonly #path: string
  #read = 0
  #decoder = new StringDecoder('utf8')
  #lines: string[] = []
  #first = 0
  /** The last line is still being written. */
  #open = false

  constructor(path: string) {
    this.#path = path
  }

  /** What is there now; nothing while there is no file that can be read. */
  lines(): LogLines {
    try {
      this.#readOn()
    } catch {
      this.#restart(0)
    }
    return { first: this.#first, lines: this.#lines }
  }

  #readOn(): void {
    const file = openSync(this.#path, 'r')
    try {
      const { size } = fstatSync(file)
      if (size < this.#read) this.#restart(0)
      const cut = this.#read === 0 && size > TAIL
      if (cut) this.#restart(size - TAIL)
      const bytes = Buffer.alloc(Math.min(CHUNK, size - this.#read))
      if (bytes.length === 0) return
      const length = readSync(file, bytes, 0, bytes.length, this.#read)
      this.#read += length
      this.#add(this.#decoder.write(bytes.subarray(0, length)))
      // Where the file was cut, so may be its first line.
      if (cut) this.#lines.shift()
    } finally {
      closeSync(file)
    }
  }

  #add(text: string): void {
    const [rest = '', ...lines] = splitLines(text)
    if (this.#open) this.#lines.push(`${this.#lines.pop() ?? ''}${rest}`)
    else this.#lines.push(rest)
    for (const line of lines) this.#lines.push(line)
    this.#open = this.#lines.at(-1) !== ''
    if (!this.#open) this.#lines.pop()
    if (this.#lines.length <= MOST + SLACK) return
    const gone = this.#lines.length - MOST
    this.#lines = this.#lines.slice(gone)
    this.#first += gone
  }

  #restart(from: number): void {
    this.#read = from
    this.#decoder = new StringDecoder('utf8')
    this.#lines = []
    this.#first = 0
    this.#open = false
  }
}
