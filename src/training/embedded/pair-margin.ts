import type { RunEvent } from '../run-event.ts'
import type { Batch } from './batch.ts'
import type { Objective } from './objective.ts'

/** How much more a policy prefers the chosen Action of a critical Pair than the reference does, times β. */
export interface PairMargin {
  readonly id: string
  readonly depth: number
  readonly margin: number
}

type Evaluation = Extract<RunEvent, { type: 'eval' }>

/** Fewest Actions before the Pairs of each group but the first, which begins at 0: groups grow as Pairs get rarer. */
const GROUPS_FROM = [1, 3, 6, 11, 21, 41]

/** The margins of a batch; none where its examples are no critical Pairs. */
export function pairMargins({ examples }: Batch, objective: Objective | undefined): PairMargin[] {
  return examples.flatMap(({ id, depth }, at) => {
    const margin = objective?.margins?.[at]
    return depth === undefined || margin === undefined ? [] : [{ id, depth, margin }]
  })
}

/** The margin of each of `ids`; null where there is none, or none that is finite. */
export function marginsOf(ids: readonly string[], margins: readonly PairMargin[]): (number | null)[] {
  const known = new Map(margins.map(({ id, margin }) => [id, margin]))
  return ids.map((id) => finiteOrNull(known.get(id) ?? Number.NaN))
}

export function marginsById(margins: readonly PairMargin[]): NonNullable<Evaluation['pairs']> {
  return margins.map(({ id, margin }) => ({ id, margin: finiteOrNull(margin) }))
}

/** Accuracy and mean margin of Pairs by the number of Actions before them, each Pair counted once; groups without a Pair are left out. */
export function byDepth(margins: readonly PairMargin[]): NonNullable<Evaluation['byDepth']> {
  const deepest = Math.max(0, ...margins.map(({ depth }) => depth))
  return [0, ...GROUPS_FROM].flatMap((from, group) => {
    const to = (GROUPS_FROM[group] ?? Math.max(deepest, from) + 1) - 1
    const own = margins.filter(({ depth }) => depth >= from && depth <= to)
    if (own.length === 0) return []
    const mean = (value: (margin: number) => number) =>
      finiteOrNull(own.reduce((sum, { margin }) => sum + value(margin), 0) / own.length)
    const accuracy = mean((margin) => (Number.isFinite(margin) ? Number(margin > 0) : Number.NaN))
    return [{ from, to, pairs: own.length, accuracy, margin: mean((margin) => margin) }]
  })
}

function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null
}
