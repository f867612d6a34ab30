import { isDeepStrictEqual } from 'node:util'
import { isActive, isLost, type Job } from '../sessions/jobs.ts'
import type { Session } from '../sessions/session.ts'
import { SealignError } from '../src/domain/errors.ts'
import { startJob } from './job.ts'

const LOOK_MS = 100
/** A process that was just started may take this long to say so. */
const START_MS = 15_000
/** A job that stopped or was lost is started again this often. */
const RESTARTS = 3

/**
 * Until a job of ours is done, or `signal` ends the waiting; one that was stopped or lost goes on in another process.
 * @param name - `j4`. @param what - for messages: `the training`.
 * @throws SealignError when it failed, or ends again and again.
 */
export async function untilDone(
  session: Session,
  name: string,
  what: string,
  { signal, env }: { readonly signal: AbortSignal; readonly env: NodeJS.ProcessEnv },
): Promise<void> {
  const id = Number(name.slice(1))
  let start: ProcessStart | undefined
  for (let restarts = 0; !signal.aborted; ) {
    const job = session.jobs.get(id)
    if (job?.state === 'done') return
    if (job?.state === 'failed' && isGone(job, start))
      throw new SealignError('store', `${what} (${name}) failed: ${job.note ?? 'no reason given'}`)
    if (job === undefined || isGone(job, start)) {
      if (restarts++ >= RESTARTS)
        throw new SealignError('store', `${what} (${name}) ended again and again without being done`, {
          hint: `\`sealign job log ${name}\` may say why.`,
        })
      start = { owner: job?.owner, atMs: Date.now() }
      startJob(session, id, env)
    }
    await rest(LOOK_MS, signal)
  }
}

/** When a process was started for a job, and whose the job was then. */
export interface ProcessStart {
  readonly owner: Job['owner']
  readonly atMs: number
}

/** Whether nobody is at work on a job; the process that was just started has a while to say so. */
export function isGone(job: Job, start: ProcessStart | undefined): boolean {
  if (isActive(job) && !isLost(job)) return false
  return start === undefined || !isDeepStrictEqual(job.owner, start.owner) || Date.now() - start.atMs > START_MS
}

/** Waits, or until the signal. */
export async function rest(ms: number, signal: AbortSignal): Promise<void> {
  if (ms <= 0 || signal.aborted) return
  await new Promise<void>((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done)
  })
}
