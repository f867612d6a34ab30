import { isRunning, ownIdentity } from '../lib/process-identity.ts'

/** This process as a label: `host:pid:start`. */
export function ownerLabel(): string {
  const { host, pid, start } = ownIdentity()
  return `${host}:${pid}:${start}`
}

/** Whether what carries these labels is an orphan: its owner is dead, or its time (milliseconds since 1970) is over. */
export function isOrphan(owner: string | undefined, expires: string | undefined, now = Date.now()): boolean {
  if (expires !== undefined && Number(expires) < now) return true
  const [, host, pid, start] = /^(.*):(\d+):(\d*)$/.exec(owner ?? '') ?? []
  if (host === undefined || pid === undefined) return false
  return isRunning({ host, pid: Number(pid), start: start ?? '' }) === false
}
