import { PairMargins } from '../sessions/pair-margins.ts'
import type { RunProgress, StagePlace } from '../sessions/run-progress.ts'
import type { StoredRunEvent } from '../sessions/runs.ts'
import { Columns } from './columns.ts'
import { LossSpikes } from './loss-spikes.ts'
import type { RunFigures, StepFigures } from './run-model.ts'

type RunEvent = StoredRunEvent['event']

const GIB = 2 ** 30

/** Curves and steps of one Run, in columns that grow with what its trainer says. */
export class RunCurves {
  readonly #metrics = new Columns()
  readonly #gpus = new Columns()
  readonly #margins = new PairMargins()
  #spikes = new LossSpikes()
  #steps: StepFigures[] = []
  #warnings: { readonly x: number; readonly text: string }[] = []
  #lossless: number[] = []
  #stages: readonly StagePlace[] = []
  #config: Readonly<Record<string, unknown>> = {}
  #firstMs: number | undefined
  /** Passes of the stages before the newest, and all passes so far. */
  #epochsBefore = 0
  #epochs = 0
  #figures: RunFigures | undefined

  /** @param progress - has heard the event already. */
  hear({ event, atMs }: StoredRunEvent, progress: RunProgress): void {
    this.#figures = undefined
    const ms = 't' in event && event.t !== undefined ? event.t * 1_000 : atMs
    this.#firstMs ??= ms
    const seconds = Math.max(0, ms - this.#firstMs) / 1_000
    this.#margins.hear(event)
    switch (event.type) {
      case 'start':
        this.#stages = progress.stages
        this.#config = { ...this.#config, [event.stage]: event.config }
        return this.#goBack(event)
      case 'step':
      case 'eval':
        return this.#step(event, progress.place(event.stage, event.step), seconds)
      case 'warning': {
        const x = event.stage === undefined ? progress.step : progress.place(event.stage, event.step ?? 0)
        const isKnown = this.#warnings.some((each) => each.x === x && each.text === event.message)
        if (!isKnown) this.#warnings.push({ x, text: event.message })
        return
      }
      case 'gpu':
        return this.#gpu(event, seconds)
      case 'phase':
      case 'checkpoint':
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
    const gpus = this.#gpus.snapshot()
    return {
      ...this.#metrics.snapshot(),
      gpuNames: gpus.names,
      gpuSeries: (name) => gpus.series(name, 'time'),
      steps: [...this.#steps],
      stages: this.#stages,
      warnings: [...this.#warnings],
      spikes: this.#spikes.list,
      lossless: [...this.#lossless],
      wrongPairs: () => this.#margins.wrong(),
      config: this.#config,
    }
  }

  #step(event: Extract<RunEvent, { type: 'step' | 'eval' }>, x: number, seconds: number): void {
    const { stage, step } = event
    const metrics: Record<string, number> = {}
    for (const [name, value] of Object.entries(event.metrics)) if (value !== null) metrics[name] = value
    if (event.type === 'step') this.#epochs = this.#epochsBefore + event.epoch
    const base = { x, stage, step, epochs: this.#epochs, seconds, metrics }
    const figures: StepFigures =
      event.type === 'step'
        ? { ...base, epoch: event.epoch, kind: 'step', batch: event.batch }
        : { ...base, kind: 'eval', batch: [], best: event.best, ...(event.byDepth && { byDepth: event.byDepth }) }
    if (event.type === 'step' && event.metrics['loss'] === null) this.#lossless.push(x)
    this.#steps.push(figures)
    this.#append(figures)
  }

  #append(step: StepFigures): void {
    const { x, epochs = 0, seconds = 0, metrics } = step
    const at = { step: x, epoch: epochs, time: seconds }
    for (const [name, value] of Object.entries(metrics)) this.#metrics.push(name, at, value)
    this.#spikes.hear(step)
  }

  #gpu({ gpus }: Extract<RunEvent, { type: 'gpu' }>, time: number): void {
    const at = { step: time, epoch: time, time }
    for (const { index, utilization, memoryUsedBytes, temperature, power } of gpus) {
      const memory = memoryUsedBytes === null ? null : memoryUsedBytes / GIB
      const said = { utilization, memory_gib: memory, temperature, power }
      for (const [name, value] of Object.entries(said))
        if (value !== null) this.#gpus.push(`gpu/${index}/${name}`, at, value)
    }
  }

  /** Forgets what was said of steps that are done again: those of the stage after its state, and of later stages. */
  #goBack({ stage, resume }: Extract<RunEvent, { type: 'start' }>): void {
    const earlier = new Set(this.#stages.map((each) => each.stage))
    earlier.delete(stage)
    const done = resume?.step ?? -1
    const kept = this.#steps.filter((each) => earlier.has(each.stage) || (each.stage === stage && each.step <= done))
    this.#epochsBefore = kept.findLast((each) => each.stage !== stage)?.epochs ?? 0
    this.#epochs = kept.at(-1)?.epochs ?? 0
    if (kept.length === this.#steps.length) return
    this.#steps = kept
    const end = kept.at(-1)?.x ?? 0
    this.#warnings = this.#warnings.filter(({ x }) => x <= end)
    this.#lossless = this.#lossless.filter((x) => x <= end)
    this.#metrics.clear()
    this.#spikes = new LossSpikes()
    for (const step of kept) this.#append(step)
  }
}
