import type { MetricSeries, RunAxis, RunFigures, StepFigures } from '../run-model.ts'
import { roundAbove } from '../paint/axis.ts'
import type { ChartGlyphs, ChartMark, ChartSeries } from '../paint/chart.ts'
import type { StyleName } from '../paint/style.ts'
import type { Charts } from './chart-rows.ts'
import type { MetricChart } from './metric-charts.ts'
import type { TrainState } from './state.ts'
import { stepIndex } from './step-cursor.ts'

/** A Run whose curves are drawn. */
export interface DrawnRun {
  readonly id: string
  readonly figures: RunFigures
  /** Steps it will make in all; 0: not known. */
  readonly totalSteps: number
}

/** What the charts of a Run are drawn from. */
export interface MetricCurves {
  readonly run: DrawnRun
  /** Runs laid over it. */
  readonly overlaid: readonly DrawnRun[]
  readonly charts: readonly MetricChart[]
  /** Position of the chosen chart. */
  readonly chosen: number
  /** The step whose values are read; `undefined`: the newest. */
  readonly cursor: number | undefined
  readonly state: Pick<TrainState, 'smoothing' | 'log' | 'large' | 'axis' | 'at'>
  readonly glyphs: ChartGlyphs
}

const STYLES: readonly StyleName[] = ['curveA', 'curveB', 'curveC', 'curveD', 'curveE', 'curveF']
const ALONG = { step: 'counts', epoch: 'parts', time: 'seconds' } as const

/** The charts of a Run along the axis that was chosen. */
export function metricCurves(parts: MetricCurves): Charts {
  const { run, charts, chosen, cursor, state, glyphs } = parts
  const { axis, log, smoothing, large, at } = state
  const { steps } = run.figures
  const read = steps[stepIndex(steps, at)]
  return {
    charts,
    chosen,
    curves: (chart) => seriesOf(parts, chart),
    ...axisRange(parts, axis),
    along: ALONG[axis],
    marks: marksOf(run.figures, axis),
    cursor: cursor === undefined || read === undefined ? undefined : placeOf(read, axis),
    log,
    smoothing,
    large,
    glyphs,
  }
}

/** The curves of a chart: the Run's own, then those of overlaid Runs, held-out figures left out to keep them few. */
export function seriesOf(
  { run, overlaid, state: { axis } }: Pick<MetricCurves, 'run' | 'overlaid' | 'state'>,
  { parts }: MetricChart,
): ChartSeries[] {
  const own = parts.flatMap(({ name, label }) => curve(run.figures.series(name, axis), label))
  const trained = parts.filter(({ label }) => !label.startsWith('eval'))
  const named = trained.length === 0 ? parts : trained
  const others = overlaid.flatMap(({ id, figures }) =>
    named.flatMap(({ name, label }) => curve(figures.series(name, axis), named.length > 1 ? `${id} ${label}` : id)),
  )
  return styled([...own, ...others])
}

/** A style for each curve, in turn; letters tell more of them apart. */
export function styled(series: readonly Omit<ChartSeries, 'style'>[]): ChartSeries[] {
  return series.map((each, index) => ({ ...each, style: STYLES[index % STYLES.length] ?? 'plain' }))
}

export function curve(series: MetricSeries | undefined, label: string): Omit<ChartSeries, 'style'>[] {
  return series === undefined ? [] : [{ x: series.x, y: series.y, length: series.length, label }]
}

/** The same axis under all charts; its end is a round number, so that it seldom moves while a Run goes on. */
export function axisRange(
  { run, overlaid }: Pick<MetricCurves, 'run' | 'overlaid'>,
  axis: RunAxis,
): { readonly from: number; readonly to: number } {
  let from = Number.POSITIVE_INFINITY
  let to = 0
  for (const { figures, totalSteps } of [run, ...overlaid]) {
    const [first, last] = [figures.steps[0], figures.steps.at(-1)]
    if (first === undefined || last === undefined) continue
    const [begin, newest] = [placeOf(first, axis), placeOf(last, axis)]
    from = Math.min(from, begin, axis === 'step' ? (figures.stages[0]?.from ?? begin) : 0)
    const end = roundAbove(newest)
    to = Math.max(to, axis === 'step' && totalSteps >= newest ? Math.min(end, totalSteps) : end)
  }
  return { from: Number.isFinite(from) ? Math.min(from, to) : 0, to }
}

function placeOf({ x, epochs = 0, seconds = 0 }: StepFigures, axis: RunAxis): number {
  return axis === 'step' ? x : axis === 'epoch' ? epochs : seconds
}

/** Borders of stages, evaluations and steps whose loss stands out. */
function marksOf(figures: RunFigures, axis: RunAxis): ChartMark[] {
  const { stages, steps, spikes } = figures
  const at = (x: number): number => {
    const step = axis === 'step' ? undefined : steps[stepIndex(steps, { x, kind: 'step' })]
    return step === undefined ? x : placeOf(step, axis)
  }
  return [
    ...stages.slice(1).map(({ stage, from }): ChartMark => ({ x: at(from), type: 'line', label: stage })),
    ...evaluationsOf(figures).map((step): ChartMark => ({ x: placeOf(step, axis), type: 'tick' })),
    ...spikes.map(({ x }): ChartMark => ({ x: at(x), type: 'alarm' })),
  ]
}

const evaluations = new WeakMap<RunFigures, readonly StepFigures[]>()

/** The evaluations of a Run, looked for once per figures. */
export function evaluationsOf(figures: RunFigures): readonly StepFigures[] {
  let found = evaluations.get(figures)
  if (found === undefined) {
    found = figures.steps.filter(({ kind }) => kind === 'eval')
    evaluations.set(figures, found)
  }
  return found
}
