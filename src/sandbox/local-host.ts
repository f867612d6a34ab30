import { writeFileSync } from 'node:fs'
import { release } from 'node:os'
import { dirname, join } from 'node:path'
import type { SandboxHost } from './bash-sandbox.ts'
import { type Bubblewrap, bubblewrapArguments, variablesOf } from './bubblewrap.ts'
import { type Cgroup, makeCgroup } from './cgroup.ts'
import { CGROUPS, copyParts, type LocalFolder, makeFolder, removeFolder } from './local-folder.ts'
import { type LocalCommand, type LocalStream, openLocalStream, PipeShelf } from './local-stream.ts'
import type { SandboxSpec, Snapshot } from './sandbox.ts'
import { SandboxError } from './sandbox-error.ts'
import type { SandboxStream, StreamEvents } from './stream.ts'
import type { UsageWatch, Watched } from './usage-watch.ts'

/** Enters control groups, then becomes the command: nothing runs outside of them even for a moment. */
const ENTER = 'while [ "$1" != -- ]; do echo $$ >"$1" || exit 97; shift; done; shift; exec "$@"'
const BASH = ['bash', '--noprofile', '--norc']
const LONGEST_END_MS = 3000

/** What isolates Sandboxes, and the folder they see as /etc. */
export interface Isolation {
  readonly bubblewrap: Bubblewrap
  readonly etc: string
}

/** A folder on this machine with bash processes that see (nearly) nothing else. */
export class LocalHost implements SandboxHost {
  readonly kind = 'local'
  readonly id: string
  readonly workdir: string
  readonly alias: string
  readonly prologue: readonly string[]
  readonly #root: string
  readonly #folder: LocalFolder
  readonly #isolation: Isolation | undefined
  readonly #spec: SandboxSpec
  readonly #cgroup: Cgroup | undefined
  readonly #watch: UsageWatch
  readonly #shelf: PipeShelf
  readonly #streams = new Map<LocalStream, number>()
  readonly #watched: Watched
  #kills = 0
  #fault: SandboxError | undefined

