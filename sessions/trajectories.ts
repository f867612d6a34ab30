import { hash } from 'node:crypto'
import type { Json } from '../src/domain/json.ts'
import type { Message } from '../src/domain/message.ts'
import type { Outcome, StepDraft } from '../src/domain/trajectory.ts'
import { KEY_VERSION } from '../src/tree/action-key.ts'
import { SEALIGN_VERSION } from '../src/domain/version.ts'
import type { Db } from './db.ts'
import type { Beginning, GrowingOrigin } from './growing.ts'
import {
  bytesOf,
  contentOf,
  finishKeys,
  prepare,
  type PreparedTrajectory,
  sameSteps,
  stepCount,
  wordsOf,
} from './prepared.ts'
import { encodeStep, insertStep, insertSteps, readStep, readSteps } from './steps.ts'
import type { TextRef, Texts } from './texts.ts'
import { type InfoRow, infoOf, SELECT_INFO, type TrajectoryInfo } from './trajectory-info.ts'

/** Where a Trajectory comes from. */
export interface Origin {
  /** Row of `source`; `null`: a job of ours made it. */
  readonly source: number | null
  /** Absolute path of the source. */
  readonly path: string
  readonly line: number | undefined
  /** How many Trajectories of the same task and run came before it in this source. */
  readonly occurrence: number
}

/** An Outcome with the report that said it (`undefined`: the Trajectory's own record). */
export interface JoinedOutcome {
  readonly outcome: Outcome
  readonly source: string | undefined
}

/** How a Trajectory of ours ended. */
export interface Ending {
  readonly outcome: Outcome
  readonly outcomeSource?: string
  readonly end: string
  readonly infrastructure?: string
  readonly patch?: string
  readonly promptTokens: number
  readonly completionTokens: number
  readonly costUsd?: number
}

/** Revision of a Trajectory that is still being written. */
const UNFINISHED = -1

export type Stored = 'added' | 'updated' | 'unchanged'

/** Writes and reads Trajectories. Writes happen inside a transaction the caller holds. */
export class Trajectories {
  readonly #db: Db
  readonly #texts: Texts
  readonly #tasks = new Map<string, number>()

  constructor(db: Db, texts: Texts) {
    this.#db = db
    this.#texts = texts
  }

  /** Stores a Trajectory; one already stored from the same place is brought up to date, step by step. */
  put(
    prepared: PreparedTrajectory,
    origin: Origin,
    joined: JoinedOutcome,
    revision: number,
  ): { id: number; stored: Stored } {
    const identity = identityOf(prepared, origin)
    const content = finishKeys(prepared)
    const before = this.#db.get<StoredRow>(
      'select id, content, outcome, ended, steps, keys, patch is not null as patched, infrastructure from trajectory where identity = ?',
      identity,
    )
    if (!before) return { id: this.#insert(prepared, origin, joined, revision, identity, content), stored: 'added' }
    if (isSame(before, prepared, joined, content)) return { id: before.id, stored: 'unchanged' }
    this.#update(before, prepared, joined, revision, content)
    return { id: before.id, stored: 'updated' }
  }

