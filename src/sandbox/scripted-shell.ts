import type { FileMap } from '../domain/task.ts'
import { HeadTail } from './head-tail.ts'
import type { Shell, ShellInput, ShellResult, ShellWait } from './sandbox.ts'

/** What a command does in a scripted Sandbox. */
export interface ScriptedReply {
  /** Default: ''. */
  readonly output?: string
  /** Default: 0. */
  readonly exitCode?: number
  /** How long it runs; default 0. */
  readonly delayMs?: number
  /** Working folder of the shell afterwards; default: as before. */
  readonly cwd?: string
  /** Files it writes, relative to the working folder of the Sandbox or absolute. */
  readonly writes?: FileMap
  /** Ends the shell with it. */
  readonly lost?: boolean
}

/** The shell of a scripted Sandbox: commands take their time, nothing runs. */
export class ScriptedShell implements Shell {
  readonly #workdir: string
  readonly #reply: (command: string, cwd: string) => ScriptedReply
  #cwd: string
  #running: { readonly reply: ScriptedReply; readonly endsAt: number } | undefined

  constructor(workdir: string, reply: (command: string, cwd: string) => ScriptedReply) {
    this.#workdir = workdir
    this.#cwd = workdir
    this.#reply = reply
  }

  get busy(): boolean {
    return this.#running !== undefined
  }

  async run(command: string, wait: ShellWait): Promise<ShellResult> {
    wait.signal?.throwIfAborted()
    const reply = this.#reply(command, this.#cwd)
    this.#running = { reply, endsAt: performance.now() + (reply.delayMs ?? 0) }
    return this.#answer(wait)
  }

  async input(input: ShellInput, wait: ShellWait): Promise<ShellResult> {
    wait.signal?.throwIfAborted()
    if (input.type === 'key' && this.#running !== undefined)
      this.#running = { reply: { exitCode: input.key.toLowerCase() === 'c-z' ? 148 : 130 }, endsAt: performance.now() }
    return this.#answer(wait)
  }

  async interrupt(): Promise<{ readonly lost: boolean }> {
    this.#running = undefined
    return { lost: false }
  }

  async #answer(wait: ShellWait): Promise<ShellResult> {
    const begun = performance.now()
    const running = this.#running
    if (running === undefined)
      return { end: 'exit', output: '', bytes: 0, exitCode: undefined, cwd: this.#cwd, durationMs: 0 }
    const limit = Math.min(wait.timeoutMs, wait.quietMs ?? Number.POSITIVE_INFINITY)
    const left = running.endsAt - begun
    if (left > 0) await pause(Math.min(left, limit), wait.signal)
    const durationMs = performance.now() - begun
    if (left > limit) {
      const end = limit === wait.timeoutMs ? 'timeout' : 'quiet'
      return { end, output: '', bytes: 0, exitCode: undefined, cwd: undefined, durationMs }
    }
    this.#running = undefined
    const { output = '', exitCode = 0, lost = false, cwd } = running.reply
    this.#cwd = lost ? this.#workdir : (cwd ?? this.#cwd)
    return {
      end: lost ? 'lost' : 'exit',
      ...capped(output, wait),
      exitCode,
      cwd: lost ? undefined : this.#cwd,
      durationMs,
    }
  }
}

/** Output with the middle left out, as a real Sandbox gives it. */
export function capped(
  text: string,
  { maxBytes, onOutput }: { readonly maxBytes: number; readonly onOutput?: (chunk: Buffer) => void },
): { readonly output: string; readonly bytes: number } {
  if (text === '') return { output: '', bytes: 0 }
  const bytes = Buffer.from(text)
  onOutput?.(bytes)
  if (bytes.length <= maxBytes) return { output: text, bytes: bytes.length }
  const kept = new HeadTail(maxBytes)
  kept.add(bytes)
  return { output: kept.text(), bytes: bytes.length }
}

/** Waits; rejects with the signal's reason when it aborts. */
export function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  if (ms <= 0) return Promise.resolve()
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      clearTimeout(timer)
      reject(signal?.reason as Error)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', abort)
      resolve()
    }, ms)
    signal?.addEventListener('abort', abort, { once: true })
  })
}
