import { posix } from 'node:path'
import { readInside, writeInside } from './file-access.ts'
import { runOneShot } from './one-shot.ts'
import type { ExecOptions, ExecResult, FileRead, Sandbox, SandboxKind, Shell, Snapshot } from './sandbox.ts'
import { SandboxError } from './sandbox-error.ts'
import { ShellSession } from './shell-session.ts'
import type { OpenStream } from './stream.ts'
import { Supervisor } from './supervisor.ts'
import { SupervisorPool } from './supervisor-pool.ts'

/** One isolated place with a bash: what the kinds of Sandboxes differ in. */
export interface SandboxHost {
  readonly kind: SandboxKind
  readonly id: string
  readonly workdir: string
  /** Another name for `workdir` by which callers know it, where the host could not give it that place. */
  readonly alias?: string
  /** Lines that every Supervisor runs first: limits that must be set from inside. */
  readonly prologue: readonly string[]
  readonly open: OpenStream
  /** Why the place is no more; `undefined`: it still stands. Asked when a bash ended unasked. */
  fault(): Promise<SandboxError | undefined>
  /** Processes killed for memory so far; absent where only the inside can tell. */
  oomKills?(): number
  snapshot(): Promise<Snapshot>
  attachCommand(): readonly string[]
  close(): Promise<void>
}

/** A Sandbox made of bash processes inside a host: shell, one-shot commands and files over Supervisors. */
export class BashSandbox implements Sandbox {
  readonly kind: SandboxKind
  readonly id: string
  readonly workdir: string
  readonly #host: SandboxHost
  readonly #pool: SupervisorPool
  #shell: Promise<ShellSession> | undefined
  #oomKills = 0
  #closed: Promise<void> | undefined
  readonly #onClose: (() => void) | undefined

  /** @param closed - Called once when it is closed. */
  constructor(host: SandboxHost, closed?: () => void) {
    this.kind = host.kind
    this.id = host.id
    this.workdir = host.workdir
    this.#host = host
    this.#onClose = closed
    this.#pool = new SupervisorPool(() => this.#supervisor())
  }

  /** Starts the bash that the first call would start; throws what that call would throw. */
  async warmUp(): Promise<void> {
    await this.#pool.with(async () => undefined)
  }

  shell(): Promise<Shell> {
    this.#shell ??= ShellSession.start({ workdir: this.workdir, supervisor: () => this.#supervisor() }).catch(
      (error: unknown) => {
        this.#shell = undefined
        throw error
      },
    )
    return this.#shell
  }

  async exec(script: string, options: ExecOptions): Promise<ExecResult> {
    const begun = performance.now()
    const cwd = this.#path(options.cwd ?? '.')
    const before = this.#host.oomKills?.()
    const shot = await this.#pool.with(async (supervisor, retire) => {
      const done = await runOneShot(supervisor, script, { ...options, cwd })
      if (done?.left === true) retire()
      return done
    })
    if (shot === undefined) {
      await this.#standing()
      const outOfMemory = before !== undefined && (this.#host.oomKills?.() ?? 0) > before
      const durationMs = performance.now() - begun
      return { output: '', bytes: 0, exitCode: undefined, timedOut: false, outOfMemory, durationMs }
    }
    return this.#withMemory(shot.result, before, shot.oomKills)
  }

  async readFile(path: string, maxBytes: number): Promise<FileRead | undefined> {
    return this.#files((supervisor) => readInside(supervisor, this.#path(path), maxBytes))
  }

  async writeFile(path: string, text: string): Promise<void> {
    return this.#files((supervisor) => writeInside(supervisor, this.#path(path), text))
  }

  async snapshot(): Promise<Snapshot> {
    return this.#host.snapshot()
  }

  attachCommand(): readonly string[] {
    return this.#host.attachCommand()
  }

  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    this.#onClose?.()
    this.#pool.close()
    void this.#shell?.then(
      (shell) => shell.close(),
      () => undefined,
    )
    await this.#host.close()
  }

  #path(path: string): string {
    const { alias } = this.#host
    const whole = posix.resolve(this.workdir, path)
    if (alias === undefined || !(whole === alias || whole.startsWith(`${alias}/`))) return whole
    return `${this.workdir}${whole.slice(alias.length)}`
  }

  /** A command that failed while a process of the Sandbox was killed for memory failed of that. */
  #withMemory(result: ExecResult, before: number | undefined, inside: number | undefined): ExecResult {
    const now = before === undefined ? inside : this.#host.oomKills?.()
    if (now === undefined || result.exitCode === 0) return result
    const outOfMemory = now > (before ?? this.#oomKills)
    this.#oomKills = now
    if (!outOfMemory) return result
    return { ...result, outOfMemory, exitCode: result.exitCode === 137 ? undefined : result.exitCode }
  }

  async #files<T>(work: (supervisor: Supervisor) => Promise<T>): Promise<T> {
    try {
      return await this.#pool.with(work)
    } catch (error) {
      if (error instanceof SandboxError && error.fault === 'gone') await this.#standing()
      throw error
    }
  }

  async #supervisor(): Promise<Supervisor> {
    if (this.#closed !== undefined) throw new SandboxError('gone', `sandbox ${this.id} is closed`)
    try {
      return await Supervisor.start(this.#host.open, this.#host.prologue)
    } catch (error) {
      await this.#standing()
      throw error
    }
  }

  async #standing(): Promise<void> {
    if (this.#closed !== undefined) throw new SandboxError('gone', `sandbox ${this.id} is closed`)
    const fault = await this.#host.fault()
    if (fault !== undefined) throw fault
  }
}
