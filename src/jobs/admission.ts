import { readFileSync, statfsSync } from 'node:fs'
import { availableParallelism, freemem, loadavg, totalmem } from 'node:os'
import { bytesText } from '../importers/limits.ts'

/** What must be free before another Sandbox is started. */
export interface Watermarks {
  readonly memoryBytes: number
  readonly diskBytes: number
  /** One-minute load average per core. */
  readonly load: number
}

export const DEFAULT_WATERMARKS: Watermarks = {
  memoryBytes: Math.max(512 * 1024 ** 2, totalmem() * 0.05),
  diskBytes: 2 * 1024 ** 3,
  load: 8,
}

/** What the machine has left. */
export interface Capacity {
  readonly memoryBytes: number
  readonly diskBytes: number
  readonly load: number
}

/** Looks at this machine; `folders` are where Sandboxes and the session are kept. */
export function capacity(folders: readonly string[]): Capacity {
  return {
    memoryBytes: availableMemory(),
    diskBytes: Math.min(...folders.map(freeBytes)),
    load: (loadavg()[0] ?? 0) / availableParallelism(),
  }
}

/** Why no Sandbox may be started now, one phrase for people; `undefined`: one may. */
export function refusal(have: Capacity, need: Watermarks = DEFAULT_WATERMARKS): string | undefined {
  if (have.diskBytes < need.diskBytes)
    return `${bytesText(have.diskBytes)} of disk are free, ${bytesText(need.diskBytes)} are needed`
  if (have.memoryBytes < need.memoryBytes)
    return `${bytesText(have.memoryBytes)} of memory are free, ${bytesText(need.memoryBytes)} are needed`
  if (have.load > need.load) return `the load is ${have.load.toFixed(1)} per core, at most ${need.load} is wanted`
  return undefined
}

/** Memory that can be had without swapping, caches included. */
function availableMemory(): number {
  try {
    const kilobytes = /^MemAvailable:\s+(\d+)/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1]
    return kilobytes === undefined ? freemem() : Number(kilobytes) * 1024
  } catch {
    return freemem()
  }
}

function freeBytes(folder: string): number {
  try {
    const { bavail, bsize } = statfsSync(folder)
    return bavail * bsize
  } catch {
    return Number.POSITIVE_INFINITY
  }
}

/** Judgements are this far apart at least, so that the load of what was just started is seen, milliseconds. */
const JUDGE_EVERY_MS = 500

/** Decides whether another Sandbox may be started on this machine now. */
export class Admission {
  readonly #folders: readonly string[]
  readonly #tell: (refused: string | undefined) => void
  #judgedMs = 0
  #refused: string | undefined

  /**
   * @param folders - where Sandboxes and the session are kept.
   * @param tell - hears when it begins to refuse, and why, or to admit again (`undefined`).
   */
  constructor(folders: readonly string[], tell: (refused: string | undefined) => void) {
    this.#folders = folders
    this.#tell = tell
  }

  admits(): boolean {
    const now = Date.now()
    if (now - this.#judgedMs < JUDGE_EVERY_MS) return this.#refused === undefined
    this.#judgedMs = now
    const why = refusal(capacity(this.#folders))
    const changed = (why === undefined) !== (this.#refused === undefined)
    this.#refused = why
    if (changed) this.#tell(why)
    return why === undefined
  }
}
