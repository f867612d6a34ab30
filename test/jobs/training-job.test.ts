import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { freezeDataset } from '../../sessions/freeze.ts'
import { Session } from '../../sessions/session.ts'
import { DiskReserve } from '../../src/jobs/disk-reserve.ts'
import { TrainingJob } from '../../src/jobs/training-job.ts'
import { embeddedTrainer } from '../../src/jobs/trainers/embedded.ts'
import { EmbeddedTrainerSettings } from '../../src/jobs/training-settings.ts'
import { temporarySession } from '../sessions/temporary.ts'
import { job, jobCli, jobProcesses, until } from './job-cli.ts'
import { fill, fillSession, runs, shown } from './trained-session.ts'

/** Small steps: the loss falls all the time, so that nothing ends early. */
function settingsFor(epochs: number): EmbeddedTrainerSettings {
  const stage = { epochs, learningRate: 1e-5 }
  return EmbeddedTrainerSettings.parse({
    trainer: 'embedded',
    weights: '',
    seed: 3,
    training: { seed: 3, sft: stage, dpo: stage },
  })
}

/** A session with rows of a run that nobody has begun. */
function prepared(epochs: number) {
  const session = temporarySession()
  fill(session)
  const settings = settingsFor(epochs)
  const dataset = freezeDataset(session, { pairs: 'accepted' })
  const id = session.record(() => {
    const own = session.jobs.create('training', JSON.stringify(settings))
    session.runs.create({ job: own, dataset: dataset.id, trainer: 'embedded', model: 'base', settings: '{}' })
    return own
  })
  const go = (signal = new AbortController().signal) => {
    const reserve = new DiskReserve(`${session.path}.reserve`)
    onTestFinished(() => reserve.release())
    return new TrainingJob(session, id, embeddedTrainer(settings), reserve).run(signal)
  }
  return { session, dataset, id, go }
}

function weightsOf(session: Session): (readonly [stage: string, sha256: string])[] {
  return session.runs
    .events(1)
    .flatMap(({ event }) =>
      event.type === 'checkpoint' && event.kind === 'final' ? [[event.stage, event.sha256] as const] : [],
    )
}

/** Waits until the trainer said that it is so far. */
async function said(session: Session, isThere: (progress: ReturnType<Session['runs']['progress']>) => boolean) {
  while (!isThere(session.runs.progress(1))) await sleep(2)
}

test('a run stopped in each stage and begun again leaves the same weights as one that was not', async () => {
  const whole = prepared(30)
  expect(await whole.go()).toBe('done')
  expect(whole.session.jobs.get(1)).toMatchObject({ state: 'done', note: undefined })

  const { session, go } = prepared(30)
  const first = go()
  await said(session, ({ step }) => step >= 7)
  session.requests.ask(1, 'stop')
  expect(await first).toBe('stopped')
  expect(session.jobs.get(1)?.state).toBe('stopped')
  expect(existsSync(join(session.runs.get(1)?.folder ?? '', 'state.json'))).toBe(true)

  const interrupt = new AbortController()
  const second = go(interrupt.signal)
  await said(session, ({ stage, step, stages }) => stage === 'dpo' && step >= (stages[1]?.from ?? 0) + 5)
  interrupt.abort()
  expect(await second).toBe('stopped')
  expect(await go()).toBe('done')

  expect(weightsOf(session)).toEqual(weightsOf(whole.session))
  expect(session.runs.progress(1)).toMatchObject({
    step: whole.session.runs.progress(1).step,
    best: whole.session.runs.progress(1).best,
  })
}, 120_000)

test('a paused run rests after the step it is in, says so, and goes on', async () => {
  const { session, go } = prepared(30)
  const working = go()
  await said(session, ({ step }) => step >= 3)
  session.requests.ask(1, 'pause')
  await until(() => (session.jobs.get(1)?.state === 'paused' ? true : undefined), 'the pause')
  await sleep(200)
  const { seq } = session.runs.progress(1)
  await sleep(300)
  expect(session.runs.progress(1).seq).toBe(seq)
  session.requests.ask(1, 'resume')
  expect(await working).toBe('done')
  expect(session.runs.progress(1).seq).toBeGreaterThan(seq)
}, 120_000)

test('a job that a living process does is not begun twice', async () => {
  const { session, go, id } = prepared(1)
  session.jobs.claim(id, { host: 'elsewhere', pid: 1, start: '1' })
  await expect(go()).rejects.toThrow('job j1 is already being done by a living process')
})

test('a dataset that was damaged since ends the run with file and line', async () => {
  const { session, dataset, go } = prepared(1)
  const path = join(dataset.folder, 'pairs.jsonl')
  writeFileSync(path, readFileSync(path, 'utf8').replace('"depth":', '"depht":'))
  await expect(go()).rejects.toThrow(`${path}:1 is damaged: depth`)
  expect(session.jobs.get(1)).toMatchObject({ state: 'failed', note: expect.stringContaining(`${path}:1`) })
})

test('a store that cannot be written ends the run; what was trained so far goes on later', async () => {
  const { session, go } = prepared(30)
  session.db.exec(`create trigger full before insert on metric when new.seq = 20
    begin select raise(abort, 'database or disk is full'); end`)
  await expect(go()).rejects.toThrow('disk is full')
  expect(session.jobs.get(1)).toMatchObject({ state: 'failed', note: expect.stringContaining('disk is full') })
  session.db.exec('drop trigger full')
  expect(await go()).toBe('done')
}, 120_000)

test('a run killed in the middle is shown as lost, and goes on to the same weights', async () => {
  const whole = prepared(120)
  const cli = jobCli()
  fillSession(cli)
  cli.json('train', 'start', '--learning-rate', '0.00001', '--epochs', '120', '--seed', '3')
  using session = Session.open(join(cli.folder, 'data', 'sealign', 'sessions', 'default.db'))
  await said(session, ({ step }) => step >= 25)
  for (const pid of jobProcesses(cli)) process.kill(pid, 'SIGKILL')
  await until(() => (job(cli)?.state === 'lost' ? true : undefined), 'the run to be lost')
  expect(cli.run(['train', 'list']).stdout).toContain('sealign train resume r1')
  expect(session.runs.progress(1)).toMatchObject({ stage: 'sft' })
  expect(cli.run(['train', 'resume', 'r1']).stdout).toContain('goes on in a new process')
  const [, ended] = await Promise.all([
    whole.go(),
    until(() => runs(cli).find(({ state }) => state === 'done'), 'the run to be done', 100_000),
  ])
  expect(ended.step).toBe(ended.totalSteps)
  expect(weightsOf(session)).toEqual(weightsOf(whole.session))
  expect(shown(cli, 'r1').weights.map(({ stage }) => stage)).toEqual(['sft', 'dpo'])
  expect(cli.run(['train', 'resume', 'r1']).stdout).toContain('is done')
}, 150_000)
