import { EXIT_CODES } from '../src/domain/errors.ts'
import { safeText } from '../src/lib/safe-text.ts'
import { isAtWork, shownJob, type ShownJob } from './job.ts'
import type { Session } from '../sessions/session.ts'
import type { CommandContext } from './define.ts'
import { count } from './table.ts'

/** How often a job that is waited for is looked at, milliseconds. */
const LOOK_MS = 250
/** A process that was just started may take this long to say so. */
const START_MS = 10_000

/** Waits until a job ends or stops for a person; Ctrl-C ends the waiting, not the job. */
export async function waitForJob(session: Session, id: number, context: CommandContext): Promise<ShownJob> {
  const started = Date.now()
  for (;;) {
    const job = session.jobs.get(id)
    if (!job) throw new Error(`job ${id} has no row`)
    const shown = shownJob(session, job)
    context.progress(progressText(shown))
    const asksPerson = job.state === 'paused' && job.note !== undefined
    const starting = job.owner === undefined && Date.now() - started < START_MS
    if (context.signal.aborted || asksPerson || (!isAtWork(job) && !starting)) return shown
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
  }
}

function progressText(job: ShownJob): string {
  if (job.activity !== undefined) return `${job.job}: ${job.activity}`
  const note = job.note === undefined ? '' : `  (${job.note})`
  return `${job.job}: ${job.running} running, ${job.grading} grading, ${job.done} of ${job.total} done, ${job.resolved} resolved${note}`
}

/** One line about a job that was waited for. */
export function endText(job: ShownJob): string {
  if (job.kind === 'training') return trainingEndText(job)
  const failed = job.infrastructure > 0 ? `, ${job.infrastructure} failed without the policy’s fault` : ''
  const note = job.note === undefined ? '' : `: ${safeText(job.note)}`
  return `${job.job} ${job.state}${note}. ${job.done} of ${count(job.total, 'rollout')} done, ${job.resolved} resolved${failed}.`
}

function trainingEndText({ job, state, note, activity = '' }: ShownJob): string {
  return safeText(`${job} ${state}${note === undefined ? '' : `: ${note}`}. ${activity}`)
}

/** 130 when the waiting was interrupted; else what a script must notice. */
export function exitCodeOf(job: ShownJob, signal: AbortSignal): number {
  if (signal.aborted) return 130
  if (job.state === 'failed') return job.kind === 'training' ? EXIT_CODES.trainer : EXIT_CODES.store
  if (job.total > 0 && job.infrastructure === job.total) return EXIT_CODES.sandbox
  return job.state === 'paused' && job.note !== undefined ? EXIT_CODES.policy : 0
}
