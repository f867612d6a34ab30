import { randomBytes } from 'node:crypto'
import { SealignError } from '../domain/errors.ts'
import { bashWord } from './bash-word.ts'
import { Capture } from './capture.ts'
import type { Shell, ShellInput, ShellResult, ShellWait } from './sandbox.ts'
import { SandboxError } from './sandbox-error.ts'
import type { Supervisor, SupervisorUser } from './supervisor.ts'
import { TerminalNoiseFilter } from './terminal-noise.ts'

/** Kept of what background programs print while nobody waits. */
const IDLE_BYTES = 64 * 1024
const START_MS = 10_000
/** Steps of the kill ladder: how long a program may take to end after each. */
const AFTER_INT_MS = 1000
const AFTER_KILL_MS = 300
const KILLS = 3
const AFTER_SHELL_KILL_MS = 2000

/** What a Shell needs from its Sandbox. */
export interface ShellHome {
  readonly workdir: string
  /** A fresh Supervisor; throws SandboxError when the Sandbox is gone. */
  supervisor(): Promise<Supervisor>
}

/** How the command that ran came to its end. */
type Ending = { readonly end: 'exit' | 'lost'; readonly exitCode: number | undefined }

/**
 * The persistent shell: an interactive bash without a terminal, so that Ctrl-C ends a whole command line and the shell lives.
 *
 * A command travels as one quoted word of `eval`, its stdin is a pipe of its own, and a mark with a random id tells its end;
 * nothing in the command's text or output can be taken for ours. A shell that dies is replaced by one in `workdir`.
 */
export class ShellSession implements Shell {
  readonly #home: ShellHome
  readonly #capture = new Capture(IDLE_BYTES)
  readonly #noise = new TerminalNoiseFilter((chunk) => this.#capture.add(chunk))
  #supervisor: Supervisor | undefined
  /** Process id of the shell inside; `undefined`: none runs. */
  #pid: number | undefined
  #launch = ''
  #launched: PromiseWithResolvers<void> | undefined
  #command: string | undefined
  #ending: Ending | undefined
  /** Wakes the calls that wait. */
  readonly #wakes = new Set<() => void>()
  #cwd: string
  #status = 0
  #stdinUsed = false

  private constructor(home: ShellHome) {
    this.#home = home
    this.#cwd = home.workdir
  }

  /** @throws SandboxError `gone` when no shell starts. */
  static async start(home: ShellHome): Promise<ShellSession> {
    const shell = new ShellSession(home)
    await shell.#start()
    return shell
  }

  /** A command whose end nobody has heard of yet counts as running: `input` with `wait` tells it. */
  get busy(): boolean {
    return this.#command !== undefined
  }

