import type { Db } from './db.ts'

/** `stop` ends the whole job; `cancel`, `pause`, `resume` concern one rollout, or all of the job's; `nudge` has a text. */
export const REQUEST_KINDS = ['pause', 'resume', 'cancel', 'requeue', 'nudge', 'stop'] as const
export type RequestKind = (typeof REQUEST_KINDS)[number]

/** What a person asks of a job. */
export interface Request {
  readonly seq: number
  readonly rollout: number | undefined
  readonly kind: RequestKind
  readonly text: string | undefined
}

/** Requests to the jobs of a Session: rows, so that whoever asks and whoever answers may die in between. */
export class Requests {
  readonly #db: Db

  constructor(db: Db) {
    this.#db = db
  }

  ask(job: number, kind: RequestKind, rollout?: number, text?: string): void {
    this.#db.run(
      'insert into request (job_id, rollout_id, kind, text, at_ms) values (?, ?, ?, ?, ?)',
      job,
      rollout ?? null,
      kind,
      text ?? null,
      Date.now(),
    )
  }

  /** Takes the open requests of a job, oldest first. */
  take(job: number): Request[] {
    const rows = this.#db.all<{ seq: number; rollout_id: number | null; kind: RequestKind; text: string | null }>(
      'select seq, rollout_id, kind, text from request where job_id = ? and taken_ms is null order by seq',
      job,
    )
    if (rows.length > 0)
      this.#db.run('update request set taken_ms = ? where job_id = ? and taken_ms is null', Date.now(), job)
    return rows.map(({ seq, rollout_id, kind, text }) => ({
      seq,
      rollout: rollout_id ?? undefined,
      kind,
      text: text ?? undefined,
    }))
  }
}
