import type { Evaluation } from '../sessions/evaluations.ts'
import type { Session } from '../sessions/session.ts'
import { SealignError } from '../src/domain/errors.ts'
import { safeText } from '../src/lib/safe-text.ts'

/**
 * The Evaluations that words name (`before`, `e2`), in the order of the words; all of them without a word.
 * @throws SealignError `not-found` with what there is.
 */
export function namedEvaluations<Named extends { readonly id: string; readonly name: string }>(
  list: readonly Named[],
  words: readonly string[],
): readonly Named[] {
  if (list.length === 0)
    throw new SealignError('not-found', 'there are no evaluations in this session yet', {
      hint: 'Start one: sealign eval start --name before --tasks SET --base-url URL --model NAME',
    })
  return words.length === 0 ? list : words.map((word) => oneOf(list, word))
}

function oneOf<Named extends { readonly id: string; readonly name: string }>(
  list: readonly Named[],
  word: string,
): Named {
  const byId = list.find(({ id }) => id === word)
  const named = byId ? [byId] : list.filter(({ name }) => name === word)
  const [only] = named
  if (only !== undefined && named.length === 1) return only
  if (named.length > 1)
    throw new SealignError('not-found', `${safeText(word)} is the name of ${named.length} evaluations`, {
      hint: `Say which: ${named.map(({ id }) => id).join(', ')}`,
    })
  throw new SealignError('not-found', `there is no evaluation ${safeText(word)} in this session`, {
    hint: `There are ${list.map(({ id, name }) => `${safeText(name)} (${id})`).join(', ')}.`,
  })
}

/** A name that no Evaluation of the session has: the one asked for, else `NAME-2`, … */
export function freshName(session: Session, name: string): string {
  const taken = new Set(session.evaluations.list().map((evaluation: Evaluation) => evaluation.name))
  let fresh = name
  for (let number = 2; taken.has(fresh); number++) fresh = `${name}-${number}`
  return fresh
}
