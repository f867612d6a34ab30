import { LIST_START, type ListWindow } from '../paint/list-window.ts'

/** Orders of the evaluations. */
export const EVALUATION_SORTS = ['as made', 'name', 'resolved', 'empty patch', 'stuck', 'invalid call'] as const
export type EvaluationSort = (typeof EVALUATION_SORTS)[number]

/** Orders of the tasks; `moved`: better, worse, the same. */
export const TASK_SORTS = ['name', 'moved'] as const
export type TaskSort = (typeof TASK_SORTS)[number]

/** Parts below the evaluations; the first one has the first say about the room. */
export const PARTS = ['comparison', 'failures', 'paper'] as const
export type Part = (typeof PARTS)[number]

/** What the pane shows, apart from the report itself. */
export interface ReportState {
  readonly view: 'evaluations' | 'tasks'
  readonly window: ListWindow
  /** Id of the Evaluation under the cursor, and of the tasks' chosen column. */
  readonly selected: string | undefined
  /** Id of the Evaluation that others are compared with; `undefined`: each with the first one it shares Tasks with. */
  readonly base: string | undefined
  readonly filter: string
  readonly sort: EvaluationSort
  /** Ids in the order they had when it was asked for; new ones follow. */
  readonly order: readonly string[]
  readonly part: Part
  /** Whether the parts below have the whole pane. */
  readonly zoomed: boolean
  /** Id of the Evaluation whose tasks were opened: how they moved is told of it, whatever column is chosen. */
  readonly opened: string | undefined
  readonly taskWindow: ListWindow
  readonly task: string | undefined
  readonly taskFilter: string
  readonly taskSort: TaskSort
  /** Tasks in the order they had when it was asked for; new ones follow. */
  readonly taskOrder: readonly string[]
  /** Which of the rollouts of the chosen Task and Evaluation, from 0. */
  readonly rollout: number
}

/** What changes the pane. */
export type ReportMessage =
  | { readonly type: 'open'; readonly id: string }
  | { readonly type: 'close' }
  | { readonly type: 'place'; readonly window: ListWindow; readonly selected: string | undefined }
  | { readonly type: 'place-task'; readonly window: ListWindow; readonly task: string | undefined }
  | { readonly type: 'column'; readonly selected: string }
  | { readonly type: 'rollout'; readonly at: number }
  | { readonly type: 'base'; readonly id: string }
  | { readonly type: 'filter'; readonly text: string }
  /** `order`: what the next sort makes of what is there now. */
  | { readonly type: 'sort'; readonly order: readonly string[] }
  | { readonly type: 'part' }
  | { readonly type: 'zoom'; readonly zoomed: boolean }

/** Nothing chosen yet. */
export const REPORT_START: ReportState = {
  view: 'evaluations',
  window: LIST_START,
  selected: undefined,
  base: undefined,
  filter: '',
  sort: 'as made',
  order: [],
  part: 'comparison',
  zoomed: false,
  opened: undefined,
  taskWindow: LIST_START,
  task: undefined,
  taskFilter: '',
  taskSort: 'name',
  taskOrder: [],
  rollout: 0,
}

/** The pane after a message. */
export function updateReport(state: ReportState, message: ReportMessage): ReportState {
  switch (message.type) {
    case 'open':
      return { ...state, view: 'tasks', opened: message.id, selected: message.id, zoomed: false, rollout: 0 }
    case 'close':
      return { ...state, view: 'evaluations', rollout: 0 }
    case 'place':
      return { ...state, window: message.window, selected: message.selected, rollout: 0 }
    case 'place-task':
      return {
        ...state,
        taskWindow: message.window,
        task: message.task,
        rollout: message.task === state.task ? state.rollout : 0,
      }
    case 'column':
      return { ...state, selected: message.selected, rollout: 0 }
    case 'rollout':
      return { ...state, rollout: message.at }
    case 'base':
      return { ...state, base: state.base === message.id ? undefined : message.id }
    case 'filter':
      return state.view === 'tasks' ? { ...state, taskFilter: message.text } : { ...state, filter: message.text }
    case 'sort':
      return state.view === 'tasks'
        ? { ...state, taskSort: nextTaskSort(state), taskOrder: message.order }
        : { ...state, sort: nextSort(state), order: message.order }
    case 'part':
      return { ...state, part: after(PARTS, state.part) }
    case 'zoom':
      return { ...state, zoomed: message.zoomed }
  }
}

/** The order that the sort key asks for next. */
export function nextSort({ sort }: ReportState): EvaluationSort {
  return after(EVALUATION_SORTS, sort)
}

export function nextTaskSort({ taskSort }: ReportState): TaskSort {
  return after(TASK_SORTS, taskSort)
}

function after<T>(values: readonly T[], value: T): T {
  return values[(values.indexOf(value) + 1) % values.length] ?? value
}
