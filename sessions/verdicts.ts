import type { Verdict, VerdictCache } from '../src/grading/verdict.ts'
import type { Db } from './db.ts'
import type { TextRef, Texts } from './texts.ts'

/** Verdicts already reached: the same patch is never graded twice. Writes happen inside a transaction the caller holds. */
export class Verdicts implements VerdictCache {
  readonly #db: Db
  readonly #texts: Texts

  constructor(db: Db, texts: Texts) {
    this.#db = db
    this.#texts = texts
  }

  get(key: string): Verdict | undefined {
    const row = this.#db.get<{ ref: TextRef }>('select verdict as ref from verdict where key = ?', key)
    const json = row && this.#texts.get(row.ref)
    return json === undefined ? undefined : (JSON.parse(json) as Verdict)
  }

  put(key: string, verdict: Verdict): void {
    this.#db.run(
      'insert into verdict (key, verdict, at_ms) values (?, ?, ?) on conflict (key) do update set verdict = excluded.verdict, at_ms = excluded.at_ms',
      key,
      this.#texts.put(JSON.stringify(verdict)),
      Date.now(),
    )
  }
}
