import { quoteWord } from '../../commands/words.ts'
import type { WrongPair } from '../../sessions/pair-margins.ts'
import type { PairView } from '../model.ts'
import type { RunFigures, RunRow } from '../run-model.ts'
import type { PaneEffect } from '../pane.ts'
import { type BatchEntry, type BatchModel, pairsById } from './batch.ts'

/** A Pair that the policy prefers the wrong way round, and where it stands in review; no view: trees no longer propose it. */
export interface WrongEntry extends WrongPair {
  readonly view: PairView | undefined
}

/** The Pairs of a Run that are persistently preferred the wrong way round, worst first. */
export function wrongEntries(figures: RunFigures, model: BatchModel): WrongEntry[] {
  const pairs = pairsById(model)
  return figures.wrongPairs().map((pair) => ({ ...pair, view: pairs.get(pair.id) }))
}

/** A Pair of a list as an entry of a batch: opened the same way. */
export function entryOf({ id, times, view }: WrongEntry): BatchEntry {
  return { type: 'pair', id, times, view }
}

/** Sends Pairs back to review, with what their margins are in the Run as a note. */
export function reopenEffect(ids: readonly string[], { id: run }: RunRow, done: () => void): PaneEffect {
  if (ids.length === 0)
    return { type: 'message', text: 'Trees no longer propose this pair: there is nothing to review.' }
  const [first = ''] = ids
  const what = ids.length === 1 ? `Pair ${first} is` : `${ids.length} pairs are`
  const undo = ids.length === 1 ? ` :pair undo ${first} takes that back.` : ' :pair undo takes it back, pair by pair.'
  return {
    type: 'command',
    line: ['pair', 'reopen', ...ids, '--run', run].map(quoteWord).join(' '),
    then: (result) => {
      if (result.type === 'error') return undefined
      done()
      return { type: 'message', text: `${what} pending again and flagged.${undo}` }
    },
  }
}
