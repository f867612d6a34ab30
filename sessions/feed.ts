import { isDeepStrictEqual } from 'node:util'
import type { Db } from './db.ts'

/** What a reader has seen of a Session; compare two to know what to read again. */
export interface Seen {
  /** Revision of the newest Trajectory written. */
  readonly revision: number
  /** Sequence number of the newest Review. */
  readonly review: number
  /** Text of the settings table. */
  readonly settings: string
  /** Counts changes of rollouts and jobs. */
  readonly rollouts: number
}

/** Notices writes of other processes (and of our own): one pragma per look until something changed. */
export class Feed {
  readonly #db: Db
  #version = -1
  #seen: Seen | undefined

  constructor(db: Db) {
    this.#db = db
  }

  /** What changed since the last look; `undefined` = nothing. The first look reports the present state. */
  look(own = false): Seen | undefined {
    const version = this.#db.get<{ data_version: number }>('pragma data_version')?.data_version ?? 0
    if (version === this.#version && !own) return undefined
    this.#version = version
    const now = this.#read()
    const before = this.#seen
    this.#seen = now
    return before && isDeepStrictEqual(before, now) ? undefined : now
  }

  #read(): Seen {
    const row = this.#db.get<Seen>(
      `select (select value from revision) as revision, coalesce((select max(seq) from review), 0) as review,
        coalesce((select group_concat(key || '=' || value, ';') from (select key, value from setting order by key)), '') as settings,
        (select value from rollout_revision) as rollouts`,
    )
    return row ?? { revision: 0, review: 0, settings: '', rollouts: 0 }
  }
}
