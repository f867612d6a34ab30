import type { Loadable, WorkbenchModel } from '../model.ts'
import type { LogLines, RunFigures, RunRow, StepFigures } from '../run-model.ts'
import type { Size } from '../pane.ts'
import type { ChartGlyphs } from '../paint/chart.ts'
import { clamp, placeCursor } from '../paint/list-window.ts'
import type { Row } from '../paint/row.ts'
import { wholeSeconds } from '../rollouts/figures.ts'
import { RunCurves } from '../run-curves.ts'
import type { Store } from '../store.ts'
import { type BatchEntry, batchEntries } from './batch.ts'
import { BATCH_HEAD } from './batch-rows.ts'
import type { Charts } from './chart-rows.ts'
import { depthAt, type DepthEvaluation, depthEvaluations } from './depth-rows.ts'
import { type Finding, findingsOf } from './findings.ts'
import { gpuCharts } from './gpu-charts.ts'
import { type TrainLayout, trainLayout } from './layout.ts'
import { chartMatcher, type MetricChart, metricCharts } from './metric-charts.ts'
import type { DrawnRun, MetricCurves } from './metric-curves.ts'
import { runDetailRows } from './run-details.ts'
import type { TrainMessage, TrainState, TrainWindows } from './state.ts'
import { stepIndex } from './step-cursor.ts'
import { stepOfLine } from './step-table.ts'
import { type WrongEntry, wrongEntries } from './wrong-pairs.ts'
import { WRONG_HEAD } from './wrong-rows.ts'

/** What the pane draws from, and what its keys are about. */
export interface TrainContext {
  readonly state: TrainState
  readonly layout: TrainLayout
  readonly runs: Loadable<readonly RunRow[]>
  readonly list: readonly RunRow[]
  /** The chosen Run. */
  readonly row: RunRow | undefined
  readonly figures: RunFigures
  readonly findings: readonly Finding[]
  readonly parts: MetricCurves
  /** Charts of the Run before the filter. */
  readonly allCharts: number
  readonly gpuCharts: Charts
  /** The step under the cursor, and what it learnt from (in its view only, as with the next ones). */
  readonly step: StepFigures | undefined
  readonly entries: readonly BatchEntry[]
  readonly wrong: readonly WrongEntry[]
  readonly depths: readonly DepthEvaluation[]
  /** Position of the evaluation by depth at the cursor. */
  readonly depth: number
  readonly log: LogLines
  readonly details: readonly Row[]
  readonly model: Pick<WorkbenchModel, 'tree'>
  /** Milliseconds since the epoch, in whole seconds. */
  readonly nowMs: number
}

/** Runs laid over another at once; more cannot be told apart. */
const MAX_OVERLAID = 5
const NO_FIGURES = new RunCurves().figures()
const NO_LOG: LogLines = { first: 0, lines: [] }

/** Makes a context from what the model now holds; on the way, cursors follow. */
export class TrainContexts {
  readonly #model: WorkbenchModel
  readonly #store: Store<TrainState, TrainMessage>
  readonly #glyphs: ChartGlyphs
  #charts: { readonly of: readonly string[]; readonly charts: readonly MetricChart[] } = { of: [], charts: [] }

  constructor(model: WorkbenchModel, store: Store<TrainState, TrainMessage>, glyphs: ChartGlyphs) {
    this.#model = model
    this.#store = store
    this.#glyphs = glyphs
  }

  runs(): readonly RunRow[] {
    const runs = this.#model.runs()
    return runs.state === 'ready' ? runs.value : []
  }

  /** Position of the chosen Run. */
  chosen(list: readonly RunRow[]): number {
    const { run } = this.#store.get()
    return Math.max(
      0,
      list.findIndex(({ id }) => id === run),
    )
  }

