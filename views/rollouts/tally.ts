import type { RolloutRow } from '../model.ts'
import { isActive, standingOf } from './standing.ts'

/** How many rollouts stand where. */
export interface Tally {
  readonly total: number
  readonly running: number
  readonly grading: number
  readonly queued: number
  readonly paused: number
  readonly stuck: number
  readonly lost: number
  /** Those that failed by our machinery: never part of a rate. */
  readonly infrastructure: number
  /** Judged ones, and those of them resolved. */
  readonly judged: number
  readonly resolved: number
  /** Those whose clocks run. */
  readonly active: number
}

/** Counts rollouts; `running` counts those that start and those that are stuck too. */
export function tallyOf(rows: readonly RolloutRow[]): Tally {
  const count = { running: 0, grading: 0, queued: 0, paused: 0, stuck: 0, lost: 0, infrastructure: 0 }
  let [judged, resolved, active] = [0, 0, 0]
  for (const row of rows) {
    const { word } = standingOf(row)
    if (isActive(row)) active++
    if (word === 'stuck') count.stuck++
    if (row.state === 'running' || row.state === 'starting') count.running++
    else if (row.state === 'done' && word === 'infra') count.infrastructure++
    else if (row.state === 'done' && row.outcome !== 'unknown') {
      judged++
      if (row.outcome === 'resolved') resolved++
    } else if (row.state !== 'done' && row.state !== 'cancelled') count[row.state]++
  }
  return { ...count, total: rows.length, judged, resolved, active }
}
