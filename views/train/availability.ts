import type { RunRow } from '../run-model.ts'
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
  /** Steps whose loss stands out, evaluations by depth, curves of GPUs, and Pairs preferred the wrong way round. */
  readonly spikes: number
  readonly depths: number
  readonly gpus: number
  readonly wrong: number
  readonly hasLog: boolean
}

/** Views in which a key works, where it does not work in all; elsewhere Esc leads back to the charts. */
const VIEWS: Readonly<Record<string, readonly TrainView[]>> = {
  ...Object.fromEntries(
    ['read back', 'read on', 'step back', 'step on', 'step first', 'step last'].map((words) => [
      words,
      ['charts', 'gpus', 'depth'],
    ]),
  ),
  smooth: ['charts', 'gpus'],
  log: ['charts'],
  axis: ['charts'],
  'page next': ['charts', 'gpus', 'runs'],
  'page previous': ['charts', 'gpus', 'runs'],
}
const READS = new Set(['read back', 'read on', 'step back', 'step on', 'step first', 'step last'])

/** Why a key's words cannot be done now, one short phrase; `undefined`: they can. */
export function availability(words: string, situation: Situation): string | undefined {
  const { row, runs, view, steps, pages } = situation
  if (row === undefined) return 'there is no run yet'
  if (VIEWS[words]?.includes(view) === false) return 'Esc goes back to the charts first'
  if (READS.has(words) && steps === 0) return 'there is no step yet'
  if (words.startsWith('page ') && pages <= 1)
    return view === 'runs' ? 'all of it is on the screen' : 'all charts are on this page'
  const isPairList = view === 'wrong' || view === 'batch'
  if (words === 'reopen' && !isPairList) return 'w lists the pairs first'
  if (words === 'mark all' && view !== 'wrong') return 'w lists the pairs first'
  if (words === 'overlay' && view !== 'steps' && runs < 2) return 'there is no other run'
  if (words.startsWith('run ') && runs < 2) return 'there is no other run'
  if (words === 'mark' && view !== 'wrong' && runs < 2) return 'there is no other run'
  return nothingToSee(words, situation) ?? requestProblem(words, row)
}

function nothingToSee(words: string, { view, spikes, depths, gpus, wrong, hasLog }: Situation): string | undefined {
  switch (words) {
    case 'spike':
      return spikes > 0 ? undefined : 'no loss stands out of those before it'
    case 'depth':
      return depths > 0 || view === 'depth' ? undefined : 'no evaluation tells pairs apart by depth'
    case 'gpus':
      return gpus > 0 || view === 'gpus' ? undefined : 'nothing is known of its GPUs'
    case 'wrong':
      return wrong > 0 || view === 'wrong' ? undefined : 'no pair keeps a negative margin'
    case 'job log':
      return hasLog ? undefined : 'nothing keeps what its process wrote'
    default:
      return undefined
  }
}
