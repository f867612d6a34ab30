import type { JsonObject } from '../src/domain/json.ts'
import type { Db } from './db.ts'

/** Something that happened in a job. */
export interface StoredEvent {
  readonly seq: number
  readonly rollout: number | undefined
  readonly atMs: number
  /** `nudge`, `stuck`, `retry`, `state`, … */
  readonly kind: string
  readonly body: JsonObject
}

/** What happened in the jobs of a Session: append-only. */
export class Events {
  readonly #db: Db

  constructor(db: Db) {
    this.#db = db
  }

  append(job: number, rollout: number | undefined, kind: string, body: JsonObject): void {
    this.#db.run(
      'insert into event (job_id, rollout_id, at_ms, kind, body) values (?, ?, ?, ?, ?)',
      job,
      rollout ?? null,
      Date.now(),
      kind,
      JSON.stringify(body),
    )
  }

  ofRollout(rollout: number): StoredEvent[] {
    return this.#read('rollout_id = ?', rollout)
  }

  ofJob(job: number): StoredEvent[] {
    return this.#read('job_id = ?', job)
  }

  #read(where: string, id: number): StoredEvent[] {
    return this.#db
      .all<{ seq: number; rollout_id: number | null; at_ms: number; kind: string; body: string }>(
        `select seq, rollout_id, at_ms, kind, body from event where ${where} order by seq`,
        id,
      )
      .map(({ seq, rollout_id, at_ms, kind, body }) => ({
        seq,
        rollout: rollout_id ?? undefined,
        atMs: at_ms,
        kind,
        body: JSON.parse(body) as JsonObject,
      }))
  }
}
