import { readdirSync, readFileSync } from 'node:fs'

/** Megabytes of every process that names a folder on its command line, and of all their children; shared pages count in part (PSS). */
export function treeMegabytes(folder: string): number {
  const parents = new Map<number, number>()
  const roots: number[] = []
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const pid = Number(name)
    parents.set(pid, parentOf(pid))
    if (read(`/proc/${pid}/cmdline`).includes(folder)) roots.push(pid)
  }
  const children = Map.groupBy(parents.keys(), (pid) => parents.get(pid) ?? 0)
  const tree = new Set<number>()
  for (let waiting = roots; waiting.length > 0; ) {
    const pid = waiting.pop() ?? 0
    if (tree.has(pid)) continue
    tree.add(pid)
    waiting.push(...(children.get(pid) ?? []))
  }
  let kilobytes = 0
  for (const pid of tree) kilobytes += Number(/^Pss:\s+(\d+)/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0)
  return Math.round(kilobytes / 1024)
}

function parentOf(pid: number): number {
  return Number(/^PPid:\s+(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0)
}

/** A process may end while it is looked at. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
