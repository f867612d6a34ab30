import { expect, onTestFinished, test } from 'vitest'
import { freezeDataset } from '../../../sessions/freeze.ts'
import { RolloutJobSettings } from '../../../src/jobs/rollout-settings.ts'
import { DEFAULT_ROLLOUT_LIMITS } from '../../../src/rollout/limits.ts'
import { DEFAULT_SANDBOX_LIMITS } from '../../../src/sandbox/sandbox.ts'
import { readDataset } from '../../../src/training/dataset-files.ts'
import type { StepFigures } from '../../../views/run-model.ts'
import { SessionModel } from '../../../views/session-model.ts'
import { batchEntries } from '../../../views/train/batch.ts'
import { rolledOut } from '../../sessions/rolled-out.ts'
import { run, store, temporarySession } from '../../sessions/temporary.ts'

const SETTINGS = RolloutJobSettings.parse({
  policy: { kind: 'scripted', script: '/script.jsonl' },
  sampling: {},
  sandbox: { kind: 'local', network: false, ...DEFAULT_SANDBOX_LIMITS },
  profile: 'openhands',
  format: 'text',
  limits: DEFAULT_ROLLOUT_LIMITS,
  stuck: { policy: 'sealign', rules: {} },
  grading: { enabled: true, staged: false, concurrency: 1 },
  concurrency: 1,
})

test('every trajectory of a frozen dataset, rolled out or imported, is found again by the name a batch gives it', () => {
  const session = temporarySession()
  const job = session.record(() => session.jobs.create('rollout', JSON.stringify(SETTINGS)))
  const ids = [
    rolledOut(session, job, 1, ['ls', 'fix'], 'resolved'),
    rolledOut(session, job, 2, ['ls', 'cat'], 'unresolved'),
  ]
  store(session, [run('u', 'a', ['ls', 'edit'], 'resolved'), run('u', 'b', ['ls', 'wait'], 'unresolved')])
  const model = new SessionModel(session)
  onTestFinished(() => model[Symbol.dispose]())
  const { trajectories } = readDataset(freezeDataset(session, { pairs: 'accepted' }).folder)
  expect(trajectories).toHaveLength(4)
  const found = trajectories.map(({ id }) => model.learntTrajectory(id))
  expect(found.map((each) => each?.task)).toEqual(trajectories.map(({ task }) => task))
  expect(found.filter((each) => each?.task === 't').map((each) => each?.info.id)).toEqual(ids)
  expect(model.learntTrajectory('gone#1')).toBeUndefined()
})

test('pairs of a batch are looked up in the real session, too', () => {
  const session = temporarySession()
  store(session, [run('u', 'a', ['ls', 'edit'], 'resolved'), run('u', 'b', ['ls', 'wait'], 'unresolved')])
  const model = new SessionModel(session)
  onTestFinished(() => model[Symbol.dispose]())
  const pairs = model.pairs()
  const id = pairs.state === 'ready' ? (pairs.value[0]?.pair.id ?? '') : ''
  const step: StepFigures = { x: 1, stage: 'dpo', step: 1, kind: 'step', metrics: {}, batch: [id, 'gone'] }
  expect(batchEntries(step, model)).toMatchObject([
    { type: 'pair', id, view: { pair: { task: 'u' } } },
    { id: 'gone', view: undefined },
  ])
})
