import { bootstrap, type Interval } from './bootstrap.ts'
import type { IntervalMethod, Rate } from './report.ts'

/** Rollouts of one Task, and those of them that count; 0 ≤ count ≤ total. */
export interface TaskCount {
  readonly task: string
  readonly count: number
  readonly total: number
}

/** 97.5 % point of the standard normal distribution. */
const Z = 1.959963984540054

/** Wilson's score interval of `count` of `total` independent trials (Wilson 1927), 95 %; [0, 1] when there is none. */
export function wilson(count: number, total: number): Interval {
  if (total === 0) return { low: 0, high: 1 }
  const rate = count / total
  const spread = (Z * Z) / total
  const centre = (rate + spread / 2) / (1 + spread)
  const half = (Z / (1 + spread)) * Math.sqrt((rate * (1 - rate)) / total + spread / (4 * total))
  return { low: count === 0 ? 0 : Math.max(0, centre - half), high: count === total ? 1 : Math.min(1, centre + half) }
}

/** Which interval fits: rollouts of one Task are alike, so that only Tasks with one rollout each are independent trials. */
export function intervalMethod(tasks: readonly TaskCount[]): IntervalMethod {
  return tasks.some(({ total }) => total > 1) ? 'bootstrap' : 'wilson'
}

/** The rate over all rollouts of some Tasks with its 95 % interval (`intervalMethod`). */
export function rateOf(tasks: readonly TaskCount[]): Rate {
  const known = ordered(tasks)
  const [count, total] = [sum(known, 'count'), sum(known, 'total')]
  if (intervalMethod(known) === 'wilson') return { count, total, rate: share(count, total), ...wilson(count, total) }
  return { count, total, rate: share(count, total), ...clusterInterval(known) }
}

/**
 * One rate over several runs of the same experiment (seeds of an ablation) on the same Tasks, with a 95 % interval that covers other
 * seeds and other Tasks: both are drawn anew, apart from each other (crossed bootstrap, Owen 2007; it errs on the wide side).
 */
export function pooledRate(runs: readonly (readonly TaskCount[])[]): Rate {
  const [only] = runs
  if (only !== undefined && runs.length === 1) return rateOf(only)
  const grid = gridOf(runs)
  const [count, total] = [gridSum(grid, 'counts'), gridSum(grid, 'totals')]
  const rate = share(count, total)
  if (total === 0) return { count, total, rate, low: 0, high: 1 }
  if (isUniform(runs.flat())) return { count, total, rate, ...wilson(rate * grid.tasks, grid.tasks) }
  const interval = bootstrap([grid.runs, grid.tasks], ([seeds, tasks]) => {
    let [counted, all] = [0, 0]
    for (const seed of seeds ?? [])
      for (const task of tasks ?? []) {
        const cell = seed * grid.tasks + task
        counted += grid.counts[cell] ?? 0
        all += grid.totals[cell] ?? 0
      }
    return all === 0 ? rate : counted / all
  })
  return { count, total, rate, ...interval }
}

/**
 * Tasks are drawn with all their rollouts. Where all Tasks agree a resample could only repeat them, and the interval would be a point:
 * then it is Wilson's with a Task for a trial.
 */
function clusterInterval(tasks: readonly TaskCount[]): Interval {
  if (isUniform(tasks)) return wilson(share(sum(tasks, 'count'), sum(tasks, 'total')) * tasks.length, tasks.length)
  return bootstrap([tasks.length], ([drawn]) => {
    let [count, total] = [0, 0]
    for (const at of drawn ?? []) {
      count += tasks[at]?.count ?? 0
      total += tasks[at]?.total ?? 0
    }
    return count / total
  })
}

/** Tasks with a rollout, by name: the interval must not depend on which one ended first. */
function ordered(tasks: readonly TaskCount[]): readonly TaskCount[] {
  return tasks.filter(({ total }) => total > 0).toSorted((a, b) => (a.task < b.task ? -1 : a.task > b.task ? 1 : 0))
}

function isUniform(tasks: readonly TaskCount[]): boolean {
  const shares = new Set(tasks.filter(({ total }) => total > 0).map(({ count, total }) => count / total))
  return shares.size <= 1
}

interface Grid {
  readonly runs: number
  readonly tasks: number
  /** Row by row, a run each; Tasks by name. */
  readonly counts: Float64Array
  readonly totals: Float64Array
}

function gridOf(runs: readonly (readonly TaskCount[])[]): Grid {
  const names = [...new Set(runs.flatMap((run) => run.map(({ task }) => task)))].sort()
  const places = new Map(names.map((name, place) => [name, place]))
  const counts = new Float64Array(runs.length * names.length)
  const totals = new Float64Array(runs.length * names.length)
  for (const [run, tasks] of runs.entries())
    for (const { task, count, total } of tasks) {
      const cell = run * names.length + (places.get(task) ?? 0)
      counts[cell] = (counts[cell] ?? 0) + count
      totals[cell] = (totals[cell] ?? 0) + total
    }
  return { runs: runs.length, tasks: names.length, counts, totals }
}

function gridSum(grid: Grid, of: 'counts' | 'totals'): number {
  return grid[of].reduce((total, value) => total + value, 0)
}

function sum(tasks: readonly TaskCount[], of: 'count' | 'total'): number {
  return tasks.reduce((total, task) => total + task[of], 0)
}

function share(count: number, total: number): number {
  return total === 0 ? 0 : count / total
}
