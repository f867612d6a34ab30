import { appendFileSync, cpSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { DiskReserve } from '../../src/jobs/disk-reserve.ts'
import { externalTrainer } from '../../src/jobs/trainers/external.ts'
import { TrainingJob } from '../../src/jobs/training-job.ts'
import { SessionRuns } from '../../views/session-runs.ts'
import { temporaryFolder, temporarySession } from '../sessions/temporary.ts'
import { copyOf, FIXTURES } from '../training/external/fixtures.ts'
import { startEvent, stepEvent } from '../training/run-events.ts'
import { until } from './job-cli.ts'

/** A session with the row of a run that reads `folder`. */
function attached(folder: string, follow: boolean) {
  const session = temporarySession()
  const id = session.record(() => {
    const own = session.jobs.create('training', '{}')
    const row = { job: own, dataset: undefined, trainer: 'external', model: 'unknown', folder, settings: '{}' } as const
    session.runs.create(row)
    return own
  })
  const go = (signal = new AbortController().signal) => {
    const reserve = new DiskReserve(`${session.path}.reserve`)
    onTestFinished(() => reserve.release())
    return new TrainingJob(session, id, externalTrainer({ trainer: 'external', folder, follow }), reserve).run(signal)
  }
  return { session, id, go }
}

const stepsOf = (runs: SessionRuns) => runs.figures('r1').steps.map(({ kind, step }) => `${kind} ${step}`)
const WHOLE = ['step 1', 'step 2', 'step 3', 'eval 3', 'step 4', 'step 5', 'step 6', 'eval 6']

test('a training that is over is read once and is done; read again nothing counts twice', async () => {
  const { session, go } = attached(join(FIXTURES, 'trl-dpo'), false)
  expect(await go()).toBe('done')
  const runs = new SessionRuns(session)
  const shown = { state: 'done', stage: 'dpo', step: 6, totalSteps: 6, best: [{ stage: 'dpo', step: 3 }], dataset: '' }
  expect(runs.rows).toMatchObject([shown])
  expect(stepsOf(runs)).toEqual(WHOLE)
  expect(await go()).toBe('done')
  runs.refresh()
  expect(runs.rows).toMatchObject([shown])
  expect(stepsOf(runs)).toEqual(WHOLE)
  expect(runs.figures('r1').series('rewards/margins')?.length).toBe(6)
})

test('an empty folder is waited for, and what a trainer writes is followed until it says that it is done', async () => {
  const folder = temporaryFolder()
  const { session, go } = attached(folder, true)
  const working = go()
  await until(() => (session.jobs.get(1)?.owner === undefined ? undefined : true), 'the job to begin')
  mkdirSync(join(folder, 'runs'))
  const [first, second] = ['events.out.tfevents.1796067644.vm.9437.0', 'events.out.tfevents.1796067649.vm.9339.0']
  cpSync(join(FIXTURES, 'trl-dpo/runs', first), join(folder, 'runs', first))
  await until(() => (session.runs.progress(1).step === 4 ? true : undefined), 'four steps')
  cpSync(join(FIXTURES, 'trl-dpo/runs', second), join(folder, 'runs', second))
  cpSync(join(FIXTURES, 'trl-dpo/checkpoint-6'), join(folder, 'checkpoint-6'), { recursive: true })
  expect(await working).toBe('done')
  expect(session.runs.progress(1)).toMatchObject({ step: 6, totalSteps: 6, stage: 'dpo' })
  expect(stepsOf(new SessionRuns(session))).toEqual(WHOLE)
}, 30_000)

test('one that is stopped says how far it was; going on later it reads what came meanwhile', async () => {
  const folder = temporaryFolder()
  const line = (step: number) =>
    `${JSON.stringify({ current_steps: step, total_steps: 9, loss: 9 - step, percentage: 11 * step })}\n`
  writeFileSync(join(folder, 'trainer_log.jsonl'), line(1) + line(2))
  const { session, go } = attached(folder, true)
  const working = go()
  await until(() => (session.runs.progress(1).step === 2 ? true : undefined), 'two steps')
  session.requests.ask(1, 'pause')
  await until(() => (session.jobs.get(1)?.state === 'paused' ? true : undefined), 'the pause')
  appendFileSync(join(folder, 'trainer_log.jsonl'), line(3))
  session.requests.ask(1, 'stop')
  expect(await working).toBe('stopped')
  const [row] = new SessionRuns(session).rows
  expect(row).toMatchObject({ state: 'stopped', note: expect.stringMatching(/^looked at until step \d of 9$/) })
  const interrupt = new AbortController()
  const again = go(interrupt.signal)
  appendFileSync(join(folder, 'trainer_log.jsonl'), line(4))
  await until(() => (session.runs.progress(1).step === 4 ? true : undefined), 'the fourth step')
  interrupt.abort()
  expect(await again).toBe('stopped')
  expect(stepsOf(new SessionRuns(session))).toEqual(['step 1', 'step 2', 'step 3', 'step 4'])
}, 30_000)

test('a folder that is lost for a while is looked for again', async () => {
  const folder = copyOf('trl-sft')
  rmSync(join(folder, 'runs'), { recursive: true })
  rmSync(join(folder, 'trainer_state.json'))
  rmSync(join(folder, 'checkpoint-6'), { recursive: true })
  const { session, go } = attached(folder, true)
  const interrupt = new AbortController()
  const working = go(interrupt.signal)
  await until(() => (session.runs.progress(1).step === 3 ? true : undefined), 'three steps')
  renameSync(folder, `${folder}-away`)
  const warned = () => new SessionRuns(session).figures('r1').warnings.length > 0
  await until(() => (warned() ? true : undefined), 'the warning')
  renameSync(`${folder}-away`, folder)
  cpSync(join(FIXTURES, 'trl-sft/trainer_state.json'), join(folder, 'trainer_state.json'))
  expect(await working).toBe('done')
  expect(stepsOf(new SessionRuns(session))).toEqual(WHOLE)
}, 30_000)

test('a run of our own trainer is heard with everything it said; its failure is the failure of the run', async () => {
  const folder = temporaryFolder()
  const said = [
    startEvent('sft', 4),
    stepEvent('sft', 1, 0.5),
    { type: 'end', status: 'failed', best: [], seconds: 9, message: 'out of memory' },
  ]
  const lines = said.map((event, at) => JSON.stringify({ v: 1, seq: at + 1, t: 1, run: 'r7', ...event }))
  writeFileSync(join(folder, 'events.jsonl'), `${lines.join('\n')}\n`)
  const { session, go } = attached(folder, true)
  await expect(go()).rejects.toThrow('out of memory')
  expect(new SessionRuns(session).rows).toMatchObject([{ state: 'failed', note: 'out of memory', parameters: 100 }])
  expect(new SessionRuns(session).figures('r1').steps[0]?.batch).toEqual(['t#1'])
})

test('a folder that is not there ends the run with its name', async () => {
  const { session, go } = attached('/nowhere/at-all', true)
  await expect(go()).rejects.toThrow('the folder /nowhere/at-all of the training cannot be read')
  expect(session.jobs.get(1)).toMatchObject({ state: 'failed' })
})
