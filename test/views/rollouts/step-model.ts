import type { StepDraft } from '../../../src/domain/trajectory.ts'
import type { RolloutRow } from '../../../views/model.ts'
import type { Size } from '../../../views/pane.ts'
import { RolloutsPane } from '../../../views/rollouts/pane.ts'
import { Screen } from '../../flows/screen.ts'
import { PlainModel } from '../plain-model.ts'
import { bashStep, LOOP, queuedRow, rolloutRow } from './live-model.ts'

/** Terminals from the smallest on. */
export const SIZES: readonly Size[] = [
  { width: 60, height: 16 },
  { width: 80, height: 24 },
  { width: 100, height: 50 },
  { width: 120, height: 40 },
  { width: 200, height: 50 },
]
export const NARROW: Size = { width: 60, height: 16 }
export const WIDE: Size = { width: 160, height: 30 }

/** Rollouts with stored steps, by id. */
export class StepModel extends PlainModel {
  readonly steps = new Map<number, StepDraft[]>()
  reads = 0

  override step(trajectory: number, t: number): StepDraft | undefined {
    this.reads++
    return this.steps.get(trajectory)?.[t - 1]
  }

  override stepCount(trajectory: number): number {
    return this.steps.get(trajectory)?.length ?? 0
  }
}

/** One rollout of every standing. */
export const ROWS: readonly RolloutRow[] = [
  rolloutRow(1, { task: 'dask__dask-9349', run: '1', step: 10, stuck: LOOP, trajectory: 1 }),
  rolloutRow(2, { task: 'dask__dask-9349', run: '2', state: 'paused', step: 4 }),
  rolloutRow(3, {
    task: 'moto__moto-5865',
    run: '1',
    state: 'done',
    outcome: 'unresolved',
    end: 'turn-limit',
    step: 30,
    endedMs: Date.UTC(2026, 0, 1),
    trajectory: 3,
  }),
  rolloutRow(4, {
    task: 'moto__moto-5865',
    run: '2',
    state: 'done',
    infrastructure: 'The sandbox is gone.',
    end: 'infrastructure',
  }),
  rolloutRow(5, { task: 'moto__moto-5865', run: '3', state: 'done', outcome: 'resolved', end: 'finished' }),
  { ...queuedRow(6), task: 'pydantic-8316', run: '1' },
  rolloutRow(7, { task: 'pydantic-8316', run: '2', state: 'lost', job: '8' }),
]

/** The pane alone on a screen. */
export function open(size: Size, rows: readonly RolloutRow[] = ROWS): { screen: Screen; model: StepModel } {
  const model = new StepModel('lite-a')
  model.setRollouts(rows)
  model.steps.set(
    1,
    Array.from({ length: 10 }, (_, index) =>
      bashStep(`echo ${index + 1}`, `first\nsecond\noutput of step ${index + 1}`),
    ),
  )
  return { screen: new Screen(model, [new RolloutsPane(model)], size), model }
}
