import type { RunStage } from '../src/domain/run.ts'
import type { RunEvent } from '../src/training/run-event.ts'
import type { StoredRunEvent } from './runs.ts'

/** Where a stage lies among the optimizer steps of a whole Run: its step s is step `from` + s of the Run. */
export interface StagePlace {
  readonly stage: RunStage
  readonly from: number
  readonly totalSteps: number
}

type Start = Extract<RunEvent, { type: 'start' }>

/** What nvidia-smi said of every GPU, and when, milliseconds since the epoch. */
export interface GpuReadings {
  readonly atMs: number
  readonly gpus: Extract<RunEvent, { type: 'gpu' }>['gpus']
}

/** How fast a trainer says it is, and what it takes; each figure is the newest one. */
export interface RunSpeed {
  /** Tokens a second: as packed, and as they would be in unpacked rows. */
  readonly packed?: number
  readonly logical?: number
  /** Model FLOPs utilisation, a fraction. */
  readonly mfu?: number
  readonly memoryPeakGib?: number
}

/** The best held-out evaluation of a stage. */
export interface BestEvaluation {
  readonly stage: RunStage
  /** Within the stage. */
  readonly step: number
  readonly loss: number
}

/**
 * How far a Run is, folded from what its trainer said. A trainer that goes on after a stop or a crash begins again at the step its
 * state was kept at: what was said of later steps no longer counts.
 */
export class RunProgress {
  stages: readonly StagePlace[] = []
  stage: RunStage | undefined
  phase: string | undefined
  /** Optimizer steps over all stages. */
  step = 0
  epoch: number | undefined
  loss: number | undefined
  etaSeconds: number | undefined
  model: Start['model'] | undefined
  /** Of the newest stage. */
  data: Start['data'] | undefined
  world: number | undefined
  estimate: Start['estimate']
  /** How far the phase is. */
  phaseDone: number | undefined
  phaseTotal: number | undefined
  speed: RunSpeed = {}
  gpu: GpuReadings | undefined
  best: readonly BestEvaluation[] = []
  /** Set while nothing was said after it. */
  end: Extract<RunEvent, { type: 'end' }> | undefined
  /** Sequence number of the newest event that was heard. */
  seq = 0

  /** Optimizer steps of the stages that began so far, as many as it took where a Run is done; 0: none did. */
  get totalSteps(): number {
    if (this.end?.status === 'completed') return this.step
    const last = this.stages.at(-1)
    return last === undefined ? 0 : last.from + last.totalSteps
  }

  /** Step s of a stage as a step of the Run. */
  place(stage: RunStage, step: number): number {
    return (this.stages.find((each) => each.stage === stage)?.from ?? 0) + step
  }

  hear({ seq, atMs, event }: StoredRunEvent): void {
    this.seq = seq
    if (event.type === 'gpu') {
      this.gpu = { atMs, gpus: event.gpus }
      return
    }
    this.end = undefined
    switch (event.type) {
      case 'start':
        return this.#start(event)
      case 'phase':
        this.phase = event.name
        this.phaseDone = event.done
        this.phaseTotal = event.total
        return
      case 'step':
        this.stage = event.stage
        this.step = this.place(event.stage, event.step)
        this.epoch = event.epoch
        this.loss = event.metrics['loss'] ?? undefined
        this.etaSeconds = event.etaSeconds ?? undefined
        this.speed = speedOf(event.metrics, this.speed)
        return
      case 'eval': {
        const loss = event.metrics['eval_loss'] ?? undefined
        if (event.best && loss !== undefined) this.#keepBest({ stage: event.stage, step: event.step, loss })
        return
      }
      case 'end':
        this.end = event
        this.phase = undefined
        this.etaSeconds = undefined
        this.best = event.best.map(({ stage, step, loss }) => ({ stage, step, loss }))
        return
      case 'checkpoint':
      case 'warning':
        return
    }
  }

  #start({ stage, totalSteps, resume, model, data, world, estimate }: Start): void {
    const done = resume?.step ?? 0
    const known = this.stages.findIndex((each) => each.stage === stage)
    const from = known < 0 ? this.step : (this.stages[known]?.from ?? 0)
    const earlier = known < 0 ? this.stages : this.stages.slice(0, known)
    this.stages = [...earlier, { stage, from, totalSteps }]
    this.stage = stage
    this.model = model
    this.data = data
    this.world = world
    this.estimate = estimate
    this.speed = {}
    this.step = from + done
    const kept = new Set(earlier.map((each) => each.stage))
    this.best = this.best.filter((each) => kept.has(each.stage) || (each.stage === stage && each.step <= done))
  }

  #keepBest(best: BestEvaluation): void {
    this.best = [...this.best.filter(({ stage }) => stage !== best.stage), best]
  }
}

function speedOf(metrics: Extract<RunEvent, { type: 'step' }>['metrics'], before: RunSpeed): RunSpeed {
  const figure = (name: string, key: keyof RunSpeed) => {
    const value = metrics[name] ?? before[key]
    return value === undefined ? {} : { [key]: value }
  }
  return {
    ...figure('tokens_per_second', 'packed'),
    ...figure('tokens_per_second_logical', 'logical'),
    ...figure('mfu', 'mfu'),
    ...figure('memory_peak_gib', 'memoryPeakGib'),
  }
}
