import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { DiskReserve } from '../../src/jobs/disk-reserve.ts'
import { externalTrainer } from '../../src/jobs/trainers/external.ts'
import { TrainingJob } from '../../src/jobs/training-job.ts'
import { RolloutsPane } from '../../views/rollouts/pane.ts'
import { SessionModel } from '../../views/session-model.ts'
import { TrainPane } from '../../views/train/pane.ts'
import { TreePane } from '../../views/tree/pane.ts'
import { temporarySession } from '../sessions/temporary.ts'
import { FIXTURES } from '../training/external/fixtures.ts'
import { Screen } from './screen.ts'

test('a training of another program is seen in a session that holds nothing else', async () => {
  const session = temporarySession()
  const model = new SessionModel(session)
  onTestFinished(() => model[Symbol.dispose]())
  const panes = [new RolloutsPane(model), new TreePane(model), new TrainPane(model, {})]
  const screen = new Screen(model, panes, { width: 140, height: 40 })
  expect(screen.text()).toContain('Nothing is here yet')

  const folder = join(FIXTURES, 'trl-dpo')
  const job = session.record(() => {
    const id = session.jobs.create('training', '{}')
    const row = { job: id, dataset: undefined, trainer: 'external', model: 'tiny', folder, name: 'trl-dpo' } as const
    session.runs.create({ ...row, settings: '{}' })
    return id
  })
  using reserve = new DiskReserve(`${session.path}.reserve`)
  const trainer = externalTrainer({ trainer: 'external', folder, follow: false })
  await new TrainingJob(session, job, trainer, reserve).run(new AbortController().signal)
  model.refresh()

  expect(screen.shell.state().tab).toBe('train')
  const text = screen.text()
  expect(text).toMatch(/trl-dpo +external +. done/)
  expect(text).toMatch(/›loss/)
  expect(text).toMatch(/rewards\/margins/)
  expect(text).toContain('6/6')
  // It learns from files of its own: nothing is claimed about pairs and trajectories.
  expect(text).not.toMatch(/0 pairs|0 trajectories/)
  expect(screen.press('r').text()).toMatch(/dpo beta +0\.1/)
  expect(screen.text()).not.toMatch(/0 pairs|parameters +0/)
})
