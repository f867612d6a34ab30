import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { SandboxLimits } from './sandbox.ts'

const ROOT = '/sys/fs/cgroup'
const PERIOD_US = 100_000

/** Control groups of one Sandbox: the kernel holds all its processes together to the limits. */
export interface Cgroup {
  readonly folders: readonly string[]
  /** Files into which a process writes its id to enter. */
  readonly entrances: readonly string[]
  /** Processes killed for memory so far. */
  oomKills(): number
  /** Kills what is left inside and removes the groups. */
  remove(): Promise<void>
}

/**
 * Makes control groups (version 1 or 2) below our own.
 *
 * @returns `undefined` where we may not: not root, not delegated, not Linux.
 */
export function makeCgroup(id: string, limits: SandboxLimits): Cgroup | undefined {
  const name = `sealign-${id}`
  try {
    return own().has('memory') ? version1(name, limits) : version2(name, limits)
  } catch {
    return undefined
  }
}

/** Removes the groups of a Sandbox whose owner is dead; of `folders` only what is named after it. */
export async function removeCgroup(id: string, folders: readonly string[]): Promise<void> {
  await removeAll(folders.filter((folder) => dirname(folder).startsWith(ROOT) && basename(folder) === `sealign-${id}`))
}

/** Our own group by controller; '' is version 2. */
function own(): Map<string, string> {
  const paths = new Map<string, string>()
  for (const line of readFileSync('/proc/self/cgroup', 'utf8').trim().split('\n')) {
    const [, controllers = '', path = '/'] = /^\d+:([^:]*):(.*)$/.exec(line) ?? []
    for (const controller of controllers.split(',')) paths.set(controller, path)
  }
  return paths
}

function version1(name: string, limits: SandboxLimits): Cgroup {
  const paths = own()
  const made: string[] = []
  const make = (controller: string, settings: Readonly<Record<string, number>>): string => {
    const folder = join(ROOT, controller, paths.get(controller) ?? '/', name)
    mkdirSync(folder)
    made.push(folder)
    for (const [file, value] of Object.entries(settings)) writeFileSync(join(folder, file), String(value))
    return folder
  }
  try {
    const memory = make('memory', { 'memory.limit_in_bytes': limits.memoryBytes })
    quietly(() => writeFileSync(join(memory, 'memory.memsw.limit_in_bytes'), String(limits.memoryBytes)))
    make('pids', { 'pids.max': limits.processes })
    quietly(() =>
      make('cpu', { 'cpu.cfs_period_us': PERIOD_US, 'cpu.cfs_quota_us': Math.round(limits.cpus * PERIOD_US) }),
    )
    return group(made, join(memory, 'memory.oom_control'))
  } catch (error) {
    for (const folder of made) quietly(() => rmdirSync(folder))
    throw error
  }
}

function version2(name: string, limits: SandboxLimits): Cgroup {
  const parent = join(ROOT, own().get('') ?? '/')
  const enabled = readFileSync(join(parent, 'cgroup.subtree_control'), 'utf8')
  if (!/\bmemory\b/.test(enabled) || !/\bpids\b/.test(enabled))
    writeFileSync(join(parent, 'cgroup.subtree_control'), '+memory +pids')
  const folder = join(parent, name)
  mkdirSync(folder)
  try {
    writeFileSync(join(folder, 'memory.max'), String(limits.memoryBytes))
    quietly(() => writeFileSync(join(folder, 'memory.swap.max'), '0'))
    writeFileSync(join(folder, 'pids.max'), String(limits.processes))
    quietly(() => writeFileSync(join(folder, 'cpu.max'), `${Math.round(limits.cpus * PERIOD_US)} ${PERIOD_US}`))
    return group([folder], join(folder, 'memory.events'))
  } catch (error) {
    quietly(() => rmdirSync(folder))
    throw error
  }
}

function group(folders: readonly string[], events: string): Cgroup {
  return {
    folders,
    entrances: folders.map((folder) => join(folder, 'cgroup.procs')),
    oomKills() {
      try {
        return Number(/^oom_kill (\d+)$/m.exec(readFileSync(events, 'utf8'))?.[1] ?? 0)
      } catch {
        return 0
      }
    },
    remove: () => removeAll(folders),
  }
}

async function removeAll(folders: readonly string[]): Promise<void> {
  for (let tries = 0; tries < 50; tries++) {
    const left = folders.filter((folder) => !removed(folder))
    if (left.length === 0) return
    for (const folder of left) killMembers(folder)
    await new Promise((resolve) => setTimeout(resolve, Math.min(2 * 2 ** tries, 50)))
  }
}

function removed(folder: string): boolean {
  try {
    rmdirSync(folder)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT'
  }
}

function killMembers(folder: string): void {
  quietly(() => {
    for (const pid of readFileSync(join(folder, 'cgroup.procs'), 'utf8').trim().split('\n'))
      if (Number(pid) > 1) quietly(() => process.kill(Number(pid), 'SIGKILL'))
  })
}

function quietly(work: () => unknown): void {
  try {
    work()
  } catch {}
}