  async run(command: string, wait: ShellWait): Promise<ShellResult> {
    if (this.busy) throw new SealignError('bug', 'the shell was given a command while another one runs')
    wait.signal?.throwIfAborted()
    if (this.#pid === undefined) await this.#start()
    const supervisor = this.#supervisor
    if (supervisor === undefined) throw new SandboxError('gone', 'the shell of the sandbox is gone')
    if (this.#stdinUsed) supervisor.call('_renew')
    this.#stdinUsed = false
    const id = randomBytes(4).toString('hex')
    this.#command = id
    this.#ending = undefined
    // The status of the command before, as `$?` shows it; not under `set -e`, which it would trigger.
    const status = this.#status === 0 ? '' : `case $- in *e*) ;; *) (exit ${this.#status});; esac; `
    supervisor.call(
      '_line',
      `${status}\\builtin eval -- ${bashWord(command)} </proc/${supervisor.pid}/fd/8 >&19 2>&1 19>&-`,
      `${supervisor.markLine(`e:${id}:"$?":"$PWD"`)} >&19`,
      this.#pid ?? '',
    )
    return this.#answer(wait)
  }

  async input(input: ShellInput, wait: ShellWait): Promise<ShellResult> {
    wait.signal?.throwIfAborted()
    if (this.busy && this.#ending === undefined) this.#send(input)
    return this.#answer(wait)
  }

  async interrupt(): Promise<{ readonly lost: boolean }> {
    if (this.busy && this.#ending === undefined) await this.#kill()
    const lost = this.#ending?.end === 'lost'
    this.#command = undefined
    // Whoever wants the last words of a program sends it a key; here they would only stand before the next command's output.
    this.#capture.take(IDLE_BYTES)
    if (lost) await this.#start()
    return { lost }
  }

  /** Ends bash and what runs in it. */
  close(): void {
    this.#supervisor?.use(undefined)
    this.#supervisor?.close()
    this.#supervisor = undefined
    this.#pid = undefined
    this.#ended({ end: 'lost', exitCode: undefined })
    this.#command = undefined
  }

  #send(input: ShellInput): void {
    const supervisor = this.#supervisor
    if (supervisor === undefined || input.type === 'wait') return
    this.#stdinUsed = true
    if (input.type === 'text') return supervisor.call('_text', input.text)
    const letter = /^C-(.)$/i.exec(input.key)?.[1]?.toLowerCase()
    if (letter === 'c') supervisor.call('_signal', 'INT', this.#pid ?? '')
    else if (letter === 'z') supervisor.call('_signal', 'TSTP', this.#pid ?? '')
    else if (letter === '\\') supervisor.call('_signal', 'QUIT', this.#pid ?? '')
    else if (letter === 'd') supervisor.call('_pipe')
    else if (letter !== undefined) supervisor.call('_text', String.fromCharCode(letter.charCodeAt(0) & 0x1f))
    else supervisor.call('_text', input.key)
  }

  /** Waits for the end of the command, silence, or the time; then tells what was printed. */
  async #answer(wait: ShellWait): Promise<ShellResult> {
    const begun = performance.now()
    this.#capture.resize(wait.maxBytes)
    this.#capture.lastAt = begun
    this.#capture.listener = wait.onOutput
    let end: ShellResult['end']
    try {
      end = this.busy ? await this.#wait(begun, wait) : 'exit'
      this.#noise.flush()
    } finally {
      this.#capture.listener = undefined
    }
    const ending = end === 'exit' || end === 'lost' ? this.#ending : undefined
    if (ending !== undefined || !this.busy) this.#command = undefined
    const printed = this.#capture.take(IDLE_BYTES)
    const durationMs = performance.now() - begun
    if (end === 'lost') await this.#start()
    const cwd = end === 'exit' ? this.#cwd : undefined
    return { end, ...printed, exitCode: ending?.exitCode, cwd, durationMs }
  }

  #wait(
    begun: number,
    { quietMs = Number.POSITIVE_INFINITY, timeoutMs, signal }: ShellWait,
  ): Promise<ShellResult['end']> {
    if (this.#ending !== undefined) return Promise.resolve(this.#ending.end)
    return new Promise((resolve, reject) => {
      let timer: NodeJS.Timeout | undefined
      const settle = (settled: () => void): void => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', abort)
        this.#wakes.delete(wake)
        settled()
      }
      const abort = (): void => settle(() => reject(signal?.reason as Error))
      const check = (): void => {
        const now = performance.now()
        const hard = begun + timeoutMs - now
        const quiet = this.#capture.lastAt + quietMs - now
        if (hard <= 0) settle(() => resolve('timeout'))
        else if (quiet <= 0) settle(() => resolve('quiet'))
        else timer = setTimeout(check, Math.min(Math.ceil(Math.min(hard, quiet)), 2 ** 31 - 1))
      }
      const wake = (): void => settle(() => resolve(this.#ending?.end ?? 'lost'))
      this.#wakes.add(wake)
      signal?.addEventListener('abort', abort)
      check()
    })
  }

  async #kill(): Promise<void> {
    const supervisor = this.#supervisor
    const pid = this.#pid ?? ''
    supervisor?.call('_signal', 'INT', pid)
    if (await this.#ends(AFTER_INT_MS)) return
    for (let n = 0; n < KILLS; n++) {
      supervisor?.call('_signal', 'KILL', pid)
      if (await this.#ends(AFTER_KILL_MS)) return
      supervisor?.call('_signal', 'INT', pid)
      if (await this.#ends(AFTER_KILL_MS)) return
    }
    supervisor?.call('_signal', 'SHELL', pid)
    if (await this.#ends(AFTER_SHELL_KILL_MS)) return
    this.close()
  }

  async #ends(withinMs: number): Promise<boolean> {
    await this.#wait(performance.now(), { timeoutMs: withinMs, maxBytes: IDLE_BYTES })
    return this.#ending !== undefined
  }

  #ended(ending: Ending): void {
    this.#noise.flush()
    this.#status = ending.end === 'exit' ? (ending.exitCode ?? 0) : 0
    if (this.#command === undefined || this.#ending !== undefined) return
    this.#ending = ending
    for (const wake of [...this.#wakes]) wake()
  }

  async #start(): Promise<void> {
    if (this.#pid !== undefined) return
    if (this.#supervisor === undefined || this.#supervisor.ended) {
      this.#supervisor = await this.#home.supervisor()
      this.#supervisor.use(this.#user)
    }
    this.#launch = randomBytes(4).toString('hex')
    this.#launched = Promise.withResolvers()
    this.#status = 0
    const supervisor = this.#supervisor
    supervisor.call(
      '_launch',
      this.#launch,
      `PS1= PS2=; unset HISTFILE MAILCHECK; set +H +o history -m; \\builtin cd -- ${bashWord(this.#home.workdir)}`,
      `${supervisor.markLine(`h:${this.#launch}:$$:"$PWD"`)} >&19`,
    )
    const timer = setTimeout(() => this.#launched?.reject(new Error('no answer')), START_MS)
    try {
      await this.#launched.promise
    } catch (cause) {
      this.close()
      throw new SandboxError('gone', `no shell starts in the sandbox: ${(cause as Error).message}`, { cause })
    } finally {
      clearTimeout(timer)
      this.#launched = undefined
    }
  }

  readonly #user: SupervisorUser = {
    data: (chunk) => this.#noise.push(chunk),
    mark: (fields) => {
      const [kind, id, first, ...rest] = fields
      if (kind === 'e' && id === this.#command) {
        this.#cwd = rest.join(':') || this.#cwd
        this.#ended({ end: 'exit', exitCode: Number(first) })
      } else if (kind === 'h' && id === this.#launch) {
        this.#pid = Number(first)
        this.#cwd = rest.join(':') || this.#home.workdir
        this.#launched?.resolve()
      } else if (kind === 'd' && id === this.#launch) {
        this.#pid = undefined
        this.#launched?.reject(new Error('bash ended at once'))
        this.#ended({ end: 'lost', exitCode: Number(first) })
      } else return false
      return true
    },
    end: () => {
      this.#pid = undefined
      this.#launched?.reject(new Error('its connection broke'))
      this.#ended({ end: 'lost', exitCode: undefined })
    },
  }
}
