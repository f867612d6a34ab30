import { expect, onTestFinished, test } from 'vitest'
import { freezeDataset } from '../../../sessions/freeze.ts'
import { RolloutJobSettings } from '../../../src/jobs/rollout-settings.ts'
import { DEFAULT_ROLLOUT_LIMITS } from '../../../src/rollout/limits.ts'
import { DEFAULT_SANDBOX_LIMITS } from '../../../src/sandbox/sandbox.ts'
import { readDataset } from '../../../src/training/dataset-files.ts'
import { SessionModel } from '../../../views/session-model.ts'
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
