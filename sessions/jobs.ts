import { isRunning, type ProcessIdentity } from '../src/lib/process-identity.ts'
import type { Db } from './db.ts'

export const JOB_KINDS = ['rollout', 'training', 'demo'] as const
export type JobKind = (typeof JOB_KINDS)[number]

export type JobState = 'running' | 'waiting' | 'paused' | 'done' | 'stopped' | 'failed'

/** A job silent for this long counts as lost, milliseconds. */
export const LOST_AFTER_MS = 30_000

/** One detached process doing work for a Session. */
export interface Job {
  readonly id: number
  readonly kind: JobKind
  /** JSON; its meaning is the kind's own (src/jobs/rollout-settings.ts, training-settings.ts). */
  readonly settings: string
  readonly state: JobState
  readonly note: string | undefined
  readonly owner: ProcessIdentity | undefined
  readonly heartbeatMs: number
  readonly server: string | undefined
  readonly createdAt: string
  readonly endedAt: string | undefined
}

/** Rollouts of a job by what they are at. */
export interface JobFigures {
  readonly total: number
  readonly queued: number
  readonly running: number
  readonly grading: number
  readonly done: number
  readonly cancelled: number
  readonly resolved: number
  readonly infrastructure: number
}

/** The jobs of a Session. Writes of several rows happen inside a transaction the caller holds. */
export class Jobs {
  readonly #db: Db

  constructor(db: Db) {
    this.#db = db
  }

  create(kind: JobKind, settings: string): number {
    return this.#db.run(
      `insert into job (kind, settings, state, heartbeat_ms, created_at) values (?, ?, 'running', ?, ?)`,
      kind,
      settings,
      Date.now(),
      new Date().toISOString(),
    ).lastInsertRowid
  }

  get(id: number): Job | undefined {
    const row = this.#db.get<JobRow>('select * from job where id = ?', id)
    return row && jobOf(row)
  }

  /** Newest first. */
  list(): Job[] {
    return this.#db.all<JobRow>('select * from job order by id desc').map(jobOf)
  }

  figures(id: number): JobFigures {
    const row = this.#db.get<JobFigures>(
      `select count(*) as total, total(state = 'queued') as queued, total(state in ('starting', 'running', 'paused')) as running,
        total(state = 'grading') as grading, total(state = 'done') as done, total(state = 'cancelled') as cancelled,
        total(outcome = 'resolved') as resolved, total(infrastructure is not null) as infrastructure
       from rollout where job_id = ?`,
      id,
    )
    return row ?? { total: 0, queued: 0, running: 0, grading: 0, done: 0, cancelled: 0, resolved: 0, infrastructure: 0 }
  }

  /** Makes a process the job's own, unless another one that may still live has it; says whether it did. */
  claim(id: number, owner: ProcessIdentity): boolean {
    return this.#db.transaction(() => {
      const job = this.get(id)
      if (!job || (isActive(job) && !isLost(job) && job.owner !== undefined && !isSame(job.owner, owner))) return false
      this.#db.run(
        `update job set host = ?, pid = ?, process_start = ?, heartbeat_ms = ?, state = 'running', note = null, ended_at = null where id = ?`,
        owner.host,
        owner.pid,
        owner.start,
        Date.now(),
        id,
      )
      return true
    })
  }

  beat(id: number): void {
    this.#db.run('update job set heartbeat_ms = ? where id = ?', Date.now(), id)
  }

  setState(id: number, state: JobState, note?: string): void {
    const ended = state === 'done' || state === 'stopped' || state === 'failed'
    this.#db.run(
      'update job set state = ?, note = ?, ended_at = ?, heartbeat_ms = ? where id = ?',
      state,
      note ?? null,
      ended ? new Date().toISOString() : null,
      Date.now(),
      id,
    )
  }

  /** Gives a job that nobody does other settings. */
  setSettings(id: number, settings: string): void {
    this.#db.run('update job set settings = ? where id = ?', settings, id)
  }

  setServer(id: number, server: string): void {
    this.#db.run('update job set server = ? where id = ? and server is not ?', server, id, server)
  }
}

/** Whether a job says of itself that it is at work. */
export function isActive({ state }: Pick<Job, 'state'>): boolean {
  return state === 'running' || state === 'waiting' || state === 'paused'
}

/** Whether an active job's process is gone: dead on this machine, or silent for 30 s. */
export function isLost(job: Pick<Job, 'state' | 'owner' | 'heartbeatMs'>, now = Date.now()): boolean {
  if (!isActive(job)) return false
  const silent = now - job.heartbeatMs > LOST_AFTER_MS
  if (job.owner === undefined) return silent
  return isRunning(job.owner) === false || silent
}

function isSame(a: ProcessIdentity, b: ProcessIdentity): boolean {
  return a.host === b.host && a.pid === b.pid && a.start === b.start
}

interface JobRow {
  readonly id: number
  readonly kind: JobKind
  readonly settings: string
  readonly state: JobState
  readonly note: string | null
  readonly host: string | null
  readonly pid: number | null
  readonly process_start: string | null
  readonly heartbeat_ms: number
  readonly server: string | null
  readonly created_at: string
  readonly ended_at: string | null
}

function jobOf(row: JobRow): Job {
  return {
    id: row.id,
    kind: row.kind,
    settings: row.settings,
    state: row.state,
    note: row.note ?? undefined,
    owner:
      row.host === null || row.pid === null
        ? undefined
        : { host: row.host, pid: row.pid, start: row.process_start ?? '' },
    heartbeatMs: row.heartbeat_ms,
    server: row.server ?? undefined,
    createdAt: row.created_at,
    endedAt: row.ended_at ?? undefined,
  }
}
