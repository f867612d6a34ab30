import type { RunStage } from '../../src/domain/run.ts'
import type { RunEvent } from '../../src/training/run-event.ts'

/** A stage begins. */
export function startEvent(stage: RunStage, totalSteps: number): Extract<RunEvent, { type: 'start' }> {
  return {
    type: 'start',
    stage,
    config: { learningRate: 0.01 },
    model: { id: 'base', params: 100, backend: 'cpu' },
    data: { examples: 8, validation: 2, trajectories: 4, pairs: 1, dropped: [] },
    totalSteps,
    epochs: 1,
  }
}

/** One optimizer step. */
export function stepEvent(stage: RunStage, step: number, loss: number | null): RunEvent {
  return {
    type: 'step',
    stage,
    step,
    epoch: step / 10,
    metrics: { loss, learning_rate: 0.01 },
    batch: [`t#${step}`],
    etaSeconds: 1,
  }
}
