import type { Db } from './db.ts'

/** Rollouts of one Job that measure a Policy. */
export interface Evaluation {
  readonly id: number
  readonly job: number
  readonly name: string
  /** What is measured: a model of a server, `embedded base`, `embedded r1/dpo`, … */
  readonly model: string
  readonly createdAt: string
}

/** The Evaluations of a Session. Writes happen inside a transaction the caller holds. */
export class Evaluations {
  readonly #db: Db

  constructor(db: Db) {
    this.#db = db
  }

  /** Marks a Job as an Evaluation: what it rolls out never enters trees and datasets. Returns its id. */
  create(job: number, name: string, model: string): number {
    return this.#db.run(
      'insert into evaluation (job_id, name, model, created_at) values (?, ?, ?, ?)',
      job,
      name,
      model,
      new Date().toISOString(),
    ).lastInsertRowid
  }

  /** Oldest first. */
  list(): Evaluation[] {
    return this.#db.all<EvaluationRow>('select * from evaluation order by id').map(evaluationOf)
  }

  ofJob(job: number): Evaluation | undefined {
    const row = this.#db.get<EvaluationRow>('select * from evaluation where job_id = ?', job)
    return row && evaluationOf(row)
  }
}

interface EvaluationRow {
  readonly id: number
  readonly job_id: number
  readonly name: string
  readonly model: string
  readonly created_at: string
}

function evaluationOf({ id, job_id, name, model, created_at }: EvaluationRow): Evaluation {
  return { id, job: job_id, name, model, createdAt: created_at }
}
