import type { PairView, TrajectoryInfo, WorkbenchModel } from '../model.ts'
import type { StepFigures } from '../run-model.ts'
import type { PaneEffect } from '../pane.ts'

/** Something a step learnt from; `times` > 1 where it was drawn more than once. */
export type BatchEntry = { readonly id: string; readonly times: number } & (
  | { readonly type: 'pair'; readonly view: PairView | undefined }
  | {
      readonly type: 'trajectory'
      readonly task: string | undefined
      readonly info: TrajectoryInfo | undefined
    }
)

/** What a batch is looked up in. */
export type BatchModel = Pick<WorkbenchModel, 'pairs' | 'learntTrajectory'>

/** Pairs by id; one map per list. */
const byId = new WeakMap<readonly PairView[], ReadonlyMap<string, PairView>>()

/** What a step learnt from, in the order it was drawn, each once. */
export function batchEntries({ stage, batch }: StepFigures, model: BatchModel): BatchEntry[] {
  const times = new Map<string, number>()
  for (const id of batch) times.set(id, (times.get(id) ?? 0) + 1)
  const pairs = stage === 'dpo' ? pairsById(model) : undefined
  return Array.from(times, ([id, count]): BatchEntry => {
    const base = { id, times: count }
    if (pairs !== undefined) return { ...base, type: 'pair', view: pairs.get(id) }
    const found = model.learntTrajectory?.(id)
    return { ...base, type: 'trajectory', task: found?.task, info: found?.info }
  })
}

/** `8 pairs`, `1 trajectory`. */
export function learntText(stage: StepFigures['stage'], count: number): string {
  const [one, many] = stage === 'dpo' ? ['pair', 'pairs'] : ['trajectory', 'trajectories']
  return `${count} ${count === 1 ? one : many}`
}

/** Goes to a Pair or to the Tree of a Trajectory; says why it cannot. */
export function batchEffect(entry: BatchEntry): PaneEffect {
  if (entry.type === 'pair') {
    if (entry.view === undefined)
      return {
        type: 'message',
        text: 'This pair is not proposed any more: trees, threshold or merge mode changed since its dataset was frozen.',
      }
    return { type: 'show', pane: 'pairs', selection: { pair: entry.id, task: entry.view.pair.task } }
  }
  if (entry.task === undefined || entry.info === undefined)
    return { type: 'message', text: 'This trajectory is no longer in the session.' }
  return { type: 'show', pane: 'tree', selection: { task: entry.task, trajectory: entry.info.id } }
}

export function pairsById(model: BatchModel): ReadonlyMap<string, PairView> {
  const list = model.pairs()
  if (list.state !== 'ready') return new Map()
  let map = byId.get(list.value)
  if (map === undefined) {
    map = new Map(list.value.map((view) => [view.pair.id, view]))
    byId.set(list.value, map)
  }
  return map
}
