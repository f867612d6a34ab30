import type { Outcome } from '../src/domain/trajectory.ts'
import type { Usage } from '../src/rollout/events.ts'
import type { StuckDetection } from '../src/rollout/stuck.ts'
import type { Db, SqlValue } from './db.ts'
import type { TextRef, Texts } from './texts.ts'

export const ROLLOUT_STATES = ['queued', 'starting', 'running', 'paused', 'grading', 'done', 'cancelled'] as const
export type RolloutState = (typeof ROLLOUT_STATES)[number]

/** What is being received right now; '' = nothing. */
export type LiveKind = 'reply' | 'reasoning' | 'call' | 'output' | ''

export type StuckNow = StuckDetection & { readonly effect: 'flagged' | 'nudged' | 'stopped' }

/** One rollout as it stands; its Steps are a Trajectory's. */
export interface Rollout {
  readonly id: number
  readonly job: number
  readonly task: string
  readonly run: string
  readonly attempt: number
  readonly state: RolloutState
  readonly trajectory: number | undefined
  /** Steps 1 … `steps` of this Trajectory are replayed before the Policy is asked. */
  readonly prefix: { readonly trajectory: number; readonly steps: number } | undefined
  readonly end: string | undefined
  readonly infrastructure: string | undefined
  readonly outcome: Outcome
  readonly steps: number
  readonly usage: Usage
  /** Label of the newest Action, raw text. */
  readonly action: string
  readonly phase: string | undefined
  readonly phaseNote: string | undefined
  readonly liveKind: LiveKind
  readonly live: string
  readonly stuck: StuckNow | undefined
  readonly verdictKey: string | undefined
  readonly attach: readonly string[] | undefined
  readonly startedMs: number | undefined
  readonly endedMs: number | undefined
  readonly activeMs: number | undefined
  readonly revision: number
}

/** What may change of a rollout; `null` empties a column. */
export interface RolloutChange {
  readonly state?: RolloutState
  readonly attempt?: number
  readonly trajectory?: number | null
  readonly end?: string | null
  readonly infrastructure?: string | null
  readonly outcome?: Outcome
  readonly steps?: number
  readonly usage?: Usage
  readonly action?: string
  readonly phase?: string | null
  readonly phaseNote?: string | null
  readonly liveKind?: LiveKind
  readonly live?: string
  readonly stuck?: StuckNow | null
  readonly patch?: string | null
  readonly verdictKey?: string | null
  readonly attach?: readonly string[] | null
  readonly startedMs?: number | null
  readonly endedMs?: number | null
  readonly activeMs?: number
}

export const NO_USAGE: Usage = { promptTokens: 0, completionTokens: 0, contextTokens: 0, costUsd: 0 }

/** Nothing is being done or received. */
export const AT_REST: RolloutChange = { attach: null, phase: null, phaseNote: null, liveKind: '', live: '' }

/** What every fresh attempt starts from. */
export const FRESH: RolloutChange = {
  ...AT_REST,
  state: 'queued',
  trajectory: null,
  end: null,
  infrastructure: null,
  outcome: 'unknown',
  steps: 0,
  usage: NO_USAGE,
  action: '',
  stuck: null,
  patch: null,
  verdictKey: null,
  startedMs: null,
  endedMs: null,
}

/** What a rollout is that was left in the middle: it goes on by replaying its Steps. */
export const INTERRUPTED: RolloutChange = { ...AT_REST, state: 'queued' }

/** Rollouts of a Session's jobs. Writes happen inside `Session.record`, which gives the revision. */
export class Rollouts {
  readonly #db: Db
  readonly #texts: Texts

  constructor(db: Db, texts: Texts) {
    this.#db = db
    this.#texts = texts
  }

