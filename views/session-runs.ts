import { type Job, isLost } from '../sessions/jobs.ts'
import { RunProgress } from '../sessions/run-progress.ts'
import type { Run } from '../sessions/runs.ts'
import type { Session } from '../sessions/session.ts'
import { jobLogPath } from '../src/jobs/launch.ts'
import { LogTail } from './log-tail.ts'
import type { LogLines, RunFigures, RunRow } from './run-model.ts'
import { RunCurves } from './run-curves.ts'

/** Digits of a Dataset's hash that people see. */
const HASH_DIGITS = 12

/** Runs of a Session as the screen shows them: of what their trainers say only what is new is read. */
export class SessionRuns {
  readonly #session: Session
  readonly #known = new Map<number, KnownRun>()
  #rows: readonly RunRow[] = []

  constructor(session: Session) {
    this.#session = session
    this.refresh()
  }

  /** Newest first. */
  get rows(): readonly RunRow[] {
    return this.#rows
  }

  figures(id: string): RunFigures {
    return this.#known.get(numberOf(id))?.curves.figures() ?? new RunCurves().figures()
  }

  /** The end of what the job of a Run wrote. */
  log(id: string): LogLines {
    return this.#known.get(numberOf(id))?.log.lines() ?? { first: 0, lines: [] }
  }

  /** The Run that a job trains. */
  ofJob(job: number): RunRow | undefined {
    return this.#known.get(this.#session.runs.ofJob(job)?.id ?? 0)?.row
  }

  /** Reads what is new; says whether anything is. */
  refresh(): boolean {
    const rows = this.#session.runs.list().map((run) => this.#refreshed(run))
    const moved = rows.length !== this.#rows.length || rows.some((row, at) => row !== this.#rows[at])
    if (moved) this.#rows = rows
    return moved
  }

  #refreshed(run: Run): RunRow {
    const known = this.#known.get(run.id) ?? {
      progress: new RunProgress(),
      curves: new RunCurves(),
      log: new LogTail(jobLogPath(this.#session.path, run.job)),
      row: undefined,
      is: '',
    }
    this.#known.set(run.id, known)
    const news = this.#session.runs.events(run.id, known.progress.seq)
    for (const stored of news) {
      known.progress.hear(stored)
      known.curves.hear(stored, known.progress)
    }
    const job = this.#session.jobs.get(run.job)
    const is = job ? `${isLost(job) ? 'lost' : job.state} ${job.note ?? ''} ${job.endedAt ?? ''}` : ''
    if (known.row === undefined || news.length > 0 || is !== known.is) known.row = this.#rowOf(run, known.progress, job)
    known.is = is
    return known.row
  }

  #rowOf(run: Run, progress: RunProgress, job: Job | undefined): RunRow {
    const dataset = this.#session.datasets.get(run.dataset)
    const { stage, phase, step, totalSteps, epoch, best, etaSeconds } = progress
    const note = job?.note ?? progress.end?.message
    const state = job ? stateOf(job) : 'lost'
    return {
      id: `r${run.id}`,
      name: run.name,
      trainer: run.trainer,
      state,
      ...(note !== undefined && { note }),
      ...(stage !== undefined && { stage }),
      ...(phase !== undefined && { phase, ...phasePart(progress) }),
      ...(progress.end?.error?.hint !== undefined && { hint: progress.end.error.hint }),
      step,
      totalSteps,
      ...(epoch !== undefined && { epoch }),
      // What is only looked at may say later what it starts from.
      model: run.trainer === 'external' ? (progress.model?.id ?? run.model) : run.model,
      ...machineOf(progress),
      trajectories: dataset?.trajectories ?? 0,
      pairs: dataset?.pairs ?? 0,
      dataset: dataset?.hash.slice(0, HASH_DIGITS) ?? '',
      best,
      startedMs: Date.parse(job?.createdAt ?? ''),
      ...(job?.endedAt !== undefined && { endedMs: Date.parse(job.endedAt) }),
      ...(etaSeconds !== undefined && state === 'running' && { etaSeconds }),
    }
  }
}

function numberOf(id: string): number {
  return Number(/^r(\d{1,12})$/.exec(id)?.[1])
}

function phasePart({ phaseDone, phaseTotal }: RunProgress): Pick<RunRow, 'phaseDone' | 'phaseTotal'> {
  return phaseDone === undefined || phaseTotal === undefined ? {} : { phaseDone, phaseTotal }
}

/** What computes, what is trained, and how fast that goes; only what the trainer said. */
function machineOf({ model, data, world, estimate, speed, gpu }: RunProgress): Partial<RunRow> {
  const { backend, dtype, params, trainable } = model ?? {}
  const memory = estimate?.memoryBytes ?? undefined
  return {
    ...(backend !== undefined && { backend }),
    ...(dtype !== undefined && { dtype }),
    ...(params !== undefined && params > 0 && { parameters: params }),
    ...(trainable !== undefined && trainable !== params && { trainable }),
    ...(world !== undefined && world > 1 && { world }),
    ...(data?.tokens && { tokens: data.tokens }),
    ...(data?.bins !== undefined && { bins: data.bins }),
    ...(memory !== undefined && { memoryEstimate: memory }),
    ...(Object.keys(speed).length > 0 && { speed }),
    ...(gpu && { gpu }),
  }
}

interface KnownRun {
  readonly progress: RunProgress
  readonly curves: RunCurves
  readonly log: LogTail
  row: RunRow | undefined
  /** What its job said when the row was made. */
  is: string
}

function stateOf(job: Job): RunRow['state'] {
  if (isLost(job)) return 'lost'
  return job.state === 'waiting' ? 'paused' : job.state
}
