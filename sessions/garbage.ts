import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import type { Db } from './db.ts'

/** What `session gc` did. */
export interface Collected {
  /** Texts nobody referred to any more. */
  readonly texts: number
  /** Bytes of the database before and after. */
  readonly before: number
  readonly after: number
}

/** Every column that may hold a text reference. */
const REFERENCES = [
  ['trajectory', 'patch'],
  ['trajectory', 'prompt'],
  ['trajectory', 'tools'],
  ['step', 'reply'],
  ['step', 'reasoning'],
  ['step', 'calls'],
  ['step', 'observation'],
  ['task_definition', 'definition'],
  ['rollout', 'patch'],
  ['verdict', 'verdict'],
] as const

/** Removes texts nobody refers to, rewrites the packs they stood in, and gives the space back to the file system. */
export function collectGarbage(db: Db): Collected {
  const before = fileBytes(db)
  const texts = db.transaction(() => {
    db.exec('create temp table used (hash blob primary key) without rowid')
    try {
      for (const [table, column] of REFERENCES) {
        db.exec(`insert or ignore into used select ${column} from ${table} where typeof(${column}) = 'blob'`)
      }
      const packs = db.all<{ pack_id: number }>(
        'select distinct pack_id from blob where hash not in (select hash from used)',
      )
      const { changes } = db.run('delete from blob where hash not in (select hash from used)')
      for (const { pack_id } of packs) rewritePack(db, pack_id)
      return changes
    } finally {
      db.exec('drop table used')
    }
  })
  db.exec('vacuum')
  db.exec('pragma wal_checkpoint(truncate)')
  return { texts, before, after: fileBytes(db) }
}

function rewritePack(db: Db, id: number): void {
  const blobs = db.all<{ hash: Uint8Array; offset: number; length: number }>(
    'select hash, offset, length from blob where pack_id = ? order by offset',
    id,
  )
  const pack = db.get<{ bytes: Uint8Array }>('select bytes from pack where id = ?', id)
  if (blobs.length === 0 || !pack) {
    db.run('delete from pack where id = ?', id)
    return
  }
  const old = zstdDecompressSync(pack.bytes)
  // A new id, never the old one again: other processes may hold the old pack open.
  const next = (db.get<{ id: number }>('select max(id) as id from pack')?.id ?? 0) + 1
  const kept = Buffer.concat(blobs.map((blob) => old.subarray(blob.offset, blob.offset + blob.length)))
  db.run('insert into pack (id, size, bytes) values (?, ?, ?)', next, kept.length, zstdCompressSync(kept))
  let offset = 0
  for (const blob of blobs) {
    db.run('update blob set pack_id = ?, offset = ? where hash = ?', next, offset, blob.hash)
    offset += blob.length
  }
  db.run('delete from pack where id = ?', id)
}

function fileBytes(db: Db): number {
  const row = db.get<{ bytes: number }>(
    'select page_count * page_size as bytes from pragma_page_count(), pragma_page_size()',
  )
  return row?.bytes ?? 0
}
