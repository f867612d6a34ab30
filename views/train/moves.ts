import type { StepFigures } from '../run-model.ts'
import { clamp, jumpStep, placeCursor } from '../paint/list-window.ts'
import type { Store } from '../store.ts'
import { BATCH_HEAD } from './batch-rows.ts'
import { type ChartGrid, chartGrid, pageOf } from './chart-grid.ts'
import type { TrainContext } from './context.ts'
import { gpuHead } from './gpu-text.ts'
import { LOG_HEAD, logEnd } from './log-rows.ts'
import { axisRange } from './metric-curves.ts'
import type { StepAt, TrainMessage, TrainState } from './state.ts'
import { stepAt, steppedBy } from './step-cursor.ts'
import { stepOfLine } from './step-table.ts'
import { WRONG_HEAD } from './wrong-rows.ts'

/** Cells of a chart that hold no curve. */
const CHART_SIDE = 8

/** Where keys that move lead: through lists, charts, pages, steps and evaluations. */
export class TrainMoves {
  readonly #store: Store<TrainState, TrainMessage>

  constructor(store: Store<TrainState, TrainMessage>) {
    this.#store = store
  }

  /** How the charts of the view stand: those of the Run, or of its GPUs. */
  #grid({ state, parts, gpuCharts, layout, row }: TrainContext): ChartGrid {
    if (state.large) return { columns: 1, rows: 1 }
    const { width, height } = layout.body
    if (state.view !== 'gpus') return chartGrid(layout.body, parts.charts.length)
    const head = row === undefined ? 0 : gpuHead(row, layout.body)
    return chartGrid({ width, height: height - head }, gpuCharts.charts.length)
  }

  #shown({ state, parts, gpuCharts }: TrainContext): { readonly count: number; readonly chosen: number } {
    const { charts, chosen } = state.view === 'gpus' ? gpuCharts : parts
    return { count: charts.length, chosen }
  }

  /** Pages of charts, or of what is known of the Run. */
  pages(context: TrainContext): number {
    const { state, details, layout } = context
    if (state.view === 'runs') return Math.ceil(details.length / Math.max(1, layout.body.height))
    const { count, chosen } = this.#shown(context)
    return pageOf(chosen, count, this.#grid(context)).pages
  }

  /** Up and down in the list, charts or log of the view. */
  move(words: string, context: TrainContext): void {
    const { state, layout, figures, entries, wrong, log } = context
    const { height } = layout.body
    const by = (lines: number): number => jumpStep(words, lines) ?? 0
    switch (state.view) {
      case 'runs':
        return this.toRun(context, by(layout.list - 1))
      case 'steps': {
        const step = jumpStep(words, height - 1)
        if (step !== undefined) this.#toLine(figures.steps, state.steps.cursor + step)
        return
      }
      case 'batch': {
        const room = Math.max(1, height - BATCH_HEAD - 1)
        const batch = placeCursor(state.batch, state.batch.cursor + by(room), entries.length, room)
        return this.#store.send({ type: 'place', windows: { batch } })
      }
      case 'wrong': {
        const line = clamp(state.wrong.cursor + by(height - WRONG_HEAD - 1), 0, wrong.length - 1)
        return this.#store.send({ type: 'pair', pair: wrong[line]?.id })
      }
      case 'log': {
        const end = logEnd({ log, end: state.logEnd, height }) + by(height - LOG_HEAD)
        const last = log.first + log.lines.length
        return this.#store.send({ type: 'log-end', end: end >= last ? undefined : Math.max(0, end) })
      }
      case 'depth':
        return this.#toDepth(context, by(1))
      case 'gpus':
      case 'charts': {
        const { columns, rows } = this.#grid(context)
        const step = jumpStep(words, columns * rows)
        if (step !== undefined) this.#toChart(context, this.#shown(context).chosen + step)
      }
    }
  }

  /** To another Run of the list. */
  toRun({ list, row }: TrainContext, by: number): void {
    const at = clamp((row === undefined ? 0 : list.indexOf(row)) + by, 0, list.length - 1)
    // The first line means the newest Run, also when a newer one comes.
    this.#store.send({ type: 'run', run: at === 0 ? undefined : list[at]?.id })
  }

  #toLine(steps: readonly StepFigures[], line: number): void {
    const at = clamp(line, 0, steps.length - 1)
    this.to(stepAt(steps, stepOfLine(at, steps.length, this.#store.get().ascending)))
  }

  #toChart(context: TrainContext, index: number): void {
    const at = clamp(index, 0, this.#shown(context).count - 1)
    if (this.#store.get().view === 'gpus') this.#store.send({ type: 'gpu-chart', chart: at })
    else this.#store.send({ type: 'chart', chart: context.parts.charts[at]?.key })
  }

  /** To the next or previous page. */
  turnPage(context: TrainContext, by: 1 | -1): void {
    const { state, layout } = context
    if (state.view === 'runs')
      return this.#store.send({ type: 'detail', line: state.detail + by * Math.max(1, layout.body.height - 1) })
    const { columns, rows } = this.#grid(context)
    const { count, chosen } = this.#shown(context)
    const { page, pages } = pageOf(chosen, count, { columns, rows })
    this.#toChart(context, ((page + by + pages) % pages) * columns * rows)
  }

  /** As many steps further, in the view by depth one evaluation. */
  read(context: TrainContext, by: number): void {
    if (this.#store.get().view === 'depth') return this.#toDepth(context, Math.sign(by))
    this.to(steppedBy(context.figures.steps, this.#store.get().at, by))
  }

  /** To another evaluation by depth; past the last one: the newest, whichever comes. */
  #toDepth({ depths, depth }: TrainContext, by: number): void {
    const at = clamp(depth + by, 0, depths.length - 1)
    const evaluation = depths[at]
    if (evaluation === undefined || by === 0) return
    this.to(at === depths.length - 1 ? undefined : { x: evaluation.x, kind: 'eval' })
  }

  /** To the next step whose loss stands out, after the last one to the first. */
  toSpike({ figures, state }: TrainContext): void {
    const from = state.at?.x ?? Number.POSITIVE_INFINITY
    const next = figures.spikes.find(({ x }) => x > from) ?? figures.spikes[0]
    if (next === undefined) return
    this.to({ x: next.x, kind: 'step' })
    if (state.view !== 'steps' && state.view !== 'gpus') this.#store.send({ type: 'view', view: 'charts' })
  }

  /** To a step; `undefined`: to the newest, whichever comes. */
  to(at: StepAt | undefined): void {
    this.#store.send({ type: 'at', at })
  }

  /** As many steps as share one column of a chart. */
  readColumn(context: TrainContext, by: 1 | -1): void {
    this.read(context, by * this.#stepsPerColumn(context))
  }

  /** Steps that share one column of a chart. */
  #stepsPerColumn(context: TrainContext): number {
    const { from, to } = axisRange(context.parts, 'step')
    const cells = Math.floor(context.layout.body.width / this.#grid(context).columns) - CHART_SIDE
    return Math.max(1, Math.ceil((to - from) / Math.max(1, cells)))
  }
}
