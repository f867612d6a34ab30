import { bootstrap, type Interval } from './bootstrap.ts'
import { type TaskCount, wilson } from './rate.ts'

/** after − before with its 95 % interval, fractions in [-1, 1]. */
export interface Difference extends Interval {
  readonly delta: number
}

/** One Task that both sides know; rates are fractions in [0, 1]. */
export interface TaskPair {
  readonly task: string
  readonly before: number
  readonly after: number
}

/** Tasks with a known rollout on both sides, by name. */
export function taskPairs(before: readonly TaskCount[], after: readonly TaskCount[]): TaskPair[] {
  const rates = new Map(after.filter(({ total }) => total > 0).map(({ task, count, total }) => [task, count / total]))
  return before
    .flatMap(({ task, count, total }) => {
      const rate = rates.get(task)
      return total === 0 || rate === undefined ? [] : [{ task, before: count / total, after: rate }]
    })
    .sort((a, b) => (a.task < b.task ? -1 : a.task > b.task ? 1 : 0))
}

/** The mean difference over Tasks, each counting once; the interval draws Tasks with replacement. */
export function pairedDifference(pairs: readonly TaskPair[]): Difference {
  return crossedDifference([pairs])
}

/**
 * The mean difference over several runs of the same two experiments (seeds), run by run and Task by Task; the interval draws runs and
 * Tasks, apart from each other.
 * @param before - one list of Tasks per run; `after` has the same runs in the same order.
 */
export function pooledDifference(
  before: readonly (readonly TaskCount[])[],
  after: readonly (readonly TaskCount[])[],
): Difference {
  return crossedDifference(before.map((run, at) => taskPairs(run, after[at] ?? [])))
}

function crossedDifference(runs: readonly (readonly TaskPair[])[]): Difference {
  const names = [...new Set(runs.flatMap((pairs) => pairs.map(({ task }) => task)))].sort()
  const places = new Map(names.map((name, place) => [name, place]))
  const cells = new Float64Array(runs.length * names.length).fill(Number.NaN)
  for (const [run, pairs] of runs.entries())
    for (const { task, before, after } of pairs) cells[run * names.length + (places.get(task) ?? 0)] = after - before
  const known = cells.filter((value) => !Number.isNaN(value))
  if (known.length === 0) return { delta: 0, low: -1, high: 1 }
  const delta = known.reduce((total, value) => total + value, 0) / known.length
  if (known.every((value) => value === known[0])) return { delta, ...unmoved(delta, names.length) }
  const interval = bootstrap([runs.length, names.length], ([seeds, tasks]) => {
    let [total, count] = [0, 0]
    for (const seed of seeds ?? [])
      for (const task of tasks ?? []) {
        const value = cells[seed * names.length + task] ?? Number.NaN
        if (Number.isNaN(value)) continue
        total += value
        count++
      }
    return count === 0 ? delta : total / count
  })
  return { delta, ...interval }
}

/** Where all Tasks agree resamples only repeat them: as far to both sides as a Task that moves could be rare and not be seen (Wilson, 0 of n). */
function unmoved(delta: number, tasks: number): Interval {
  const { high } = wilson(0, tasks)
  return { low: Math.max(-1, delta - high), high: Math.min(1, delta + high) }
}
