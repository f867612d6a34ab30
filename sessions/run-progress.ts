import type { RunStage } from '../src/domain/run.ts'
import type { RunEvent } from '../src/training/run-event.ts'
import type { StoredRunEvent } from './runs.ts'

/** Where a stage lies among the optimizer steps of a whole Run: its step s is step `from` + s of the Run. */
export interface StagePlace {
  readonly stage: RunStage
  readonly from: number
  readonly totalSteps: number
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
  model: Extract<RunEvent, { type: 'start' }>['model'] | undefined
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

  hear({ seq, event }: StoredRunEvent): void {
    this.seq = seq
    this.end = undefined
    switch (event.type) {
      case 'start':
        return this.#start(event)
      case 'phase':
        this.phase = event.name
        return
      case 'step':
        this.stage = event.stage
        this.step = this.place(event.stage, event.step)
        this.epoch = event.epoch
        this.loss = event.metrics['loss'] ?? undefined
        this.etaSeconds = event.etaSeconds ?? undefined
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
      case 'gpu':
        return
    }
  }

  #start({ stage, totalSteps, resume, model }: Extract<RunEvent, { type: 'start' }>): void {
    const done = resume?.step ?? 0
    const known = this.stages.findIndex((each) => each.stage === stage)
    const from = known < 0 ? this.step : (this.stages[known]?.from ?? 0)
    const earlier = known < 0 ? this.stages : this.stages.slice(0, known)
    this.stages = [...earlier, { stage, from, totalSteps }]
    this.stage = stage
    this.model = model
    this.step = from + done
    const kept = new Set(earlier.map((each) => each.stage))
    this.best = this.best.filter((each) => kept.has(each.stage) || (each.stage === stage && each.step <= done))
  }

  #keepBest(best: BestEvaluation): void {
    this.best = [...this.best.filter(({ stage }) => stage !== best.stage), best]
  }
}
