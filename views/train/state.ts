import { LIST_START, type ListWindow } from '../paint/list-window.ts'

/** What a moving average keeps of itself, in the order the key steps through. */
export const SMOOTHINGS = [0, 0.6, 0.9, 0.98] as const
export type Smoothing = (typeof SMOOTHINGS)[number]

/** Parts of the pane that keys can be about. */
export type TrainView = 'charts' | 'runs' | 'steps' | 'batch'

/** A line of the step table. */
export interface StepAt {
  /** Over all stages. */
  readonly x: number
  readonly kind: 'step' | 'eval'
}

/** What the pane shows, apart from the Runs and their figures. */
export interface TrainState {
  readonly view: TrainView
  /** The chosen Run; `undefined`: the newest, whichever that is. */
  readonly run: string | undefined
  readonly runs: ListWindow
  /** Runs to overlay. */
  readonly marked: ReadonlySet<string>
  readonly overlay: boolean
  readonly smoothing: Smoothing
  readonly log: boolean
  readonly filter: string
  /** Key of the chosen chart; `undefined`: the first. */
  readonly chart: string | undefined
  /** Whether the chosen chart has the whole pane. */
  readonly large: boolean
  /** The step whose values are read; `undefined`: the newest, whichever that is. */
  readonly at: StepAt | undefined
  readonly steps: ListWindow
  /** The step table begins with the first step. */
  readonly ascending: boolean
  readonly batch: ListWindow
}

/** What changes the pane. */
export type TrainMessage =
  | { readonly type: 'view'; readonly view: TrainView }
  | { readonly type: 'run'; readonly run: string | undefined }
  | { readonly type: 'place-runs'; readonly runs: ListWindow }
  | { readonly type: 'mark'; readonly run: string }
  | { readonly type: 'overlay' }
  | { readonly type: 'smooth' }
  | { readonly type: 'log' }
  | { readonly type: 'filter'; readonly text: string }
  | { readonly type: 'chart'; readonly chart: string | undefined }
  | { readonly type: 'large'; readonly large: boolean }
  | { readonly type: 'at'; readonly at: StepAt | undefined }
  | { readonly type: 'place-steps'; readonly steps: ListWindow }
  | { readonly type: 'turn-steps' }
  | { readonly type: 'place-batch'; readonly batch: ListWindow }

/** The newest Run's charts. */
export const TRAIN_START: TrainState = {
  view: 'charts',
  run: undefined,
  runs: LIST_START,
  marked: new Set(),
  overlay: false,
  smoothing: 0,
  log: false,
  filter: '',
  chart: undefined,
  large: false,
  at: undefined,
  steps: LIST_START,
  ascending: false,
  batch: LIST_START,
}

/** The pane after a message. */
export function updateTrain(state: TrainState, message: TrainMessage): TrainState {
  switch (message.type) {
    case 'view':
      return { ...state, view: message.view, ...(message.view === 'batch' ? { batch: LIST_START } : {}) }
    case 'run':
      return chosen(state, message.run)
    case 'place-runs':
      return { ...state, runs: message.runs }
    case 'mark':
      return { ...state, marked: toggled(state.marked, message.run) }
    case 'overlay':
      return { ...state, overlay: !state.overlay }
    case 'smooth':
      return { ...state, smoothing: SMOOTHINGS[(SMOOTHINGS.indexOf(state.smoothing) + 1) % SMOOTHINGS.length] ?? 0 }
    case 'log':
      return { ...state, log: !state.log }
    case 'filter':
      return { ...state, filter: message.text }
    case 'chart':
      return { ...state, chart: message.chart }
    case 'large':
      return { ...state, large: message.large }
    case 'at':
      return { ...state, at: message.at }
    case 'place-steps':
      return { ...state, steps: message.steps }
    case 'turn-steps':
      return { ...state, ascending: !state.ascending }
    case 'place-batch':
      return { ...state, batch: message.batch }
  }
}

/** Another Run has other steps; smoothing, scale and chart stay, so that Runs can be compared by going through them. */
function chosen(state: TrainState, run: string | undefined): TrainState {
  if (run === state.run) return state
  const view = state.view === 'batch' ? 'steps' : state.view
  return { ...state, run, view, at: undefined, steps: LIST_START, batch: LIST_START }
}

function toggled(marked: ReadonlySet<string>, run: string): ReadonlySet<string> {
  const runs = new Set(marked)
  if (!runs.delete(run)) runs.add(run)
  return runs
}
