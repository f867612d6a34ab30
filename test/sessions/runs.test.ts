import { expect, test } from 'vitest'
import type { Session } from '../../sessions/session.ts'
import type { RunEvent } from '../../src/training/run-event.ts'
import { startEvent, stepEvent } from '../training/run-events.ts'
import { temporarySession } from './temporary.ts'

function runOf(session: Session) {
  return session.record(() => {
    const dataset = session.datasets.put({
      hash: 'a'.repeat(64),
      folder: '/datasets/a',
      trajectories: 4,
      resolved: 2,
      pairs: 1,
      settings: { pairs: 'accepted' },
    })
    const job = session.jobs.create('training', '{}')
    const run = session.runs.create({ job, dataset, trainer: 'embedded', model: 'base', settings: '{}' })
    return { job, run, dataset }
  })
}

test('a run is named after its number, lies beside the session, and is found by its job', () => {
  const session = temporarySession()
  const { job, run } = runOf(session)
  expect(session.runs.get(run)).toMatchObject({ id: 1, job, name: 'r1', model: 'base' })
  expect(session.runs.get(run)?.folder).toMatch(/\/runs\/test-r1$/)
  expect(session.runs.ofJob(job)?.id).toBe(run)
  expect(session.jobs.get(job)?.kind).toBe('training')
  const second = session.record(() =>
    session.runs.create({ job, dataset: 1, name: 'again', trainer: 'embedded', model: 'r1/sft', settings: '{}' }),
  )
  expect(session.runs.list().map(({ id, name }) => [id, name])).toEqual([
    [second, 'again'],
    [run, 'r1'],
  ])
})

test('what a trainer says comes back in order, and only what is newer than the last seen', () => {
  const session = temporarySession()
  const { run } = runOf(session)
  const said: RunEvent[] = [startEvent('sft', 2), stepEvent('sft', 1, 0.7), stepEvent('sft', 2, 0.6)]
  for (const event of said) session.record(() => session.runs.append(run, event))
  expect(session.runs.events(run).map(({ event }) => event)).toEqual(said)
  expect(session.runs.events(run, 2)).toMatchObject([{ seq: 3, event: { step: 2 } }])
  expect(session.runs.events(run, 3)).toEqual([])
  expect(() => session.db.exec('update metric set seq = 9')).toThrow(/append-only/)
  expect(() => session.db.exec('delete from metric')).toThrow(/append-only/)
})

test('steps are counted over stages, from where the stage before really ended', () => {
  const session = temporarySession()
  const { run } = runOf(session)
  const said: RunEvent[] = [
    startEvent('sft', 10),
    stepEvent('sft', 4, 0.5),
    { type: 'eval', stage: 'sft', step: 4, metrics: { eval_loss: 0.4 }, best: true },
    startEvent('dpo', 6),
    stepEvent('dpo', 2, 0.3),
  ]
  for (const event of said) session.record(() => session.runs.append(run, event))
  expect(session.runs.progress(run)).toMatchObject({
    stage: 'dpo',
    step: 6,
    totalSteps: 10,
    loss: 0.3,
    best: [{ stage: 'sft', step: 4, loss: 0.4 }],
    stages: [
      { stage: 'sft', from: 0, totalSteps: 10 },
      { stage: 'dpo', from: 4, totalSteps: 6 },
    ],
  })
  session.record(() => session.runs.append(run, { type: 'end', status: 'completed', best: [], seconds: 1 }))
  expect(session.runs.progress(run)).toMatchObject({ step: 6, totalSteps: 6 })
})

test('a trainer that goes on after a crash takes back what it said of later steps', () => {
  const session = temporarySession()
  const { run } = runOf(session)
  const said: RunEvent[] = [
    startEvent('sft', 10),
    stepEvent('sft', 6, 0.5),
    { type: 'eval', stage: 'sft', step: 6, metrics: { eval_loss: 0.2 }, best: true },
    { type: 'end', status: 'stopped', best: [], seconds: 1 },
    { ...startEvent('sft', 10), resume: { step: 3 } },
  ]
  for (const event of said) session.record(() => session.runs.append(run, event))
  expect(session.runs.progress(run)).toMatchObject({ step: 3, totalSteps: 10, best: [], end: undefined })
})
