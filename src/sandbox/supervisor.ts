import { randomBytes } from 'node:crypto'
import { bashWord } from './bash-word.ts'
import { MarkScanner, markEnd, markStart } from './mark-scanner.ts'
import { SandboxError } from './sandbox-error.ts'
import type { OpenStream, SandboxStream } from './stream.ts'
import { SUPERVISOR_SCRIPT } from './supervisor-script.ts'

/** How long bash may take to start; an engine under load is slow. */
const START_MS = 30_000

/** Bash reads a pipe byte by byte: what it need not read is left out. */
const SCRIPT = SUPERVISOR_SCRIPT.replace(/^\s+/gm, '')

/** Who uses a Supervisor at the moment. */
export interface SupervisorUser {
  data(chunk: Buffer): void
  /** @returns `false` when the mark is not this user's. */
  mark(fields: readonly string[]): boolean
  /** The stream ended: bash died, or the way to it broke. */
  end(): void
}

/** What a Supervisor is connected to. */
interface Link {
  readonly stream: SandboxStream
  user: SupervisorUser
  ended: boolean
}

const NOBODY: SupervisorUser = { data: () => undefined, mark: () => false, end: () => undefined }

/**
 * One bash inside a Sandbox that runs only lines of ours (`supervisor-script.ts`) and starts what the Policy wants as children
 * of its own, so that it stays able to signal, feed and replace them while they run.
 */
export class Supervisor {
  /** Its process id inside the Sandbox. */
  readonly pid: number
  readonly #link: Link
  readonly #secret: string

  private constructor(pid: number, secret: string, link: Link) {
    this.pid = pid
    this.#secret = secret
    this.#link = link
  }

  /**
   * @param prologue - Lines run first, for example limits.
   * @throws SandboxError `gone` when bash does not start; the message carries what the machinery said.
   */
  static async start(open: OpenStream, prologue: readonly string[]): Promise<Supervisor> {
    const secret = randomBytes(16).toString('hex')
    const ready = Promise.withResolvers<number>()
    let said = ''
    let ended = false
    let link: Link | undefined
    const scanner = new MarkScanner(secret, {
      data(chunk) {
        if (link !== undefined) link.user.data(chunk)
        else if (said.length < 2000) said += chunk.toString('utf8')
      },
      mark(text) {
        if (link === undefined) {
          ready.resolve(Number(text.slice(2)))
          return true
        }
        return link.user.mark(text.split(':'))
      },
    })
    const stream = await open({
      data: (chunk) => scanner.push(chunk),
      end() {
        ended = true
        scanner.end()
        ready.reject(new Error('bash ended'))
        if (link !== undefined && !link.ended) {
          link.ended = true
          link.user.end()
        }
      },
    })
    const marks = `_a=${bashWord(markStart(secret))} _b=${bashWord(markEnd(secret))}`
    stream.write([marks, SCRIPT, ...prologue, '_m "r:$$"', ''].join('\n'))
    const timer = setTimeout(() => ready.reject(new Error(`no answer in ${START_MS / 1000} s`)), START_MS)
    try {
      const pid = await ready.promise
      link = { stream, user: NOBODY, ended }
      return new Supervisor(pid, secret, link)
    } catch (cause) {
      stream.close()
      const words = [stream.complaint(), said.trim(), (cause as Error).message].find((text) => text !== '') ?? ''
      if (/"?bash"?: (executable file|command|no such file).*not found|"bash": executable file/i.test(words))
        throw new SandboxError('image', 'the image has no bash, which the sandbox needs', {
          hint: 'Use an image with bash 4 or later and GNU coreutils.',
          cause,
        })
      throw new SandboxError('gone', `bash does not start in the sandbox: ${firstLine(words)}`, { cause })
    } finally {
      clearTimeout(timer)
    }
  }

  get ended(): boolean {
    return this.#link.ended
  }

  /** Gives the stream to a user; output without one is dropped. */
  use(user: SupervisorUser | undefined): void {
    this.#link.user = user ?? NOBODY
  }

  /** Calls a function of the script with these words. */
  call(name: string, ...words: readonly (string | number)[]): void {
    this.#link.stream.write(`${name} ${words.map((word) => bashWord(String(word))).join(' ')}\n`)
  }

  /** Bytes that the function called last reads; exactly as many as it was told. */
  send(bytes: Buffer): void {
    this.#link.stream.write(bytes)
  }

  /** A command line that prints a mark from a shell that is not this one; `words` are bash source. */
  markLine(words: string): string {
    return `\\builtin printf '%s' ${bashWord(markStart(this.#secret))}${words}${bashWord(markEnd(this.#secret))}`
  }

  close(): void {
    this.#link.stream.close()
  }
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0]?.slice(0, 300) ?? ''
}
