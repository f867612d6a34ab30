import { basename, dirname, join, resolve } from 'node:path'
import type { RunEvent } from '../src/training/run-event.ts'
import type { Db } from './db.ts'
import { RunProgress } from './run-progress.ts'

/** `external`: another program's training that is only looked at. */
export type Trainer = 'embedded' | 'torch' | 'external'

/** One training, as it was asked for; what became of it is in its events. */
export interface Run {
  readonly id: number
  readonly job: number
  /** `undefined`: an external trainer's own files. */
  readonly dataset: number | undefined
  readonly name: string
  readonly trainer: Trainer
  /** What it starts from: `base`, `r1/sft`, a file. */
  readonly model: string
  /** Absolute: weights and states of the trainer, or what an external one writes. */
  readonly folder: string
  /** JSON; its meaning is the trainer's own (src/jobs/training-settings.ts). */
  readonly settings: string
}

/** What a trainer said, with its place in the Run. */
export interface StoredRunEvent {
  /** 1, 2, … */
  readonly seq: number
  readonly atMs: number
  readonly event: RunEvent
}

/** The Runs of a Session and what their trainers say. Writes happen inside `Session.record`. */
export class Runs {
  readonly #db: Db

  constructor(db: Db) {
    this.#db = db
  }

  /** @param run - without a name it is called after its number, `r1`; without a folder it gets one beside the Session. Returns its id. */
  create(run: Omit<Run, 'id' | 'folder' | 'name'> & { readonly name?: string; readonly folder?: string }): number {
    const id = this.#db.get<{ id: number }>('select coalesce(max(id), 0) + 1 as id from run')?.id ?? 1
    this.#db.run(
      'insert into run (id, job_id, dataset_id, name, trainer, model, folder, settings) values (?, ?, ?, ?, ?, ?, ?, ?)',
      id,
      run.job,
      run.dataset ?? null,
      run.name ?? `r${id}`,
      run.trainer,
      run.model,
      run.folder ?? join('runs', `${basename(this.#db.path, '.db')}-r${id}`),
      run.settings,
    )
    return id
  }

  get(id: number): Run | undefined {
    const row = this.#db.get<RunRow>('select * from run where id = ?', id)
    return row && this.#runOf(row)
  }

  /** Newest first. */
  list(): Run[] {
    return this.#db.all<RunRow>('select * from run order by id desc').map((row) => this.#runOf(row))
  }

  ofJob(job: number): Run | undefined {
    const row = this.#db.get<RunRow>('select * from run where job_id = ? order by id desc', job)
    return row && this.#runOf(row)
  }

  /** Keeps what the trainer of a Run said. */
  append(run: number, event: RunEvent): void {
    this.#db.run(
      'insert into metric (run_id, seq, at_ms, type, body) values (?, (select coalesce(max(seq), 0) + 1 from metric where run_id = ?), ?, ?, ?)',
      run,
      run,
      Date.now(),
      event.type,
      JSON.stringify(event),
    )
  }

  /** What the trainer said after event number `after`, in order. */
  events(run: number, after = 0): StoredRunEvent[] {
    return this.#db
      .all<{ seq: number; at_ms: number; body: string }>(
        'select seq, at_ms, body from metric where run_id = ? and seq > ? order by seq',
        run,
        after,
      )
      .map(({ seq, at_ms, body }) => ({ seq, atMs: at_ms, event: JSON.parse(body) as RunEvent }))
  }

  progress(run: number): RunProgress {
    const progress = new RunProgress()
    for (const stored of this.events(run)) progress.hear(stored)
    return progress
  }

  #runOf({ id, job_id, dataset_id, name, trainer, model, folder, settings }: RunRow): Run {
    const place = resolve(dirname(this.#db.path), folder)
    return { id, job: job_id, dataset: dataset_id ?? undefined, name, trainer, model, folder: place, settings }
  }
}

interface RunRow {
  readonly id: number
  readonly job_id: number
  readonly dataset_id: number | null
  readonly name: string
  readonly trainer: Trainer
  readonly model: string
  readonly folder: string
  readonly settings: string
}
