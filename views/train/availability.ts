import type { RunRow } from '../model.ts'
import { requestProblem } from './requests.ts'
import type { TrainView } from './state.ts'

/** What decides whether a key can do something now. */
export interface Situation {
  /** The chosen Run. */
  readonly row: RunRow | undefined
  readonly runs: number
  readonly view: TrainView
  readonly steps: number
  readonly pages: number
}

const IN_CHARTS = new Set(['read back', 'read on', 'step back', 'step on', 'step first', 'step last', 'smooth', 'log'])
const READS = new Set(['read back', 'read on', 'step back', 'step on', 'step first', 'step last'])

/** Why a key's words cannot be done now, one short phrase; `undefined`: they can. */
export function availability(words: string, { row, runs, view, steps, pages }: Situation): string | undefined {
  if (row === undefined) return 'there is no run yet'
  if (view !== 'charts' && IN_CHARTS.has(words)) return 'Esc goes back to the charts first'
  if (READS.has(words) && steps === 0) return 'there is no step yet'
  if (words.startsWith('page ')) {
    if (view !== 'charts') return 'Esc goes back to the charts first'
    return pages > 1 ? undefined : 'all charts are on this page'
  }
  if (words === 'overlay' && view !== 'steps' && runs < 2) return 'there is no other run'
  if (words.startsWith('run ') && runs < 2) return 'there is no other run'
  if (words === 'mark' && runs < 2) return 'there is no other run'
  return requestProblem(words, row)
}
