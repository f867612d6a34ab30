import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'

/** Names one process on one machine; `start` tells it from a later process with the same number. */
export interface ProcessIdentity {
  readonly host: string
  readonly pid: number
  /** Kernel's start time in clock ticks since boot; '' where the system does not tell. */
  readonly start: string
}

/** This process. */
export function ownIdentity(): ProcessIdentity {
  return { host: hostname(), pid: process.pid, start: startTime(process.pid) ?? '' }
}

/** Whether a process still runs; `undefined`: it is on another machine, nobody here can know. */
export function isRunning({ host, pid, start }: ProcessIdentity): boolean | undefined {
  if (host !== hostname()) return undefined
  if (!signalReaches(pid)) return false
  const now = startTime(pid)
  return now === undefined || start === '' || now === start
}

function signalReaches(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Field 22 of /proc/PID/stat; a zombie counts as not running and has none. */
function startTime(pid: number): string | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' ? 'zombie' : fields[19]
  } catch {
    return undefined
  }
}
