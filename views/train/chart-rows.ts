import type { Size } from '../pane.ts'
import { type Chart, type ChartGlyphs, type ChartMark, chartRows, type ChartSeries } from '../paint/chart.ts'
import { fitRow, fitRows, type Row, span } from '../paint/row.ts'
import { CHART_GAP, type ChartGrid, pageOf } from './chart-grid.ts'
import type { MetricChart } from './metric-charts.ts'

/** Charts with one axis under all of them. */
export interface Charts {
  readonly charts: readonly MetricChart[]
  /** Position of the chosen chart. */
  readonly chosen: number
  /** The curves of a chart; asked for charts that are seen only. */
  readonly curves: (chart: MetricChart) => readonly ChartSeries[]
  /** The axis: its ends, and what lies along it. */
  readonly from: number
  readonly to: number
  readonly along: NonNullable<Chart['along']>
  readonly marks: readonly ChartMark[]
  /** Where on the axis values are read; `undefined`: at the newest. */
  readonly cursor: number | undefined
  readonly log: boolean
  readonly smoothing: number
  /** Only the chosen chart is drawn. */
  readonly large: boolean
  readonly glyphs: ChartGlyphs
}

/** The chosen chart alone, or the page of charts that it is on. */
export function chartsRows(parts: Charts, grid: ChartGrid, size: Size): Row[] {
  const { charts, chosen, large } = parts
  const draw = (index: number, width: number, height: number): Row[] => {
    const chart = charts[index]
    return chart === undefined ? [] : drawn(parts, chart, { width, height, selected: index === chosen })
  }
  if (large) return draw(chosen, size.width, size.height)
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

function drawn(
  { curves, from, to, along, marks, cursor, log, smoothing, glyphs }: Charts,
  chart: MetricChart,
  place: { readonly width: number; readonly height: number; readonly selected: boolean },
): Row[] {
  return chartRows({
    ...place,
    title: chart.title,
    series: curves(chart),
    from,
    to,
    along,
    marks,
    log,
    smoothing,
    glyphs,
    ...(cursor === undefined ? {} : { cursor }),
  })
}

/** A length in nearly equal whole parts. */
function shares(length: number, parts: number): number[] {
  return Array.from(
    { length: parts },
    (_, index) => Math.floor(((index + 1) * length) / parts) - Math.floor((index * length) / parts),
  )
}
