import type { RunAxis } from '../run-model.ts'
import { LIST_START, type ListWindow } from '../paint/list-window.ts'

/** What a moving average keeps of itself, in the order the key steps through. */
export const SMOOTHINGS = [0, 0.6, 0.9, 0.98] as const
export type Smoothing = (typeof SMOOTHINGS)[number]

/** Parts of the pane that keys can be about. */
export type TrainView = 'charts' | 'runs' | 'steps' | 'batch' | 'gpus' | 'depth' | 'wrong' | 'log'

/** In the order the key steps through. */
const AXES: readonly RunAxis[] = ['step', 'epoch', 'time']

/** Lists that scroll. */
export interface TrainWindows {
  readonly runs: ListWindow
  readonly steps: ListWindow
  readonly batch: ListWindow
  readonly wrong: ListWindow
}

/** A line of the step table. */
export interface StepAt {
  /** Over all stages. */
  readonly x: number
  readonly kind: 'step' | 'eval'
}

/** What the pane shows, apart from the Runs and their figures. */
export interface TrainState extends TrainWindows {
  readonly view: TrainView
  /** The chosen Run; `undefined`: the newest, whichever that is. */
  readonly run: string | undefined
  /** Runs to overlay. */
  readonly marked: ReadonlySet<string>
  readonly overlay: boolean
  readonly smoothing: Smoothing
  readonly log: boolean
  /** What the charts are drawn over. */
  readonly axis: RunAxis
  readonly filter: string
  /** Key of the chosen chart; `undefined`: the first. */
  readonly chart: string | undefined
  /** Position of the chosen chart of GPUs. */
  readonly gpuChart: number
  /** Whether the chosen chart has the whole pane. */
  readonly large: boolean
  /** The step whose values are read; `undefined`: the newest, whichever that is. */
  readonly at: StepAt | undefined
  /** The step table begins with the first step. */
  readonly ascending: boolean
  /** The chosen one of the Pairs preferred the wrong way round (`undefined`: the worst), and those to send back to review. */
  readonly pair: string | undefined
  readonly markedPairs: ReadonlySet<string>
  /** Line after the last one seen of the log; `undefined`: its end, whatever comes. */
  readonly logEnd: number | undefined
  /** First line seen of what is known of the Run. */
  readonly detail: number
}

/** What changes the pane. */
export type TrainMessage =
  | { readonly type: 'view'; readonly view: TrainView }
  | { readonly type: 'run'; readonly run: string | undefined }
  | { readonly type: 'place'; readonly windows: Partial<TrainWindows> }
  | { readonly type: 'mark'; readonly run: string }
  | { readonly type: 'overlay' }
  | { readonly type: 'smooth' }
  | { readonly type: 'log' }
  | { readonly type: 'axis' }
  | { readonly type: 'filter'; readonly text: string }
  | { readonly type: 'chart'; readonly chart: string | undefined }
  | { readonly type: 'large'; readonly large: boolean }
  | { readonly type: 'at'; readonly at: StepAt | undefined }
  | { readonly type: 'turn-steps' }
  | { readonly type: 'gpu-chart'; readonly chart: number }
  | { readonly type: 'pair'; readonly pair: string | undefined }
  | { readonly type: 'mark-pair'; readonly pair: string }
  | { readonly type: 'mark-pairs'; readonly pairs: ReadonlySet<string> }
  | { readonly type: 'log-end'; readonly end: number | undefined }
  | { readonly type: 'detail'; readonly line: number }

/** The newest Run's charts. */
export const TRAIN_START: TrainState = {
  view: 'charts',
  run: undefined,
  runs: LIST_START,
  marked: new Set(),
  overlay: false,
  smoothing: 0,
  log: false,
  axis: 'step',
  filter: '',
  chart: undefined,
  gpuChart: 0,
  large: false,
  at: undefined,
  steps: LIST_START,
  ascending: false,
  batch: LIST_START,
  wrong: LIST_START,
  pair: undefined,
  markedPairs: new Set(),
  logEnd: undefined,
  detail: 0,
}

/** The pane after a message. */
export function updateTrain(state: TrainState, message: TrainMessage): TrainState {
  switch (message.type) {
    case 'view':
      return { ...state, view: message.view, ...STARTS[message.view] }
    case 'run':
      return chosen(state, message.run)
    case 'place':
      return { ...state, ...message.windows }
    case 'mark':
      return { ...state, marked: toggled(state.marked, message.run) }
    case 'overlay':
      return { ...state, overlay: !state.overlay }
    case 'smooth':
      return { ...state, smoothing: SMOOTHINGS[(SMOOTHINGS.indexOf(state.smoothing) + 1) % SMOOTHINGS.length] ?? 0 }
    case 'log':
      return { ...state, log: !state.log }
    case 'axis':
      return { ...state, axis: AXES[(AXES.indexOf(state.axis) + 1) % AXES.length] ?? 'step' }
    case 'filter':
      return { ...state, filter: message.text }
    case 'chart':
      return { ...state, chart: message.chart }
    case 'large':
      return { ...state, large: message.large }
    case 'at':
      return { ...state, at: message.at }
    case 'turn-steps':
      return { ...state, ascending: !state.ascending }
    case 'gpu-chart':
      return { ...state, gpuChart: message.chart }
    case 'pair':
      return { ...state, pair: message.pair }
    case 'mark-pair':
      return { ...state, markedPairs: toggled(state.markedPairs, message.pair) }
    case 'mark-pairs':
      return { ...state, markedPairs: message.pairs }
    case 'log-end':
      return { ...state, logEnd: message.end }
    case 'detail':
      return { ...state, detail: message.line }
  }
}

/** Where a view begins when it is opened. */
const STARTS: Partial<Record<TrainView, Partial<TrainState>>> = {
  batch: { batch: LIST_START },
  wrong: { wrong: LIST_START, pair: undefined },
  log: { logEnd: undefined },
  runs: { detail: 0 },
}

/** Another Run has other steps; smoothing, scale and chart stay, so that Runs can be compared by going through them. */
function chosen(state: TrainState, run: string | undefined): TrainState {
  if (run === state.run) return state
  const view = state.view === 'batch' ? 'steps' : state.view
  const fresh = { at: undefined, pair: undefined, markedPairs: new Set<string>(), logEnd: undefined, detail: 0 }
  return { ...state, run, view, ...fresh, steps: LIST_START, batch: LIST_START, wrong: LIST_START }
}

function toggled(marked: ReadonlySet<string>, id: string): ReadonlySet<string> {
  const ids = new Set(marked)
  if (!ids.delete(id)) ids.add(id)
  return ids
}
