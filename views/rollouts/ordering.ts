import type { RolloutRow } from '../model.ts'
import { standingOf } from './standing.ts'

/** In which order rollouts are listed; `idle`: the longest silence first. */
export const ROLLOUT_SORTS = ['task', 'state', 'step', 'tokens', 'idle', 'stuck'] as const
export type RolloutSort = (typeof ROLLOUT_SORTS)[number]

const collator = new Intl.Collator('en', { numeric: true })

/** Names as people order them: `task-9` before `task-10`. */
export function byName(a: string, b: string): number {
  return collator.compare(a, b)
}

/**
 * Positions of rollouts in the order asked for; ties by task and run.
 *
 * @param places - the order so far by id: those known keep their places, new ones follow them.
 */
export function rolloutOrder(
  rows: readonly RolloutRow[],
  sort: RolloutSort,
  places: ReadonlyMap<number, number> | undefined,
): number[] {
  const known = ({ id }: RolloutRow): number => places?.get(id) ?? Number.MAX_SAFE_INTEGER
  const value = places === undefined ? (row: RolloutRow) => sortValue(row, sort) : known
  const keyed = rows.map((row, at) => ({ row, at, value: value(row) }))
  keyed.sort(
    (a, b) => a.value - b.value || byName(a.row.task, b.row.task) || byName(a.row.run, b.row.run) || a.at - b.at,
  )
  return keyed.map(({ at }) => at)
}

/** Smaller comes first. */
function sortValue(row: RolloutRow, sort: RolloutSort): number {
  switch (sort) {
    case 'task':
      return 0
    case 'state':
      return standingOf(row).rank
    case 'step':
      return -row.step
    case 'tokens':
      return -(row.promptTokens + row.completionTokens)
    case 'idle':
      return row.endedMs === undefined ? (row.activeMs ?? Number.MAX_SAFE_INTEGER) : Number.MAX_SAFE_INTEGER
    case 'stuck':
      return row.stuck === undefined ? 2 : standingOf(row).word === 'stuck' ? 0 : 1
  }
}