  constructor(
    root: string,
    folder: LocalFolder,
    spec: SandboxSpec,
    isolation: Isolation | undefined,
    watch: UsageWatch,
  ) {
    this.id = folder.id
    this.#root = root
    this.#folder = folder
    this.#spec = spec
    this.#isolation = isolation
    this.workdir = isolation === undefined ? folder.files : spec.workdir
    this.alias = spec.workdir
    this.#shelf = new PipeShelf(folder.path)
    this.#cgroup = makeCgroup(folder.id, spec.limits)
    if (this.#cgroup !== undefined) writeFileSync(join(folder.path, CGROUPS), this.#cgroup.folders.join('\n'))
    this.prologue = limitLines(spec, this.#cgroup !== undefined, isolation !== undefined)
    this.#watch = watch
    this.#watched = {
      limits: spec.limits,
      folder: folder.path,
      held: this.#cgroup !== undefined,
      roots: () => [...this.#streams.values()],
      overMemory: () => this.#over(1),
      overProcesses: () => this.#over(0),
      overDisk: (bytes) => this.#overDisk(bytes),
    }
    watch.add(this.#watched)
  }

  readonly open = async (events: StreamEvents): Promise<SandboxStream> => {
    const stream = await openLocalStream(this.#command(), this.#shelf, events)
    this.#streams.set(stream, stream.pid)
    void stream.exited.then(() => this.#streams.delete(stream))
    return stream
  }

  fault(): Promise<SandboxError | undefined> {
    return Promise.resolve(this.#fault)
  }

  oomKills(): number {
    return this.#kills + (this.#cgroup?.oomKills() ?? 0)
  }

  async snapshot(): Promise<Snapshot> {
    const copy = await makeFolder(this.#root, 'snapshot-')
    await copyParts(this.#folder.path, copy.path)
    return { kind: 'local', reference: copy.path, remove: () => removeFolder(copy.path) }
  }

  attachCommand(): readonly string[] {
    const bash = ['bash', '--norc', '-i']
    const isolated = this.#isolated({ session: false })
    if (isolated !== undefined) return [...isolated, ...bash]
    const variables = Object.entries(this.#plainVariables()).map(([name, value]) => `${name}=${value}`)
    return ['env', '-i', `--chdir=${this.workdir}`, ...variables, ...bash]
  }

  async close(): Promise<void> {
    this.#fault ??= new SandboxError('gone', `sandbox ${this.id} is closed`)
    this.#watch.remove(this.#watched)
    const ends = [...this.#streams.keys()].map((stream) => {
      stream.close()
      return stream.exited
    })
    const late = Promise.withResolvers<void>()
    const timer = setTimeout(() => late.resolve(), LONGEST_END_MS)
    await Promise.race([Promise.all(ends), late.promise])
    clearTimeout(timer)
    await this.#cgroup?.remove()
    await removeFolder(this.#folder.path)
  }

  #command(): LocalCommand {
    const isolated = this.#isolated()
    const inner = isolated === undefined ? BASH : [...isolated, ...BASH]
    const entrances = this.#cgroup?.entrances ?? []
    return {
      argv: entrances.length === 0 ? inner : ['/bin/sh', '-c', ENTER, 'sh', ...entrances, '--', ...inner],
      env: isolated === undefined ? this.#plainVariables() : { PATH: process.env['PATH'] ?? '/usr/bin:/bin' },
      cwd: this.#folder.files,
      group: isolated === undefined,
    }
  }

  /** The command line up to the program that runs inside. */
  #isolated(options: { session?: boolean } = {}): string[] | undefined {
    if (this.#isolation === undefined) return undefined
    const { bubblewrap, etc } = this.#isolation
    const { files, tmp, home } = this.#folder
    const { workdir, network, variables } = this.#spec
    const view = { files, tmp, home, etc, workdir, network, variables }
    return [bubblewrap.path, ...bubblewrapArguments(bubblewrap, view, options), '--']
  }

  #plainVariables(): Record<string, string> {
    const path = `${dirname(process.execPath)}:${process.env['PATH'] ?? '/usr/bin:/bin'}`
    const { home, tmp } = this.#folder
    return { ...variablesOf({}), PATH: path, HOME: home, TMPDIR: tmp, ...this.#spec.variables }
  }

  /** Ends what runs; the files stay, and the next command starts a new bash. */
  #over(kills: number): void {
    this.#kills += kills
    for (const stream of this.#streams.keys()) stream.close()
  }

  #overDisk(bytes: number): void {
    const mb = (count: number): number => Math.round(count / 1e6)
    this.#fault ??= new SandboxError(
      'disk',
      `sandbox ${this.id} wrote ${mb(bytes)} MB; its limit is ${mb(this.#spec.limits.diskBytes)} MB`,
    )
    this.#over(0)
  }
}

/** Limits that processes set for themselves and cannot raise again. */
function limitLines(spec: SandboxSpec, held: boolean, namespaced: boolean): string[] {
  const { memoryBytes, processes, diskBytes } = spec.limits
  const lines = ['ulimit -c 0', 'ulimit -n 4096', `ulimit -f ${Math.ceil(diskBytes / 1024)}`]
  if (held) return lines
  // Data, not address space: V8 reserves far more addresses than it uses.
  lines.push(`ulimit -d ${Math.ceil(memoryBytes / 1024)}`)
  if (namespaced && countsPerNamespace()) lines.push(`ulimit -u ${processes}`)
  return lines
}

/** Since Linux 5.14 processes are counted per user namespace; before, the user's other programs would count too. */
function countsPerNamespace(): boolean {
  const [major = 0, minor = 0] = release().split('.').map(Number)
  return major > 5 || (major === 5 && minor >= 14)
}
