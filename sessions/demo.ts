import { z } from 'zod'
import type { JsonObject } from '../src/domain/json.ts'
import type { Db } from './db.ts'

/** The stages of a demonstration, in order. */
export const DEMO_STAGES = ['tasks', 'collect', 'trees', 'review', 'train', 'evaluate', 'report'] as const

const DemoMark = z.object({
  stage: z.enum(DEMO_STAGES),
  /** Where it can be watched. */
  pane: z.enum(['rollouts', 'tree', 'pairs', 'train', 'report']),
  /** One phrase about what happens. */
  says: z.string(),
  /** When it goes on by itself, milliseconds since the epoch. */
  untilMs: z.number().optional(),
})
/** Where a demonstration stands. */
export type DemoMark = z.infer<typeof DemoMark>

/** How far demonstrations are: events of their jobs, so that another process can go on and any screen can follow. */
export class Demo {
  readonly #db: Db

  constructor(db: Db) {
    this.#db = db
  }

  /** The newest demonstration's job. */
  newest(): number | undefined {
    return this.#db.get<{ id: number }>(`select id from job where kind = 'demo' order by id desc limit 1`)?.id
  }

  /** Inside a transaction the caller holds, as `finish`. */
  mark(job: number, mark: DemoMark): void {
    this.#append(job, 'demo-stage', mark)
  }

  /** The newest mark. */
  stage(job: number): DemoMark | undefined {
    const row = this.#db.get<{ body: string }>(
      `select body from event where job_id = ? and kind = 'demo-stage' order by seq desc limit 1`,
      job,
    )
    const parsed = row && DemoMark.safeParse(JSON.parse(row.body))
    return parsed?.success === true ? parsed.data : undefined
  }

  /** Keeps what a piece of work came to. */
  finish(job: number, what: string, result: object): void {
    this.#append(job, 'demo-done', { what, result })
  }

  /** What a piece of work came to, whichever process did it; `undefined`: it is not done. */
  done(job: number, what: string): JsonObject | undefined {
    const row = this.#db.get<{ result: string }>(
      `select body ->> 'result' as result from event where job_id = ? and kind = 'demo-done' and body ->> 'what' = ? order by seq desc limit 1`,
      job,
      what,
    )
    return row && (JSON.parse(row.result) as JsonObject)
  }

  #append(job: number, kind: string, body: object): void {
    this.#db.run(
      'insert into event (job_id, rollout_id, at_ms, kind, body) values (?, null, ?, ?, ?)',
      job,
      Date.now(),
      kind,
      JSON.stringify(body),
    )
  }
}
