import { SealignError } from '../src/domain/errors.ts'
import type { Pair, PairFlag } from '../src/domain/pair.ts'
import type { Review, Verdict } from '../src/pairs/review.ts'
import type { Db } from './db.ts'

/** A Pair as it was when it was first reviewed. */
export interface PairSnapshot {
  readonly pair: Pair
  readonly flags: readonly PairFlag[]
}

/** Reviews of Pairs: append-only, on disk before `append` returns. */
export class Reviews {
  readonly #db: Db

  constructor(db: Db) {
    this.#db = db
  }

  /**
   * Appends the same verdict to Pairs, all or none, and keeps each Pair as the reviewer saw it.
   *
   * @param noteOf - the note beside the verdict on a Pair, by its id.
   */
  append(
    snapshots: readonly PairSnapshot[],
    verdict: Verdict,
    reviewer: string,
    noteOf: (id: string) => string | undefined = () => undefined,
  ): void {
    this.#db.transaction(() => {
      for (const snapshot of snapshots) {
        this.#keep(snapshot)
        this.#insert(snapshot.pair.id, verdict, reviewer, noteOf(snapshot.pair.id))
      }
    })
  }

  /** Sequence number of the newest one; 0: there is none. */
  get newest(): number {
    return this.#db.get<{ seq: number | null }>('select max(seq) as seq from review')?.seq ?? 0
  }

  /** Reviews newer than a sequence number, in order. */
  since(seq = 0): Review[] {
    const rows = this.#db.all<{
      seq: number
      pair_id: string
      verdict: Verdict
      note: string | null
      reviewer: string
      at: string
    }>('select seq, pair_id, verdict, note, reviewer, at from review where seq > ? order by seq', seq)
    return rows.map(({ seq: number, pair_id, verdict, note, reviewer, at }) => ({
      seq: number,
      pair: pair_id,
      verdict,
      reviewer,
      at,
      ...(note !== null && { note }),
    }))
  }

  /** Every Pair ever reviewed, as it was then. */
  snapshots(): Map<string, PairSnapshot> {
    const rows = this.#db.all<{ id: string; snapshot: string }>('select id, snapshot from pair')
    return new Map(rows.map(({ id, snapshot }) => [id, JSON.parse(snapshot) as PairSnapshot]))
  }

  #keep({ pair, flags }: PairSnapshot): void {
    const task = this.#db.get<{ id: number }>('select id from task where name = ?', pair.task)
    if (!task) throw new SealignError('not-found', `pair ${pair.id}: its task ${pair.task} is not in this session`)
    this.#db.run(
      'insert into pair (id, task_id, snapshot) values (?, ?, ?) on conflict (id) do nothing',
      pair.id,
      task.id,
      JSON.stringify({ pair, flags }),
    )
  }

  #insert(pair: string, verdict: Verdict, reviewer: string, note: string | undefined): void {
    this.#db.run(
      'insert into review (pair_id, verdict, note, reviewer, at) values (?, ?, ?, ?, ?)',
      pair,
      verdict,
      note ?? null,
      reviewer,
      new Date().toISOString(),
    )
  }
}
