import { randomBytes } from 'node:crypto'
import { posix } from 'node:path'
import type {
  ExecOptions,
  ExecResult,
  FileRead,
  Sandbox,
  SandboxProvider,
  SandboxSpec,
  Shell,
  Snapshot,
} from './sandbox.ts'
import { SandboxError } from './sandbox-error.ts'
import { capped, pause, type ScriptedReply, ScriptedShell } from './scripted-shell.ts'

/** What a scripted command sees. */
export interface ScriptedContext {
  readonly spec: SandboxSpec
  readonly cwd: string
  /** Texts by absolute path. */
  readonly files: ReadonlyMap<string, string>
  readonly via: 'shell' | 'exec'
}

/** Answers by command, or a function; `undefined` is answered as an unknown command (127). A text is output with exit code 0. */
export type SandboxScript =
  | Readonly<Record<string, string | ScriptedReply>>
  | ((command: string, context: ScriptedContext) => string | ScriptedReply | undefined)

/** Sandboxes without processes, for replay, benchmarks and tests: commands are answered from a script, files live in memory. */
export function createScriptedProvider(script: SandboxScript = {}): SandboxProvider {
  const snapshots = new Map<string, ReadonlyMap<string, string>>()
  const answer =
    typeof script === 'function'
      ? script
      : (command: string) => (Object.hasOwn(script, command) ? script[command] : undefined)
  return {
    kind: 'scripted',
    async create(spec, signal) {
      signal?.throwIfAborted()
      const kept = spec.from === undefined ? undefined : snapshots.get(spec.from.reference)
      if (spec.from !== undefined && kept === undefined)
        throw new SandboxError('image', `the snapshot ${spec.from.reference} is no longer there`)
      return new ScriptedSandbox(spec, answer, snapshots, kept)
    },
    sweep: async () => 0,
    describe: async () => 'scripted answers, nothing is executed',
    close: async () => snapshots.clear(),
  }
}

type Answer = (command: string, context: ScriptedContext) => string | ScriptedReply | undefined

class ScriptedSandbox implements Sandbox {
  readonly kind = 'scripted'
  readonly id = randomBytes(6).toString('hex')
  readonly workdir: string
  readonly #spec: SandboxSpec
  readonly #answer: Answer
  readonly #snapshots: Map<string, ReadonlyMap<string, string>>
  readonly #files: Map<string, string>
  #shell: ScriptedShell | undefined
  #closed = false

  constructor(
    spec: SandboxSpec,
    answer: Answer,
    snapshots: Map<string, ReadonlyMap<string, string>>,
    files: ReadonlyMap<string, string> | undefined,
  ) {
    this.#spec = spec
    this.workdir = spec.workdir
    this.#answer = answer
    this.#snapshots = snapshots
    const written = Object.entries(spec.files).map(([path, text]) => [posix.resolve(spec.workdir, path), text] as const)
    this.#files = new Map(files ?? written)
  }

  async shell(): Promise<Shell> {
    this.#standing()
    this.#shell ??= new ScriptedShell(this.workdir, (command, cwd) => this.#reply(command, cwd, 'shell'))
    return this.#shell
  }

  async exec(script: string, options: ExecOptions): Promise<ExecResult> {
    this.#standing()
    options.signal?.throwIfAborted()
    const begun = performance.now()
    const reply = this.#reply(script, posix.resolve(this.workdir, options.cwd ?? '.'), 'exec')
    const delayMs = reply.delayMs ?? 0
    await pause(Math.min(delayMs, options.timeoutMs), options.signal)
    const timedOut = delayMs > options.timeoutMs
    const printed = capped(timedOut ? '' : (reply.output ?? ''), options)
    const exitCode = timedOut ? undefined : (reply.exitCode ?? 0)
    return { ...printed, exitCode, timedOut, outOfMemory: false, durationMs: performance.now() - begun }
  }

  async readFile(path: string, maxBytes: number): Promise<FileRead | undefined> {
    this.#standing()
    const whole = posix.resolve(this.workdir, path)
    const text = this.#files.get(whole)
    if (text === undefined) {
      const below = whole === '/' ? '/' : `${whole}/`
      const directory = whole === this.workdir || [...this.#files.keys()].some((file) => file.startsWith(below))
      return directory ? { bytes: Buffer.alloc(0), size: 0, directory } : undefined
    }
    const bytes = Buffer.from(text)
    return { bytes: bytes.subarray(0, maxBytes), size: bytes.length, directory: false }
  }

  async writeFile(path: string, text: string): Promise<void> {
    this.#standing()
    this.#files.set(posix.resolve(this.workdir, path), text)
  }

  async snapshot(): Promise<Snapshot> {
    this.#standing()
    const reference = randomBytes(6).toString('hex')
    this.#snapshots.set(reference, new Map(this.#files))
    const snapshots = this.#snapshots
    return { kind: 'scripted', reference, remove: async () => void snapshots.delete(reference) }
  }

  attachCommand(): readonly string[] {
    return ['echo', 'a scripted sandbox has no shell to open']
  }

  async close(): Promise<void> {
    this.#closed = true
  }

  #reply(command: string, cwd: string, via: 'shell' | 'exec'): ScriptedReply {
    this.#standing()
    const reply = this.#answer(command, { spec: this.#spec, cwd, files: this.#files, via })
    if (reply === undefined) return { output: `bash: ${command.split(/\s/, 1)[0]}: command not found\n`, exitCode: 127 }
    if (typeof reply === 'string') return { output: reply }
    for (const [path, text] of Object.entries(reply.writes ?? {}))
      this.#files.set(posix.resolve(this.workdir, path), text)
    return reply
  }

  #standing(): void {
    if (this.#closed) throw new SandboxError('gone', `sandbox ${this.id} is closed`)
  }
}
