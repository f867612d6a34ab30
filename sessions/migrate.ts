import { SealignError } from '../src/domain/errors.ts'
import type { Db } from './db.ts'
import { trajectoriesAndReviews } from './migrations/001-trajectories-and-reviews.ts'
import { rollouts } from './migrations/002-rollouts.ts'
import { training } from './migrations/003-training.ts'
import { anyTrainer } from './migrations/004-any-trainer.ts'

/** Schema steps in order; `pragma user_version` counts those applied. Never edit one that was released: add the next. */
const MIGRATIONS: readonly string[] = [trajectoriesAndReviews, rollouts, training, anyTrainer]

/** Marks our databases in the file header ("seal"). */
const APPLICATION_ID = 0x7365616c

/**
 * Brings a database to the newest schema.
 * @throws SealignError `store` when it belongs to a newer sealign or to another program.
 */
export function migrate(db: Db): void {
  const version = db.get<{ user_version: number }>('pragma user_version')?.user_version ?? 0
  const application = db.get<{ application_id: number }>('pragma application_id')?.application_id ?? 0
  const tables = db.get<{ n: number }>('select count(*) as n from sqlite_schema')?.n ?? 0
  if (application !== APPLICATION_ID && tables > 0) {
    throw new SealignError('store', `${db.path} is a database of another program, not a sealign session`, {
      hint: 'Give --session another name or path.',
    })
  }
  if (version > MIGRATIONS.length) {
    throw new SealignError(
      'store',
      `session ${db.path} was written by a newer sealign (schema ${version}; this program knows ${MIGRATIONS.length})`,
      { hint: 'Update sealign, or open another session with --session.' },
    )
  }
  if (version === MIGRATIONS.length) return
  db.transaction(() => {
    // Another process may have migrated while this one waited for the lock.
    const now = db.get<{ user_version: number }>('pragma user_version')?.user_version ?? 0
    for (const sql of MIGRATIONS.slice(now)) db.exec(sql)
    db.exec(`pragma application_id = ${APPLICATION_ID}; pragma user_version = ${MIGRATIONS.length}`)
  })
}