  add(job: number, task: string, run: string, revision: number, prefix?: Rollout['prefix']): number {
    return this.#db.run(
      `insert into rollout (job_id, task_id, run, attempt, state, prefix_trajectory_id, prefix_steps, outcome, steps, usage, action, live_kind, live, revision)
       values (?, (select id from task where name = ?), ?, 1, 'queued', ?, ?, 'unknown', 0, ?, '', '', '', ?)`,
      job,
      task,
      run,
      prefix?.trajectory ?? null,
      prefix?.steps ?? 0,
      JSON.stringify(NO_USAGE),
      revision,
    ).lastInsertRowid
  }

  change(id: number, change: RolloutChange, revision: number): void {
    const columns = Object.keys(change) as (keyof RolloutChange)[]
    const values = columns.map((name) => this.#cell(name, change))
    const sets = columns.map((name) => `${COLUMNS[name]} = ?`)
    this.#db.run(`update rollout set ${[...sets, 'revision = ?'].join(', ')} where id = ?`, ...values, revision, id)
  }

  get(id: number): Rollout | undefined {
    const row = this.#db.get<RolloutRow>(`${SELECT} where rollout.id = ?`, id)
    return row && rolloutOf(row)
  }

  ofJob(job: number): Rollout[] {
    return this.#db.all<RolloutRow>(`${SELECT} where job_id = ? order by rollout.id`, job).map(rolloutOf)
  }

  /** The first of a job's queue. */
  queued(job: number, limit: number): Rollout[] {
    return this.#db
      .all<RolloutRow>(`${SELECT} where job_id = ? and state = 'queued' order by rollout.id limit ?`, job, limit)
      .map(rolloutOf)
  }

  /** Those that changed after a revision, in order of id. */
  changedSince(revision: number): Rollout[] {
    return this.#db.all<RolloutRow>(`${SELECT} where rollout.revision > ? order by rollout.id`, revision).map(rolloutOf)
  }

  patch(id: number): string | undefined {
    const row = this.#db.get<{ ref: TextRef }>('select patch as ref from rollout where id = ?', id)
    return this.#texts.get(row?.ref ?? null)
  }

  /** Number of rollouts a Task has had, for naming the next run. */
  runsOf(task: string): number {
    return (
      this.#db.get<{ n: number }>(
        'select count(*) as n from rollout join task on task.id = task_id where name = ?',
        task,
      )?.n ?? 0
    )
  }

  get revision(): number {
    return this.#db.get<{ value: number }>('select value from rollout_revision')?.value ?? 0
  }

  #cell(name: keyof RolloutChange, change: RolloutChange): SqlValue {
    const value = change[name]
    if (name === 'patch') return this.#texts.put(change.patch)
    if (value === null || value === undefined) return null
    return typeof value === 'object' ? JSON.stringify(value) : value
  }
}

const COLUMNS: Readonly<Record<keyof RolloutChange, string>> = {
  state: 'state',
  attempt: 'attempt',
  trajectory: 'trajectory_id',
  end: 'ended',
  infrastructure: 'infrastructure',
  outcome: 'outcome',
  steps: 'steps',
  usage: 'usage',
  action: 'action',
  phase: 'phase',
  phaseNote: 'phase_note',
  liveKind: 'live_kind',
  live: 'live',
  stuck: 'stuck',
  patch: 'patch',
  verdictKey: 'verdict_key',
  attach: 'attach',
  startedMs: 'started_ms',
  endedMs: 'ended_ms',
  activeMs: 'active_ms',
}

const SELECT = `select rollout.id, job_id, task.name as task, run, attempt, state, trajectory_id, prefix_trajectory_id, prefix_steps, ended, infrastructure,
  outcome, steps, usage, action, phase, phase_note, live_kind, live, stuck, verdict_key, attach, started_ms, ended_ms, active_ms, revision
  from rollout join task on task.id = task_id`

interface RolloutRow {
  readonly id: number
  readonly job_id: number
  readonly task: string
  readonly run: string
  readonly attempt: number
  readonly state: RolloutState
  readonly trajectory_id: number | null
  readonly prefix_trajectory_id: number | null
  readonly prefix_steps: number
  readonly ended: string | null
  readonly infrastructure: string | null
  readonly outcome: Outcome
  readonly steps: number
  readonly usage: string
  readonly action: string
  readonly phase: string | null
  readonly phase_note: string | null
  readonly live_kind: LiveKind
  readonly live: string
  readonly stuck: string | null
  readonly verdict_key: string | null
  readonly attach: string | null
  readonly started_ms: number | null
  readonly ended_ms: number | null
  readonly active_ms: number | null
  readonly revision: number
}

function rolloutOf(row: RolloutRow): Rollout {
  return {
    id: row.id,
    job: row.job_id,
    task: row.task,
    run: row.run,
    attempt: row.attempt,
    state: row.state,
    trajectory: row.trajectory_id ?? undefined,
    prefix:
      row.prefix_trajectory_id === null ? undefined : { trajectory: row.prefix_trajectory_id, steps: row.prefix_steps },
    end: row.ended ?? undefined,
    infrastructure: row.infrastructure ?? undefined,
    outcome: row.outcome,
    steps: row.steps,
    usage: JSON.parse(row.usage) as Usage,
    action: row.action,
    phase: row.phase ?? undefined,
    phaseNote: row.phase_note ?? undefined,
    liveKind: row.live_kind,
    live: row.live,
    stuck: row.stuck === null ? undefined : (JSON.parse(row.stuck) as StuckNow),
    verdictKey: row.verdict_key ?? undefined,
    attach: row.attach === null ? undefined : (JSON.parse(row.attach) as string[]),
    startedMs: row.started_ms ?? undefined,
    endedMs: row.ended_ms ?? undefined,
    activeMs: row.active_ms ?? undefined,
    revision: row.revision,
  }
}
