import type { RunRow } from '../run-model.ts'
import type { Size } from '../pane.ts'
import { gpuLines } from './gpu-text.ts'
import { hasSpeed } from './speed-row.ts'
import { isLive } from './standing.ts'
import type { TrainState } from './state.ts'

/** How the pane is divided, top to bottom: by the screen, the number of Runs, and whether the chosen one says what its machine does. */
export interface TrainLayout {
  /** Lines of the list of Runs, its title included; 0: one line for the chosen Run. */
  readonly list: number
  /** Lines for how fast it is, 0 or 1, and at most for its GPUs. */
  readonly speed: number
  readonly gpus: number
  /** Charts, a table or the log. */
  readonly body: Size
}

/** Lines that say how far the Run is and what to know of it. */
const HEAD = 2
const LIST_FROM = 20

/** The parts of the pane for a number of Runs, one of which is chosen. */
export function trainLayout(
  { view, large }: Pick<TrainState, 'view' | 'large'>,
  runs: number,
  row: RunRow | undefined,
  { width, height }: Size,
): TrainLayout {
  if (view === 'runs') {
    const list = 1 + Math.max(1, Math.min(runs, Math.ceil(height / 2) - 1))
    return { list, speed: 0, gpus: 0, body: { width, height: height - list } }
  }
  const isLow = height < LIST_FROM
  const hasList = !isLow && !(large && (view === 'charts' || view === 'gpus'))
  const most = height >= 44 ? 5 : height >= 30 ? 3 : 1
  const list = hasList ? 1 + Math.max(1, Math.min(runs, most)) : 0
  const speed = hasList && row !== undefined && hasSpeed(row) ? 1 : 0
  const known = row !== undefined && isLive(row) ? (row.gpu?.gpus.length ?? 0) : 0
  const gpus = hasList && view !== 'gpus' ? gpuLines(known, { width, height }) : 0
  return { list, speed, gpus, body: { width, height: height - Math.max(1, list) - HEAD - speed - gpus } }
}
