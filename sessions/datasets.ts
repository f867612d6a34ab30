import { dirname, relative, resolve } from 'node:path'
import type { JsonObject } from '../src/domain/json.ts'
import type { Db } from './db.ts'

/** A Dataset of the Session: its files lie beside it. */
export interface StoredDataset {
  readonly id: number
  /** SHA-256 of the content, hexadecimal. */
  readonly hash: string
  /** Absolute. */
  readonly folder: string
  readonly trajectories: number
  readonly resolved: number
  readonly pairs: number
  /** How it came about first: merge mode, threshold, which pairs. */
  readonly settings: JsonObject
  readonly createdAt: string
}

/** The frozen Datasets of a Session. Writes happen inside a transaction the caller holds. */
export class Datasets {
  readonly #db: Db
  /** Folder of the session's file. */
  readonly #place: string

  constructor(db: Db) {
    this.#db = db
    this.#place = dirname(db.path)
  }

  /** Keeps a Dataset; the same content is one row, however often it is frozen. Returns its id. */
  put(dataset: Omit<StoredDataset, 'id' | 'createdAt'>): number {
    const { hash, folder, trajectories, resolved, pairs, settings } = dataset
    const row = this.#db.get<{ id: number }>(
      `insert into dataset (hash, folder, trajectories, resolved, pairs, settings, created_at) values (?, ?, ?, ?, ?, ?, ?)
       on conflict (hash) do update set folder = excluded.folder returning id`,
      hash,
      relative(this.#place, folder),
      trajectories,
      resolved,
      pairs,
      JSON.stringify(settings),
      new Date().toISOString(),
    )
    return row?.id ?? 0
  }

  /** @param id - that of a Run, which may have none. */
  get(id: number | undefined): StoredDataset | undefined {
    const row = this.#db.get<DatasetRow>('select * from dataset where id = ?', id ?? null)
    return row && this.#datasetOf(row)
  }

  /** Newest first. */
  list(): StoredDataset[] {
    return this.#db.all<DatasetRow>('select * from dataset order by id desc').map((row) => this.#datasetOf(row))
  }

  #datasetOf({ created_at, settings, folder, ...row }: DatasetRow): StoredDataset {
    return {
      ...row,
      folder: resolve(this.#place, folder),
      settings: JSON.parse(settings) as JsonObject,
      createdAt: created_at,
    }
  }
}

interface DatasetRow {
  readonly id: number
  readonly hash: string
  readonly folder: string
  readonly trajectories: number
  readonly resolved: number
  readonly pairs: number
  readonly settings: string
  readonly created_at: string
}
