import type { RunFigures } from '../run-model.ts'
import { roundAbove } from '../paint/axis.ts'
import type { ChartGlyphs } from '../paint/chart.ts'
import type { Charts } from './chart-rows.ts'
import { curve, styled } from './metric-curves.ts'
import type { MetricChart } from './metric-charts.ts'
import type { TrainState } from './state.ts'
import { stepIndex } from './step-cursor.ts'

const CHARTS: readonly { readonly metric: string; readonly title: string }[] = [
  { metric: 'utilization', title: 'utilisation %' },
  { metric: 'memory_gib', title: 'memory GiB' },
  { metric: 'power', title: 'power W' },
  { metric: 'temperature', title: 'temperature °C' },
]

/** Figures of a Run's GPUs over the time since its first word, a curve for each GPU; the cursor is where the chosen step was. */
export function gpuCharts(
  figures: RunFigures,
  state: Pick<TrainState, 'smoothing' | 'large' | 'gpuChart' | 'at'>,
  glyphs: ChartGlyphs,
): Charts {
  const { gpuNames, steps } = figures
  const charts = CHARTS.flatMap(({ metric, title }): MetricChart[] => {
    const parts = gpuNames.flatMap((name) => {
      const index = /^gpu\/(\d+)\/(.*)$/.exec(name)
      return index?.[2] === metric ? [{ name, label: `GPU ${index[1] ?? ''}` }] : []
    })
    return parts.length === 0 ? [] : [{ key: metric, title, parts }]
  })
  const ends = gpuNames.flatMap((name) => {
    const series = figures.gpuSeries(name)
    return series === undefined || series.length === 0 ? [] : [series.x[series.length - 1] ?? 0]
  })
  const read = state.at === undefined ? undefined : steps[stepIndex(steps, state.at)]
  return {
    charts,
    chosen: Math.max(0, Math.min(state.gpuChart, charts.length - 1)),
    curves: ({ parts }) => styled(parts.flatMap(({ name, label }) => curve(figures.gpuSeries(name), label))),
    from: 0,
    to: roundAbove(Math.max(1, ...ends)),
    along: 'seconds',
    marks: [],
    cursor: read?.seconds,
    log: false,
    smoothing: state.smoothing,
    large: state.large,
    glyphs,
  }
}
