import type { SourceModel } from '../source-model.ts'
import { arithmetic } from './arithmetic.ts'
import { assignments } from './assignments.ts'
import { awaits } from './awaits.ts'
import { calls } from './calls.ts'
import { comparisons } from './comparisons.ts'
import { booleans, conditions } from './conditions.ts'
import { copies } from './copies.ts'
import { insertions } from './insertions.ts'
import { literals } from './literals.ts'
import type { Mutation, Mutator } from './mutation.ts'
import { names } from './names.ts'
import { statements } from './statements.ts'

const MUTATORS: readonly Mutator[] = [
  comparisons,
  arithmetic,
  conditions,
  booleans,
  literals,
  names,
  calls,
  copies,
  awaits,
  assignments,
  statements,
]

/** Mutations looked at in one file: a file of 30,000 characters has more than anybody can try. */
const MAX_MUTATIONS = 20_000

/** Every change the operators find in a file, each once: of two that lead to the same text the likelier one. */
export function mutationsOf(source: SourceModel): readonly Mutation[] {
  const found = new Map<string, Mutation>()
  const add = (mutation: Mutation): void => {
    const { start, end, text } = mutation
    if (source.text.slice(start, end) === text) return
    const key = `${start}:${end}:${text}`
    const known = found.get(key)
    if (known === undefined || known.weight < mutation.weight) found.set(key, mutation)
  }
  for (const place of source.places) {
    if (found.size > MAX_MUTATIONS) break
    for (const mutate of MUTATORS) for (const mutation of mutate(place, source)) add(mutation)
  }
  for (const mutation of insertions(source)) add(mutation)
  return [...found.values()]
}
