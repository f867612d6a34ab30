import type { MetricSeries, RunFigures } from '../model.ts'
import type { Size } from '../pane.ts'
import { roundAbove } from '../paint/axis.ts'
import { type ChartGlyphs, type ChartMark, chartRows, type ChartSeries } from '../paint/chart.ts'
import { fitRow, fitRows, type Row, span } from '../paint/row.ts'
import type { StyleName } from '../paint/style.ts'
import { CHART_GAP, type ChartGrid, pageOf } from './chart-grid.ts'
import type { MetricChart } from './metric-charts.ts'
import type { TrainState } from './state.ts'

/** A Run whose curves are drawn. */
export interface DrawnRun {
  readonly id: string
  readonly figures: RunFigures
  /** Steps it will make in all; 0: not known. */
  readonly totalSteps: number
}

/** What the charts are drawn from. */
export interface ChartsParts {
  readonly run: DrawnRun
  /** Runs laid over it. */
  readonly overlaid: readonly DrawnRun[]
  readonly charts: readonly MetricChart[]
  /** Position of the chosen chart. */
  readonly chosen: number
  /** The step whose values are read; `undefined`: the newest. */
  readonly cursor: number | undefined
  readonly state: Pick<TrainState, 'smoothing' | 'log' | 'large'>
  readonly glyphs: ChartGlyphs
}

const STYLES: readonly StyleName[] = ['curveA', 'curveB', 'curveC', 'curveD', 'curveE', 'curveF']

/** The chosen chart alone, or the page of charts that it is on. */
export function chartsRows(parts: ChartsParts, grid: ChartGrid, size: Size): Row[] {
  const { charts, chosen, state } = parts
  const range = xRange(parts)
  const marks = marksOf(parts.run.figures)
  const draw = (index: number, width: number, height: number): Row[] => {
    const chart = charts[index]
    return chart === undefined
      ? []
      : drawn(parts, chart, { ...range, marks, width, height, selected: index === chosen })
  }
  if (state.large) return draw(chosen, size.width, size.height)
  const { columns, rows } = grid
  const first = pageOf(chosen, charts.length, grid).page * columns * rows
  const widths = shares(size.width - CHART_GAP * (columns - 1), columns)
  const heights = shares(size.height, rows)
  return heights.flatMap((height, line) => {
    const beside = widths.map((width, column) => fitRows(draw(first + line * columns + column, width, height), height))
    return Array.from(
      { length: height },
      (_, at): Row =>
        beside.flatMap((chart, column) => [
          ...(column === 0 ? [] : [span(' '.repeat(CHART_GAP))]),
          ...fitRow(chart[at] ?? [], widths[column] ?? 0),
        ]),
    )
  })
}

/** The curves of a chart: the Run's own, then those of overlaid Runs, held-out figures left out to keep them few. */
export function seriesOf(
  { run, overlaid }: Pick<ChartsParts, 'run' | 'overlaid'>,
  { parts }: MetricChart,
): ChartSeries[] {
  const own = parts.flatMap(({ name, label }) => curve(run.figures.series(name), label))
  const trained = parts.filter(({ label }) => !label.startsWith('eval'))
  const named = trained.length === 0 ? parts : trained
  const others = overlaid.flatMap(({ id, figures }) =>
    named.flatMap(({ name, label }) => curve(figures.series(name), named.length > 1 ? `${id} ${label}` : id)),
  )
  return [...own, ...others].map((each, index) => ({ ...each, style: STYLES[index % STYLES.length] ?? 'plain' }))
}

function curve(series: MetricSeries | undefined, label: string): Omit<ChartSeries, 'style'>[] {
  return series === undefined ? [] : [{ x: series.x, y: series.y, length: series.length, label }]
}

function drawn(
  parts: ChartsParts,
  chart: MetricChart,
  place: { from: number; to: number; marks: readonly ChartMark[]; width: number; height: number; selected: boolean },
): Row[] {
  const { state, cursor, glyphs } = parts
  return chartRows({
    ...place,
    title: chart.title,
    series: seriesOf(parts, chart),
    log: state.log,
    smoothing: state.smoothing,
    glyphs,
    ...(cursor === undefined ? {} : { cursor }),
  })
}

/** The same axis of steps under all charts; its end is a round number, so that it seldom moves while a Run goes on. */
export function xRange({ run, overlaid }: Pick<ChartsParts, 'run' | 'overlaid'>): {
  readonly from: number
  readonly to: number
} {
  let from = Number.POSITIVE_INFINITY
  let to = 0
  for (const { figures, totalSteps } of [run, ...overlaid]) {
    const [first, last] = [figures.steps[0]?.x, figures.steps.at(-1)?.x]
    if (first === undefined || last === undefined) continue
    from = Math.min(from, first, figures.stages[0]?.from ?? first)
    const end = roundAbove(last)
    to = Math.max(to, totalSteps >= last ? Math.min(end, totalSteps) : end)
  }
  return { from: Number.isFinite(from) ? Math.min(from, to) : 0, to }
}

/** Borders of stages, and evaluations. */
function marksOf({ stages, steps }: RunFigures): ChartMark[] {
  return [
    ...stages.slice(1).map(({ stage, from }): ChartMark => ({ x: from, type: 'line', label: stage })),
    ...steps.filter(({ kind }) => kind === 'eval').map(({ x }): ChartMark => ({ x, type: 'tick' })),
  ]
}

/** A length in nearly equal whole parts. */
function shares(length: number, parts: number): number[] {
  return Array.from(
    { length: parts },
    (_, index) => Math.floor(((index + 1) * length) / parts) - Math.floor((index * length) / parts),
  )
}
