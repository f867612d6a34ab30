import { expect, test } from 'vitest'
import type { Session } from '../../sessions/session.ts'
import { ownIdentity } from '../../src/lib/process-identity.ts'
import type { RunEvent } from '../../src/training/run-event.ts'
import { SessionModel } from '../../views/session-model.ts'
import { SessionRuns } from '../../views/session-runs.ts'
import { temporarySession } from '../sessions/temporary.ts'
import { startEvent, stepEvent } from '../training/run-events.ts'

/** A session with a run whose process lives. */
function sessionWithRun() {
  const session = temporarySession()
  const { job, run } = session.record(() => {
    const dataset = session.datasets.put({
      hash: 'ab'.repeat(32),
      folder: '/datasets/ab',
      trajectories: 4,
      resolved: 2,
      pairs: 3,
      settings: {},
    })
    const own = session.jobs.create('training', '{}')
    const settings = { job: own, dataset, trainer: 'embedded', model: 'base', settings: '{}' } as const
    return { job: own, run: session.runs.create(settings) }
  })
  session.jobs.claim(job, ownIdentity())
  return { session, job, run }
}

function say(session: Session, run: number, ...events: RunEvent[]): void {
  for (const event of events) session.record(() => session.runs.append(run, event))
}

function xy(runs: SessionRuns, name: string): [number, number][] {
  const series = runs.figures('r1').series(name)
  return series ? Array.from({ length: series.length }, (_, at) => [series.x[at] ?? 0, series.y[at] ?? 0]) : []
}

test('a run is a row that stays the same object until something is said', () => {
  const { session, run, job } = sessionWithRun()
  const runs = new SessionRuns(session)
  const [row] = runs.rows
  expect(row).toMatchObject({
    id: 'r1',
    name: 'r1',
    state: 'running',
    step: 0,
    totalSteps: 0,
    pairs: 3,
    dataset: 'abababababab',
  })
  expect(runs.refresh()).toBe(false)
  expect(runs.rows[0]).toBe(row)

  say(session, run, startEvent('sft', 20), { type: 'phase', name: 'train', stage: 'sft' }, stepEvent('sft', 1, 0.9))
  expect(runs.refresh()).toBe(true)
  expect(runs.rows[0]).toMatchObject({
    stage: 'sft',
    phase: 'train',
    step: 1,
    totalSteps: 20,
    backend: 'cpu',
    parameters: 100,
    etaSeconds: 1,
  })

  session.jobs.setState(job, 'failed', 'the disk is full')
  expect(runs.refresh()).toBe(true)
  expect(runs.rows[0]).toMatchObject({ state: 'failed', note: 'the disk is full', endedMs: expect.any(Number) })
})

test('curves grow by what is new; x counts steps over the stages, and a figure that is not finite is left out', () => {
  const { session, run } = sessionWithRun()
  const runs = new SessionRuns(session)
  say(session, run, startEvent('sft', 10), stepEvent('sft', 1, 0.9), stepEvent('sft', 2, null), {
    type: 'eval',
    stage: 'sft',
    step: 2,
    metrics: { eval_loss: 0.8 },
    best: true,
  })
  runs.refresh()
  const before = runs.figures('r1')
  expect(runs.figures('r1')).toBe(before)
  say(session, run, startEvent('dpo', 5), stepEvent('dpo', 1, 0.6), {
    type: 'warning',
    stage: 'dpo',
    step: 1,
    message: 'both sides fall',
  })
  runs.refresh()
  const figures = runs.figures('r1')
  expect(figures).not.toBe(before)
  expect(before.series('loss')?.length).toBe(1)
  expect(xy(runs, 'loss')).toEqual([
    [1, 0.9],
    [3, 0.6],
  ])
  expect(xy(runs, 'eval_loss')).toEqual([[2, 0.8]])
  expect(figures.names).toEqual(['loss', 'learning_rate', 'eval_loss'])
  expect(figures.steps.map(({ x, stage, step, kind }) => [x, stage, step, kind])).toEqual([
    [1, 'sft', 1, 'step'],
    [2, 'sft', 2, 'step'],
    [2, 'sft', 2, 'eval'],
    [3, 'dpo', 1, 'step'],
  ])
  expect(figures.steps[3]?.batch).toEqual(['t#1'])
  expect(figures.stages).toEqual([
    { stage: 'sft', from: 0, totalSteps: 10 },
    { stage: 'dpo', from: 2, totalSteps: 5 },
  ])
  expect(figures.warnings).toEqual([{ x: 3, text: 'both sides fall' }])
  expect(figures.config).toEqual({ sft: { learningRate: 0.01 }, dpo: { learningRate: 0.01 } })
})

test('a column of thousands keeps every value, and steps done again after a crash count once', () => {
  const { session, run } = sessionWithRun()
  session.record(() => {
    session.runs.append(run, startEvent('sft', 5000))
    for (let step = 1; step <= 3000; step++) session.runs.append(run, stepEvent('sft', step, 1 / step))
    session.runs.append(run, { ...startEvent('sft', 5000), resume: { step: 1000 } })
    session.runs.append(run, stepEvent('sft', 1001, 7))
  })
  const runs = new SessionRuns(session)
  expect(xy(runs, 'loss')).toHaveLength(1001)
  expect(xy(runs, 'loss').at(-1)).toEqual([1001, 7])
  expect(xy(runs, 'loss')[999]).toEqual([1000, 0.001])
  expect(runs.figures('r1').steps).toHaveLength(1001)
  expect(runs.figures('r9').steps).toEqual([])
})

test('the model of the workbench has them, and a job that trains is no rollout job', () => {
  const { session, run } = sessionWithRun()
  using model = new SessionModel(session)
  let told = 0
  model.subscribe(() => told++)
  say(session, run, startEvent('sft', 20), stepEvent('sft', 1, 0.9))
  model.refresh()
  expect(told).toBeGreaterThan(0)
  expect(model.runs()).toMatchObject({ state: 'ready', value: [{ id: 'r1', step: 1 }] })
  expect(model.runFigures('r1').names).toEqual(['loss', 'learning_rate'])
  expect(model.jobs()).toMatchObject([{ id: 'j1', policy: 'training r1', done: 1, total: 20 }])
})
