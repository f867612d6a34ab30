import { LIST_START, type ListWindow } from '../paint/list-window.ts'
import { ROLLOUT_SORTS, type RolloutSort } from './ordering.ts'

/** What the detail shows of a rollout. */
export type DetailView = 'steps' | 'patch' | 'tests'

/** What the cursor is on: a rollout, or the line of a task's group. */
export type Selected = { readonly id: number } | { readonly task: string }

/** What the pane shows, apart from the rollouts themselves. */
export interface RolloutsState {
  readonly focus: 'list' | 'detail'
  readonly window: ListWindow
  readonly selected: Selected | undefined
  readonly filter: string
  readonly sort: RolloutSort
  /** How often the order was asked for anew. */
  readonly sortedAgain: number
  readonly grouped: boolean
  readonly folded: ReadonlySet<string>
  readonly view: DetailView
  /** Whether the focused part has the whole pane. */
  readonly zoomed: boolean
}

/** What changes the pane. */
export type RolloutsMessage =
  | { readonly type: 'focus'; readonly on: 'list' | 'detail' }
  | { readonly type: 'place'; readonly window: ListWindow; readonly selected: Selected | undefined }
  | { readonly type: 'filter'; readonly text: string }
  | { readonly type: 'sort' }
  | { readonly type: 'sort-again' }
  | { readonly type: 'group' }
  | { readonly type: 'fold'; readonly task: string; readonly folded: boolean }
  | { readonly type: 'view'; readonly view: DetailView }
  | { readonly type: 'zoom'; readonly zoomed: boolean }

/** Nothing chosen yet. */
export const ROLLOUTS_START: RolloutsState = {
  focus: 'list',
  window: LIST_START,
  selected: undefined,
  filter: '',
  sort: 'task',
  sortedAgain: 0,
  grouped: false,
  folded: new Set(),
  view: 'steps',
  zoomed: false,
}

/** The pane after a message. */
export function updateRollouts(state: RolloutsState, message: RolloutsMessage): RolloutsState {
  switch (message.type) {
    case 'focus':
      return { ...state, focus: message.on, zoomed: message.on === 'list' ? false : state.zoomed }
    case 'place':
      return { ...state, window: message.window, selected: message.selected }
    case 'filter':
      return { ...state, filter: message.text }
    case 'sort':
      return { ...state, sort: after(ROLLOUT_SORTS, state.sort) }
    case 'sort-again':
      return { ...state, sortedAgain: state.sortedAgain + 1 }
    case 'group':
      return { ...state, grouped: !state.grouped }
    case 'fold':
      return { ...state, folded: withTask(state.folded, message.task, message.folded) }
    case 'view':
      // The key that opened a view closes it.
      return { ...state, view: state.view === message.view ? 'steps' : message.view }
    case 'zoom':
      return { ...state, zoomed: message.zoomed }
  }
}

function withTask(folded: ReadonlySet<string>, task: string, isFolded: boolean): ReadonlySet<string> {
  const tasks = new Set(folded)
  if (isFolded) tasks.add(task)
  else tasks.delete(task)
  return tasks
}

function after<T>(values: readonly T[], value: T): T {
  return values[(values.indexOf(value) + 1) % values.length] ?? value
}
