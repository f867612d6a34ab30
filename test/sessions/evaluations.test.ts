import { expect, test } from 'vitest'
import { Analysis } from '../../sessions/analysis.ts'
import { Examples } from '../../sessions/examples.ts'
import { freezeDataset } from '../../sessions/freeze.ts'
import type { Session } from '../../sessions/session.ts'
import { rolledOut } from './rolled-out.ts'
import { temporarySession } from './temporary.ts'

/** Two runs that part, and an Evaluation that took a third way. */
function evaluated(): { session: Session; evaluation: number } {
  const session = temporarySession()
  const collected = session.record(() => session.jobs.create('rollout', '{}'))
  rolledOut(session, collected, 1, ['ls', 'fix', 'pytest'], 'resolved')
  rolledOut(session, collected, 2, ['ls', 'exit', 'exit again'], 'unresolved')
  const measured = session.record(() => session.jobs.create('rollout', '{}'))
  session.record(() => session.evaluations.create(measured, 'before', 'embedded base'))
  return { session, evaluation: rolledOut(session, measured, 3, ['ls', 'fix', 'look'], 'resolved') }
}

test('an evaluation is a job with a name', () => {
  const { session } = evaluated()
  expect(session.evaluations.list()).toMatchObject([{ id: 1, job: 2, name: 'before', model: 'embedded base' }])
  expect(session.evaluations.ofJob(2)?.name).toBe('before')
  expect(session.evaluations.ofJob(1)).toBeUndefined()
})

test('what it rolled out never enters trees, pairs and datasets, whatever the filters say', () => {
  const { session, evaluation } = evaluated()
  for (const filter of [true, false]) {
    const analysis = new Analysis(session, { ...session.settings, filter })
    expect(analysis.removed.get(evaluation)).toBe('evaluation')
    expect(analysis.figures('t')).toMatchObject({ trajectories: 2, resolved: 1, pairs: 1 })
    const learnt = [...new Examples(session, analysis).trajectories('known', () => undefined)]
    expect(new Set(learnt.map(({ run }) => run))).toEqual(new Set(['1', '2']))
  }
  expect(freezeDataset(session, { pairs: 'undecided' })).toMatchObject({ trajectories: 2, resolved: 1, pairs: 1 })
})

test('an earlier attempt of an evaluated rollout stays out too', () => {
  const { session, evaluation } = evaluated()
  session.record((revision) => session.rollouts.change(3, { trajectory: null, attempt: 2 }, revision))
  expect(new Analysis(session).removed.get(evaluation)).toBe('evaluation')
})

test('a backup holds it, and a person can put it back', () => {
  const { session, evaluation } = evaluated()
  expect([...new Examples(session, new Analysis(session)).trajectories('all')]).toHaveLength(3)
  session.write(() => session.overrides.set(evaluation, true, 'ada'))
  const analysis = new Analysis(session)
  expect(analysis.removed.has(evaluation)).toBe(false)
  expect(analysis.figures('t')).toMatchObject({ trajectories: 3, resolved: 2 })
})
