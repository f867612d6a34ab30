import { readdirSync, readFileSync } from 'node:fs'

/**
 * Numbers of this user's processes that were started with a variable of this value: a process and what it started, whatever groups
 * and sessions those made for themselves. Empty where the system has no /proc.
 */
export function processesWith(variable: string, value: string): number[] {
  const wanted = `${variable}=${value}`
  return numbered('/proc').filter((pid) => pid !== process.pid && environmentOf(pid).includes(wanted))
}

function numbered(folder: string): number[] {
  try {
    return readdirSync(folder)
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
  } catch {
    return []
  }
}

/** Somebody else's process, or one that is gone, has none. */
function environmentOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0')
  } catch {
    return []
  }
}
