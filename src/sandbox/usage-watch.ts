import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { promisify } from 'node:util'
import type { SandboxLimits } from './sandbox.ts'

const run = promisify(execFile)

const MEMORY_PERIOD_MS = 500
const DISK_PERIOD_MS = 5000
/** Bubblewrap and bash themselves; where the kernel counts too it refuses before we kill. */
const OWN_PROCESSES = 16
const PAGE = 4096
/** A file system that lost less space than this since the last look needs no closer look. */
const DISK_STEP = 64 * 1024 ** 2

/** A Sandbox whose use of memory and disk nobody else holds to its limits. */
export interface Watched {
  readonly limits: SandboxLimits
  /** Folder whose size counts. */
  readonly folder: string
  /** Host process ids its processes descend from. */
  readonly roots: () => readonly number[]
  /** Whether the kernel already holds its memory and processes to the limits. */
  readonly held: boolean
  overMemory(): void
  overProcesses(): void
  overDisk(bytes: number): void
}

/** Looks at all local Sandboxes of this process: one pass over /proc serves them all, `du` runs only where space went. */
export class UsageWatch {
  readonly #watched = new Map<Watched, { free: number }>()
  #memory: NodeJS.Timeout | undefined
  #disk: NodeJS.Timeout | undefined

  add(watched: Watched): void {
    this.#watched.set(watched, { free: Number.NaN })
    if (!watched.held) this.#memory ??= setInterval(() => this.#checkMemory(), MEMORY_PERIOD_MS).unref()
    this.#disk ??= setInterval(() => void this.#checkDisk(), DISK_PERIOD_MS).unref()
  }

  remove(watched: Watched): void {
    this.#watched.delete(watched)
    if (this.#watched.size > 0) return
    clearInterval(this.#memory)
    clearInterval(this.#disk)
    this.#memory = undefined
    this.#disk = undefined
  }

  #checkMemory(): void {
    const processes = readProcesses()
    for (const watched of this.#watched.keys()) {
      if (watched.held) continue
      const { bytes, count } = usedBelow(watched.roots(), processes)
      if (bytes > watched.limits.memoryBytes) watched.overMemory()
      else if (count > watched.limits.processes + OWN_PROCESSES) watched.overProcesses()
    }
  }

  async #checkDisk(): Promise<void> {
    for (const [watched, seen] of [...this.#watched]) {
      try {
        const { bavail, bsize } = await statfs(watched.folder)
        const free = bavail * bsize
        if (seen.free - free < DISK_STEP) {
          seen.free = Math.max(free, seen.free)
          continue
        }
        seen.free = free
        const { stdout } = await run('du', ['-sk', '--', watched.folder], { timeout: 60_000 })
        const bytes = Number.parseInt(stdout, 10) * 1024
        if (bytes > watched.limits.diskBytes && this.#watched.has(watched)) watched.overDisk(bytes)
      } catch {
        // The folder went away meanwhile.
      }
    }
  }
}

interface ProcessUse {
  readonly bytes: number
  readonly children: number[]
}

function readProcesses(): Map<number, ProcessUse> {
  const processes = new Map<number, ProcessUse>()
  const parents: (readonly [child: number, parent: number])[] = []
  for (const name of readdirSync('/proc')) {
    const pid = Number(name)
    if (!Number.isInteger(pid)) continue
    try {
      const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
      const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
      processes.set(pid, { bytes: Number(fields[21]) * PAGE, children: [] })
      parents.push([pid, Number(fields[1])])
    } catch {
      // It ended meanwhile.
    }
  }
  for (const [child, parent] of parents) processes.get(parent)?.children.push(child)
  return processes
}

function usedBelow(
  roots: readonly number[],
  processes: ReadonlyMap<number, ProcessUse>,
): { bytes: number; count: number } {
  let bytes = 0
  let count = 0
  const stack = [...roots]
  while (stack.length > 0) {
    const use = processes.get(stack.pop() ?? 0)
    if (use === undefined) continue
    bytes += use.bytes
    count++
    for (const child of use.children) stack.push(child)
  }
  return { bytes, count }
}
