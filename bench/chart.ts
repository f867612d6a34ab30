import { chartRows } from '../views/paint/chart.ts'
import { TrainPane } from '../views/train/pane.ts'
import type { StepFigures } from '../views/run-model.ts'
import { PlainModel } from '../test/views/plain-model.ts'
import { figuresOf, runRow } from '../test/views/train/training-model.ts'
import { type Percentiles, percentiles, round } from './percentiles.ts'

/** What curves cost, milliseconds; targets: a chart of 10,000 points ≤ 0.5, a page of nine within a frame. */
export interface ChartFigures {
  /** One chart of 120×30 cells with 10,000 points: plain, and smoothed on a log scale. */
  readonly chartMs: Percentiles
  readonly smoothLogMs: Percentiles
  /** Nine charts at 200×50 over 10,000 steps of 12 metrics. */
  readonly pageMs: Percentiles
  /** The same page over 1,000 steps, and how many times longer the long one takes. */
  readonly shortPageMs: Percentiles
  readonly pageRatio: number
}

const POINTS = 10_000
const FRAMES = 300
const METRICS = 12

/** Measures rows only, as the painter asks for them; nothing is written to a terminal. */
export async function run(): Promise<ChartFigures> {
  const pageMs = timed(page(POINTS))
  const shortPageMs = timed(page(1_000))
  return {
    chartMs: timed(chart({})),
    smoothLogMs: timed(chart({ smoothing: 0.9, log: true })),
    pageMs,
    shortPageMs,
    pageRatio: round(pageMs.p50 / shortPageMs.p50),
  }
}

function chart(change: { readonly smoothing?: number; readonly log?: boolean }): () => void {
  const x = Float64Array.from({ length: POINTS }, (_, at) => at)
  const y = x.map((at) => Math.exp(-at / 3_000) * (1.2 + Math.sin(at * 12.9898)))
  const series = [{ label: 'train', style: 'curveA' as const, x, y, length: POINTS }]
  return () => chartRows({ title: 'loss', series, width: 120, height: 30, from: 0, to: POINTS, ...change })
}

function page(steps: number): () => void {
  const names = Array.from({ length: METRICS }, (_, at) => `metric_${at}`)
  const figures = figuresOf(
    Array.from({ length: steps }, (_, at): StepFigures => {
      const metrics = Object.fromEntries(
        names.map((name, index) => [name, Math.sin(at / 50 + index) + Math.sin(at * 7)]),
      )
      return { x: at + 1, stage: 'sft', step: at + 1, kind: 'step', metrics, batch: [] }
    }),
  )
  const model = new PlainModel('bench')
  model.figures.set('r1', figures)
  model.setRuns([runRow('r1', { step: steps, totalSteps: steps })])
  const pane = new TrainPane(model, {})
  return () => pane.rows({ width: 200, height: 48 })
}

function timed(work: () => void): Percentiles {
  const times = Array.from({ length: FRAMES }, () => {
    const start = performance.now()
    work()
    return performance.now() - start
  })
  // The first frames warm the compiler up, as a person's first seconds do.
  return percentiles(times.slice(FRAMES / 10))
}

if (import.meta.main) process.stdout.write(`${JSON.stringify(await run())}\n`)
