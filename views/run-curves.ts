import type { RunProgress, StagePlace } from '../sessions/run-progress.ts'
import type { StoredRunEvent } from '../sessions/runs.ts'
import type { MetricSeries, RunFigures, StepFigures } from './model.ts'

type RunEvent = StoredRunEvent['event']

/** Values a column holds before it grows; then it doubles. */
const FIRST_CAPACITY = 256

/** Curves and steps of one Run, in columns that grow with what its trainer says. */
export class RunCurves {
  readonly #columns = new Map<string, Column>()
  #steps: StepFigures[] = []
  #warnings: { readonly x: number; readonly text: string }[] = []
  #stages: readonly StagePlace[] = []
  #config: Readonly<Record<string, unknown>> = {}
  #figures: RunFigures | undefined

  /** @param progress - has heard the event already. */
  hear(event: RunEvent, progress: RunProgress): void {
    this.#figures = undefined
    switch (event.type) {
      case 'start':
        this.#stages = progress.stages
        this.#config = { ...this.#config, [event.stage]: event.config }
        return this.#goBack(event)
      case 'step':
      case 'eval':
        return this.#step(event, progress.place(event.stage, event.step))
      case 'warning': {
        const x = event.stage === undefined ? progress.step : progress.place(event.stage, event.step ?? 0)
        const isKnown = this.#warnings.some((each) => each.x === x && each.text === event.message)
        if (!isKnown) this.#warnings.push({ x, text: event.message })
        return
      }
      case 'phase':
      case 'checkpoint':
      case 'gpu':
      case 'end':
        return
    }
  }

  /** The same object until more is heard. */
  figures(): RunFigures {
    this.#figures ??= this.#snapshot()
    return this.#figures
  }

  #snapshot(): RunFigures {
    const series = new Map([...this.#columns].map(([name, column]) => [name, column.series(name)]))
    return {
      names: [...series.keys()],
      series: (name) => series.get(name),
      steps: [...this.#steps],
      stages: this.#stages,
      warnings: [...this.#warnings],
      config: this.#config,
    }
  }

  #step(event: Extract<RunEvent, { type: 'step' | 'eval' }>, x: number): void {
    const { stage, step } = event
    const metrics: Record<string, number> = {}
    for (const [name, value] of Object.entries(event.metrics)) if (value !== null) metrics[name] = value
    const figures: StepFigures =
      event.type === 'step'
        ? { x, stage, step, epoch: event.epoch, kind: 'step', metrics, batch: event.batch }
        : { x, stage, step, kind: 'eval', metrics, batch: [], best: event.best }
    this.#steps.push(figures)
    this.#append(figures)
  }

  #append({ x, metrics }: StepFigures): void {
    for (const [name, value] of Object.entries(metrics)) this.#column(name).push(x, value)
  }

  #column(name: string): Column {
    let column = this.#columns.get(name)
    if (!column) {
      column = new Column()
      this.#columns.set(name, column)
    }
    return column
  }

  /** Forgets what was said of steps that are done again: those of the stage after its state, and of later stages. */
  #goBack({ stage, resume }: Extract<RunEvent, { type: 'start' }>): void {
    const earlier = new Set(this.#stages.map((each) => each.stage))
    earlier.delete(stage)
    const done = resume?.step ?? -1
    const kept = this.#steps.filter((each) => earlier.has(each.stage) || (each.stage === stage && each.step <= done))
    if (kept.length === this.#steps.length) return
    this.#steps = kept
    const end = kept.at(-1)?.x ?? 0
    this.#warnings = this.#warnings.filter(({ x }) => x <= end)
    for (const column of this.#columns.values()) column.clear()
    for (const step of kept) this.#append(step)
  }
}

/** One figure over steps. What was handed out stays as it was, unless the Run went back. */
class Column {
  #x = new Float64Array(FIRST_CAPACITY)
  #y = new Float64Array(FIRST_CAPACITY)
  #length = 0

  push(x: number, y: number): void {
    if (this.#length === this.#x.length) {
      this.#x = doubled(this.#x)
      this.#y = doubled(this.#y)
    }
    this.#x[this.#length] = x
    this.#y[this.#length] = y
    this.#length++
  }

  clear(): void {
    this.#length = 0
  }

  series(name: string): MetricSeries {
    return { name, x: this.#x, y: this.#y, length: this.#length }
  }
}

function doubled(values: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(values.length * 2)
  larger.set(values)
  return larger
}