  /** Sets the Outcome of a stored Trajectory; says whether that changed anything. */
  setOutcome(id: number, joined: JoinedOutcome, revision: number): boolean {
    const { outcome, source } = joined
    return (
      this.#db.run(
        'update trajectory set outcome = ?, outcome_source = ?, revision = ? where id = ? and (outcome <> ? or outcome_source is not ?)',
        outcome,
        source ?? null,
        revision,
        id,
        outcome,
        source ?? null,
      ).changes > 0
    )
  }

  /** The Trajectories of a source with their present Outcome, and the one their own record gave (`unknown` when a report did). */
  joinable(source: number): { id: number; task: string; run: string | undefined; outcome: Outcome; own: Outcome }[] {
    const rows = this.#db.all<{
      id: number
      name: string
      run: string | null
      outcome: Outcome
      outcome_source: string | null
    }>(
      'select trajectory.id, task.name, run, outcome, outcome_source from trajectory join task on task.id = task_id where source_id = ?',
      source,
    )
    return rows.map(({ id, name, run, outcome, outcome_source }) => ({
      id,
      task: name,
      run: run ?? undefined,
      outcome,
      own: outcome_source === null ? outcome : 'unknown',
    }))
  }

  info(id: number): TrajectoryInfo | undefined {
    const row = this.#db.get<InfoRow>(`${SELECT_INFO} where trajectory.id = ?`, id)
    return row && infoOf(row)
  }

  /** All Trajectories, in order of id; of one Task when given. */
  *infos(task?: string): Generator<TrajectoryInfo, void> {
    const rows =
      task === undefined
        ? this.#db.iterate<InfoRow>(`${SELECT_INFO} order by trajectory.id`)
        : this.#db.iterate<InfoRow>(`${SELECT_INFO} where task.name = ? order by trajectory.id`, task)
    for (const row of rows) yield infoOf(row)
  }

  prompt(id: number): Message[] {
    return (this.#json('prompt', id) ?? []) as Message[]
  }

  tools(id: number): readonly Json[] | undefined {
    return this.#json('tools', id) as readonly Json[] | undefined
  }

  patch(id: number): string | undefined {
    return this.#text('patch', id)
  }

  step(id: number, t: number): StepDraft | undefined {
    return readStep(this.#db, this.#texts, id, t)
  }

  steps(id: number): Generator<StepDraft, void> {
    return readSteps(this.#db, this.#texts, id)
  }

  label(id: number, t: number): string {
    return (
      this.#db.get<{ label: string }>('select label from step where trajectory_id = ? and t = ?', id, t)?.label ?? ''
    )
  }

  /** Hash of what a Trajectory holds, hex: the same on every machine and for every path it was imported from. */
  contentId(id: number): string {
    const row = this.#db.get<{ content: Uint8Array; name: string; run: string | null }>(
      'select content, task.name, run from trajectory join task on task.id = task_id where trajectory.id = ?',
      id,
    )
    if (!row) return ''
    return hash('sha256', `${row.name}\0${row.run ?? ''}\0${Buffer.from(row.content).toString('hex')}`, 'hex').slice(
      0,
      16,
    )
  }

  #insert(
    prepared: PreparedTrajectory,
    origin: Origin,
    joined: JoinedOutcome,
    revision: number,
    identity: Uint8Array,
    content: Uint8Array,
  ): number {
    const texts = this.#texts
    const { lastInsertRowid: id } = this.#db.run(
      `insert into trajectory (identity, content, task_id, source_id, source_line, run, outcome, outcome_source, ended, infrastructure, model, sampling,
        prompt_tokens, completion_tokens, cost_usd, patch, prompt, tools, steps, keys, key_version, sealign_version, created_at, revision)
       values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      identity,
      content,
      this.#task(prepared),
      origin.source,
      origin.line ?? null,
      prepared.run ?? null,
      joined.outcome,
      joined.source ?? null,
      prepared.end ?? null,
      prepared.infrastructure ?? null,
      prepared.model ?? null,
      prepared.sampling ?? null,
      whole(prepared.promptTokens),
      whole(prepared.completionTokens),
      prepared.costUsd ?? null,
      texts.put(prepared.patch),
      texts.put(prepared.prompt),
      texts.put(prepared.tools),
      stepCount(prepared),
      bytesOf(prepared.keys),
      KEY_VERSION,
      SEALIGN_VERSION,
      new Date().toISOString(),
      revision,
    )
    this.#insertSteps(id, prepared, 0)
    return id
  }

  /** Rewrites from the first Step that differs: a source that grew by one Step costs one row. */
  #update(
    before: StoredRow,
    prepared: PreparedTrajectory,
    joined: JoinedOutcome,
    revision: number,
    content: Uint8Array,
  ): void {
    const texts = this.#texts
    this.#db.run(
      `update trajectory set content = ?, outcome = ?, outcome_source = ?, ended = ?, infrastructure = ?, patch = ?, prompt = ?, steps = ?, keys = ?,
        key_version = ?, revision = ?, prompt_tokens = ?, completion_tokens = ?, cost_usd = ? where id = ?`,
      content,
      joined.outcome,
      joined.source ?? null,
      prepared.end ?? null,
      prepared.infrastructure ?? null,
      texts.put(prepared.patch),
      texts.put(prepared.prompt),
      stepCount(prepared),
      bytesOf(prepared.keys),
      KEY_VERSION,
      revision,
      whole(prepared.promptTokens),
      whole(prepared.completionTokens),
      prepared.costUsd ?? null,
      before.id,
    )
    const same = sameSteps(wordsOf(before.keys), prepared.keys)
    this.#db.run('delete from step where trajectory_id = ? and t > ?', before.id, same)
    this.#insertSteps(before.id, prepared, same)
  }

  #insertSteps(id: number, prepared: PreparedTrajectory, after: number): void {
    insertSteps(this.#db, this.#texts, id, prepared.cells, after)
  }

  #task(draft: PreparedTrajectory): number {
    const known = this.#tasks.get(draft.task)
    if (known !== undefined) return known
    const row = this.#db.get<{ id: number }>('select id from task where name = ?', draft.task)
    if (row && draft.repository)
      this.#db.run('update task set repository = coalesce(repository, ?) where id = ?', draft.repository, row.id)
    const id =
      row?.id ??
      this.#db.run('insert into task (name, repository) values (?, ?)', draft.task, draft.repository ?? null)
        .lastInsertRowid
    this.#tasks.set(draft.task, id)
    return id
  }

  /** Begins a Trajectory that grows Step by Step (sessions/growing.ts); trees see it once it is finished. */
  begin(beginning: Beginning, origin: GrowingOrigin): number {
    const prepared = prepare({ ...beginning, steps: [], outcome: 'unknown' })
    const place = { source: null, path: origin.path, line: undefined, occurrence: origin.attempt }
    const joined = { outcome: 'unknown', source: undefined } as const
    const id = this.#insert(prepared, place, joined, UNFINISHED, identityOf(prepared, place), finishKeys(prepared))
    if (origin.rollout !== undefined)
      this.#db.run('update trajectory set rollout_id = ? where id = ?', origin.rollout, id)
    return id
  }

  keys(id: number): Uint8Array {
    return this.#db.get<{ keys: Uint8Array }>('select keys from trajectory where id = ?', id)?.keys ?? new Uint8Array()
  }

  /** Stores Step t of a growing Trajectory as its last one. */
  putStep(id: number, step: StepDraft, t: number, keys: Uint32Array): void {
    const cells: (string | null)[] = []
    encodeStep(step, cells)
    this.#db.run('delete from step where trajectory_id = ? and t >= ?', id, t)
    insertStep(this.#db, this.#texts, id, t, cells)
    this.#db.run('update trajectory set steps = ?, keys = ? where id = ?', t, bytesOf(keys), id)
  }

  /** Ends a growing Trajectory: from this revision on trees see it. */
  finish(id: number, ending: Ending, revision: number): void {
    const prompt = this.#text('prompt', id) ?? '[]'
    this.#db.run(
      `update trajectory set content = ?, outcome = ?, outcome_source = ?, ended = ?, infrastructure = ?, patch = ?, prompt_tokens = ?, completion_tokens = ?,
        cost_usd = ?, revision = ? where id = ?`,
      contentOf(prompt, wordsOf(this.keys(id))),
      ending.outcome,
      ending.outcomeSource ?? null,
      ending.end,
      ending.infrastructure ?? null,
      this.#texts.put(ending.patch),
      whole(ending.promptTokens),
      whole(ending.completionTokens),
      ending.costUsd ?? null,
      revision,
      id,
    )
  }

  /** Forgets what a rolled-back transaction had put. */
  discard(): void {
    this.#tasks.clear()
    this.#texts.discard()
  }

  #text(column: 'patch' | 'prompt' | 'tools', id: number): string | undefined {
    const row = this.#db.get<{ ref: TextRef }>(`select ${column} as ref from trajectory where id = ?`, id)
    return this.#texts.get(row?.ref ?? null)
  }

  #json(column: 'prompt' | 'tools', id: number): unknown {
    const text = this.#text(column, id)
    return text === undefined ? undefined : (JSON.parse(text) as unknown)
  }
}

interface StoredRow {
  readonly id: number
  readonly content: Uint8Array
  readonly outcome: Outcome
  readonly ended: string | null
  readonly steps: number
  readonly keys: Uint8Array
  readonly patched: number
  readonly infrastructure: string | null
}

function isSame(before: StoredRow, draft: PreparedTrajectory, joined: JoinedOutcome, content: Uint8Array): boolean {
  return (
    Buffer.compare(before.content, content) === 0 &&
    before.outcome === joined.outcome &&
    before.ended === (draft.end ?? null) &&
    before.infrastructure === (draft.infrastructure ?? null) &&
    before.steps === stepCount(draft) &&
    (before.patched === 1) === (draft.patch !== undefined)
  )
}

function identityOf(draft: PreparedTrajectory, origin: Origin): Buffer {
  return hash('sha256', `${origin.path}\0${draft.task}\0${draft.run ?? ''}\0${origin.occurrence}`, 'buffer').subarray(
    0,
    16,
  )
}

function whole(value: number | undefined): number | null {
  return value !== undefined && Number.isSafeInteger(Math.round(value)) ? Math.round(value) : null
}
