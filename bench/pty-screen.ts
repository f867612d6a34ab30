import { readFileSync } from 'node:fs'
import { spawn } from '@lydell/node-pty'

/** A workbench in a pseudo-terminal; `since` holds what it wrote since the last key. */
export class Screen {
  readonly #pty: ReturnType<typeof spawn>
  since = ''
  bytes = 0
  #heard: () => void = () => undefined
  readonly #ended: Promise<void>

  /** @param words - arguments of the Node program. */
  constructor(program: string, words: readonly string[], extra: Readonly<Record<string, string>> = {}) {
    const env = { ...process.env, TERM: 'xterm-256color', ...extra } as Record<string, string>
    for (const name of ['CI', 'NO_COLOR', 'TMUX', 'NODE_OPTIONS']) delete env[name]
    this.#pty = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program, ...words], {
      cols: 200,
      rows: 50,
      env,
    })
    this.#pty.onData((data) => {
      this.since += data
      this.bytes += data.length
      this.#heard()
    })
    this.#ended = new Promise((resolve) => this.#pty.onExit(() => resolve()))
  }

  /** Types a key and resolves when `seen` is true of what came back, with the milliseconds it took. */
  press(key: string, seen: (since: string) => boolean): Promise<number> {
    this.since = ''
    const started = performance.now()
    this.#pty.write(key)
    return this.until(seen).then(() => performance.now() - started)
  }

  until(seen: (since: string) => boolean): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const timer = setTimeout(
      () => reject(new Error(`The screen did not answer; it wrote: ${JSON.stringify(this.since.slice(-500))}`)),
      20_000,
    )
    this.#heard = () => {
      if (!seen(this.since)) return
      clearTimeout(timer)
      resolve()
    }
    this.#heard()
    return promise
  }

  /** Processor seconds used so far, and resident megabytes. */
  usage(): { readonly cpuSeconds: number; readonly rssMb: number } {
    const fields = readFileSync(`/proc/${this.#pty.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
    const rssKb = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${this.#pty.pid}/status`, 'utf8'))?.[1]
    return { cpuSeconds: (Number(fields[11]) + Number(fields[12])) / 100, rssMb: Math.round(Number(rssKb) / 1024) }
  }

  close(): Promise<void> {
    this.#pty.kill('SIGKILL')
    return this.#ended
  }
}

/** Ends every painted frame. */
export const FRAME_END = '\u001b[?2026l'
