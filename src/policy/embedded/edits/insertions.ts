import type { SourceModel } from '../source-model.ts'
import type { Mutation } from './mutation.ts'
import { Parts } from './insertion-parts.ts'
import { resets } from './resets.ts'
import { guards, missingGuards } from './guards.ts'
import { copiedStatements } from './statement-copies.ts'

/** Insertions of each kind that are kept for one file, best first. */
const MAX_KEPT = 60

/** New lines made of what the file says elsewhere: a value set back to what it began with, a guard, a statement. */
export function insertions(source: SourceModel): readonly Mutation[] {
  const file = new Parts(source)
  return [resets(file), guards(file), missingGuards(file), copiedStatements(file)].flatMap((found) =>
    [...found].sort((a, b) => b.weight - a.weight).slice(0, MAX_KEPT),
  )
}