  context(size: Size): TrainContext {
    const list = this.runs()
    const chosen = this.chosen(list)
    const row = list[chosen]
    const figures = row === undefined ? NO_FIGURES : this.#model.runFigures(row.id)
    const all = this.#chartsOf(figures)
    const before = this.#store.get()
    const { view, at } = before
    const layout = trainLayout(before, list.length, row, size)
    const findings = findingsOf(figures)
    const step = figures.steps[stepIndex(figures.steps, at)]
    const lists = {
      entries: view === 'batch' && step !== undefined ? batchEntries(step, this.#model) : [],
      wrong: view === 'wrong' ? wrongEntries(figures, this.#model) : [],
      details: view === 'runs' && row !== undefined ? runDetailRows(row, figures, findings, size.width) : [],
    }
    this.#place(before, { chosen, runs: list.length, figures, layout, ...lists })
    const state = this.#store.get()
    const charts = state.filter === '' ? all : all.filter(chartMatcher(state.filter).matches)
    const depths = depthEvaluations(figures)
    return {
      state,
      layout,
      runs: this.#model.runs(),
      list,
      row,
      figures,
      findings,
      parts: {
        run: drawnRun(row, figures),
        overlaid: this.#overlaid(list, row),
        charts,
        chosen: Math.max(
          0,
          charts.findIndex(({ key }) => key === state.chart),
        ),
        cursor: at?.x,
        state,
        glyphs: this.#glyphs,
      },
      allCharts: all.length,
      gpuCharts: gpuCharts(figures, state, this.#glyphs),
      step,
      ...lists,
      depths,
      depth: depthAt(depths, at),
      log: view === 'log' && row !== undefined ? (this.#model.runLog?.(row.id) ?? NO_LOG) : NO_LOG,
      model: this.#model,
      nowMs: wholeSeconds(this.#model.now()),
    }
  }

  #chartsOf({ names }: RunFigures): readonly MetricChart[] {
    if (this.#charts.of !== names) this.#charts = { of: names, charts: metricCharts(names) }
    return this.#charts.charts
  }

  #overlaid(list: readonly RunRow[], row: RunRow | undefined): DrawnRun[] {
    const { overlay, marked } = this.#store.get()
    if (!overlay) return []
    const others = list.filter(({ id }) => id !== row?.id)
    const wanted = others.filter(({ id }) => marked.has(id))
    return (wanted.length === 0 ? others : wanted)
      .slice(0, MAX_OVERLAID)
      .map((each) => drawnRun(each, this.#model.runFigures(each.id)))
  }

  /** Scrolls every list that is seen to its cursor. */
  #place(state: TrainState, lists: Lists): void {
    const { chosen, runs, figures, layout, entries, wrong, details } = lists
    const { height } = layout.body
    const line = stepOfLine(stepIndex(figures.steps, state.at), figures.steps.length, state.ascending)
    const windows: TrainWindows = {
      runs: placeCursor(state.runs, chosen, runs, Math.max(1, layout.list - 1)),
      steps: placeCursor(state.steps, line, figures.steps.length, Math.max(1, height - 1)),
      batch: placeCursor(state.batch, state.batch.cursor, entries.length, Math.max(1, height - BATCH_HEAD - 1)),
      wrong: placeCursor(state.wrong, wrongLine(state, wrong), wrong.length, Math.max(1, height - WRONG_HEAD - 1)),
    }
    const names = Object.keys(windows) as (keyof TrainWindows)[]
    const moved = names.filter((name) => {
      const [is, was] = [windows[name], state[name]]
      return is.cursor !== was.cursor || is.first !== was.first
    })
    if (moved.length > 0) this.#store.send({ type: 'place', windows })
    const detail = clamp(state.detail, 0, details.length - height)
    if (detail !== state.detail) this.#store.send({ type: 'detail', line: detail })
  }
}

interface Lists extends Pick<TrainContext, 'figures' | 'layout' | 'entries' | 'wrong' | 'details'> {
  readonly chosen: number
  readonly runs: number
}

/** The line of the chosen Pair; where it is gone from the list, the line it had. */
function wrongLine({ pair, wrong }: TrainState, entries: readonly WrongEntry[]): number {
  const line = pair === undefined ? 0 : entries.findIndex(({ id }) => id === pair)
  return line < 0 ? wrong.cursor : line
}

function drawnRun(row: RunRow | undefined, figures: RunFigures): DrawnRun {
  return { id: row?.id ?? '', figures, totalSteps: row?.totalSteps ?? 0 }
}
