import type { Loadable, RolloutDetail, RolloutRow, TaskSummary } from '../model.ts'
import { requestProblem } from './requests.ts'
import type { DetailView } from './state.ts'

/** What decides whether a key can do something now. */
export interface Situation {
  /** The rollout under the cursor. */
  readonly row: RolloutRow | undefined
  /** The cursor is on the line of a task's group. */
  readonly onGroup: boolean
  readonly focus: 'list' | 'detail'
  readonly view: DetailView
  readonly following: boolean
  readonly detail: () => RolloutDetail
  readonly tasks: Loadable<readonly TaskSummary[]>
}

const NEEDS_ROLLOUT = new Set([
  'follow',
  'patch',
  'tests',
  'pause',
  'cancel',
  'requeue',
  'nudge',
  'shell',
  'tree',
  'copy',
  'edit',
])
const NEEDS_STEPS = new Set(['step next', 'step previous', 'unfold all', 'fold all'])

/** Why a key's words cannot be done now, one short phrase; `undefined`: they can. */
export function availability(words: string, now: Situation): string | undefined {
  const { row, onGroup, focus, view, following, tasks } = now
  if (row === undefined) {
    if (NEEDS_ROLLOUT.has(words) || NEEDS_STEPS.has(words))
      return onGroup ? 'the cursor is on no rollout' : 'there is no rollout here'
    return undefined
  }
  if (NEEDS_STEPS.has(words)) {
    if (focus === 'list') return 'open a rollout first (Enter)'
    return view === 'steps' ? undefined : 'Esc goes back to the steps first'
  }
  if (words === 'follow' && following) return 'the transcript is followed already'
  if (words === 'tree' && !hasTree(tasks, row.task)) return 'its task has no tree yet'
  return requestProblem(words, row, now.detail)
}

function hasTree(tasks: Loadable<readonly TaskSummary[]>, task: string): boolean {
  return tasks.state === 'ready' && tasks.value.some((each) => each.task === task)
}
