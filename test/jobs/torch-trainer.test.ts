import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { freezeDataset } from '../../sessions/freeze.ts'
import { Session } from '../../sessions/session.ts'
import type { SealignError } from '../../src/domain/errors.ts'
import { DiskReserve } from '../../src/jobs/disk-reserve.ts'
import { TrainingJob } from '../../src/jobs/training-job.ts'
import { torchTrainer, type StopPatience } from '../../src/jobs/trainers/torch.ts'
import { trainersIn } from '../../src/jobs/trainers/trainer-process.ts'
import { TorchTrainerSettings } from '../../src/jobs/training-settings.ts'
import { TorchRun } from '../../src/training/torch/settings.ts'
import { TreeLine } from '../../src/training/tree-line.ts'
import { temporaryFolder, temporarySession } from '../sessions/temporary.ts'
import { jobCli, jobProcesses, until } from './job-cli.ts'
import type { Act } from './programs/scripted-trainer.ts'
import { modelFolder, scriptedNvidiaSmi, scriptedPython } from './scripted-python.ts'
import { fill, fillSession, runs, shown } from './trained-session.ts'

const PATIENCE: StopPatience = { termMs: 10_000, killMs: 20_000 }
const END = { type: 'end', status: 'completed', best: [], seconds: 1 }

interface Parts {
  readonly env?: Record<string, string>
  readonly patience?: StopPatience
  readonly processes?: number
  readonly python?: string
}

/** A session with a run whose trainer follows a script. */
function prepared(script: readonly Act[], { env = {}, patience = PATIENCE, processes = 1, python }: Parts = {}) {
  const folder = temporaryFolder()
  const session = temporarySession(join(folder, 'test.db'))
  fill(session)
  const variables = { ...process.env, ...scriptedPython(folder, script), ...env }
  const settings = TorchTrainerSettings.parse({
    trainer: 'torch',
    python: python ?? variables['SEALIGN_PYTHON'],
    processes,
    training: { model: '/models/tiny', seed: 3 },
  })
  const dataset = freezeDataset(session, { pairs: 'accepted' })
  const id = session.record(() => {
    const own = session.jobs.create('training', JSON.stringify(settings))
    session.runs.create({ job: own, dataset: dataset.id, trainer: 'torch', model: '/models/tiny', settings: '{}' })
    return own
  })
  const place = session.runs.get(1)?.folder ?? ''
  let log = ''
  const go = (signal = new AbortController().signal) => {
    const reserve = new DiskReserve(`${session.path}.reserve`)
    onTestFinished(() => reserve.release())
    const parts = { env: variables, patience, gpuEveryMs: 50, log: (text: string) => void (log += text) }
    return new TrainingJob(session, id, torchTrainer(settings, parts), reserve).run(signal)
  }
  onTestFinished(() => {
    for (const pid of trainersIn(place)) process.kill(pid, 'SIGKILL')
  })
  return { session, go, place, log: () => log }
}

function events(session: Session, ...types: string[]) {
  const all = session.runs.events(1).map(({ event }) => event)
  return all.filter(({ type }) => types.length === 0 || types.includes(type))
}

function steps(session: Session): number[] {
  return events(session, 'step').map((event) => (event.type === 'step' ? event.step : 0))
}

async function said(session: Session, step: number): Promise<void> {
  await until(() => (session.runs.progress(1).step >= step ? true : undefined), `step ${step}`)
}

test('what the trainer says is in the session without its envelope; it was told everything in run.json', async () => {
  const { session, go, place } = prepared([{ steps: 2, everyMs: 1 }])
  expect(await go()).toBe('done')
  expect(session.jobs.get(1)).toMatchObject({ state: 'done', note: undefined })
  expect(events(session).map(({ type }) => type)).toEqual(['start', 'step', 'step', 'end'])
  expect(events(session, 'end')).toEqual([END])

  const config = TorchRun.parse(JSON.parse(readFileSync(join(place, 'run.json'), 'utf8')))
  expect(config).toMatchObject({ run: 'r1', folder: place, model: '/models/tiny', seed: 3, binTokens: 32_768 })
  const trees = readFileSync(config.trees, 'utf8').trimEnd().split('\n')
  expect(trees.map((line) => TreeLine.parse(JSON.parse(line)).trajectories.length)).toEqual([4, 4, 4, 4])
  expect(JSON.parse(readFileSync(join(place, 'words.json'), 'utf8'))).toEqual([
    ...['-m', 'sealign_trainer.leash', 'train', '--config', join(place, 'run.json')],
  ])
})

test('several processes are started by torch.distributed.run', async () => {
  const { go, place } = prepared([{ say: [END] }], { processes: 2 })
  expect(await go()).toBe('done')
  const words = JSON.parse(readFileSync(join(place, 'words.json'), 'utf8')) as string[]
  expect(words.slice(0, 6)).toEqual([
    ...['-m', 'torch.distributed.run', '--standalone', '--nproc-per-node=2', '-m', 'sealign_trainer.leash'],
  ])
})

test('lines arrive in any pieces; unknown events are left out, and lines that are no events are one warning', async () => {
  const line = (event: object): string => JSON.stringify({ v: 1, seq: 1, t: 1, run: 'r1', ...event })
  const step = { type: 'step', stage: 'sft', step: 1, epoch: 0.5, metrics: { loss: null }, batch: [], etaSeconds: null }
  const text = [
    line({ type: 'phase', name: 'load' }),
    'Loading weights: 100%',
    line({ type: 'weather', sunny: true }),
    line({ ...step, step: 'one' }),
    line({ ...step, newField: [1] }),
    '',
    line(END),
  ].join('\n')
  const { session, go, log } = prepared([{ print: text, pieces: 9 }])
  expect(await go()).toBe('done')
  expect(events(session)).toEqual([
    { type: 'phase', name: 'load' },
    {
      type: 'warning',
      message: expect.stringMatching(/^a line of the trainer is no event \(.*\): Loading weights: 100%;/),
    },
    step,
    END,
  ])
  expect(log()).toContain('Loading weights: 100%')
  expect(log()).toContain('"one"')
})

test('a paused run rests, says so to the trainer, and goes on', async () => {
  const { session, go, place } = prepared([{ steps: 40, everyMs: 20 }])
  const working = go()
  await said(session, 3)
  session.requests.ask(1, 'pause')
  await until(() => (session.jobs.get(1)?.state === 'paused' ? true : undefined), 'the pause')
  await sleep(400)
  const before = steps(session).length
  await sleep(300)
  expect(steps(session)).toHaveLength(before)
  expect(JSON.parse(readFileSync(join(place, 'control.json'), 'utf8'))).toEqual({ v: 1, pause: true, stop: false })
  session.requests.ask(1, 'resume')
  expect(await working).toBe('done')
  expect(steps(session)).toHaveLength(40)
})

test('a stopped run keeps its state and goes on in another process', async () => {
  const { session, go, place } = prepared([{ steps: 60, everyMs: 15 }])
  const first = go()
  await said(session, 5)
  session.requests.ask(1, 'stop')
  expect(await first).toBe('stopped')
  expect(session.jobs.get(1)?.state).toBe('stopped')
  expect(existsSync(join(place, 'term'))).toBe(false)
  expect(await go()).toBe('done')
  expect(steps(session)).toEqual(Array.from({ length: 60 }, (_, at) => at + 1))
})

test('a trainer that does not listen gets SIGTERM; one that ignores that too is killed with all it started', async () => {
  const patience = { termMs: 300, killMs: 20_000 }
  const { session, go, place } = prepared([{ deaf: 'control' }], { patience })
  const interrupt = new AbortController()
  const first = go(interrupt.signal)
  await until(() => (existsSync(join(place, 'words.json')) ? true : undefined), 'the trainer')
  interrupt.abort()
  expect(await first).toBe('stopped')
  expect(existsSync(join(place, 'term'))).toBe(true)
  expect(events(session).map(({ type }) => type)).toEqual(['end'])

  const deaf = prepared([{ child: true }, { deaf: 'all' }], { patience: { termMs: 300, killMs: 900 } })
  const second = deaf.go()
  await until(() => (existsSync(join(deaf.place, 'child')) ? true : undefined), 'the child')
  expect(trainersIn(deaf.place)).toHaveLength(2)
  deaf.session.requests.ask(1, 'stop')
  expect(await second).toBe('stopped')
  expect(trainersIn(deaf.place)).toEqual([])
  expect(events(deaf.session)).toEqual([{ type: 'warning', message: expect.stringContaining('it was killed') }])
})

test('a trainer that ends without a word fails the run with its last words', async () => {
  const { session, go, log } = prepared([
    {
      complain:
        'Traceback (most recent call last):\n  File "x.py"\n\u001b[31mValueError: no rope\u001b[0m for hf_abcdefghijklmnopqrstuvwxyz0123456789\n',
    },
    { exit: 3 },
  ])
  const error: unknown = await go().catch((reason: unknown) => reason)
  expect(error).toMatchObject({ code: 'trainer', hint: expect.stringContaining('sealign job log') })
  expect((error as SealignError).message).toBe(
    'the trainer ended with exit code 3 and did not say why; its last words: Traceback (most recent call last): / File "x.py" / ␛[31mValueError: no rope␛[0m for [redacted]',
  )
  expect(session.jobs.get(1)).toMatchObject({ state: 'failed', note: expect.stringContaining('no rope') })
  expect(log()).toContain('Traceback')
})

test('a trainer that the system killed is said to have run out of memory', async () => {
  const { go } = prepared([{ kill: 'SIGKILL' }])
  await expect(go()).rejects.toThrow('the trainer was killed, most likely because this machine ran out of memory')
  const ranks = prepared([{ complain: 'rank 1: Signal 9 (SIGKILL) received by PID 7\n' }, { exit: 1 }], {
    processes: 2,
  })
  await expect(ranks.go()).rejects.toThrow('ran out of memory')
})

test('a failure that the trainer names is the run’s, with what to do', async () => {
  const error = { name: 'memory', hint: 'Set binTokens to 4096 or less.' }
  const { session, go } = prepared([
    { say: [{ ...END, status: 'failed', message: 'a bin of 32768 tokens does not fit', error }] },
    { exit: 8 },
  ])
  await expect(go()).rejects.toMatchObject({
    code: 'trainer',
    message: 'a bin of 32768 tokens does not fit',
    hint: 'Set binTokens to 4096 or less.',
  })
  expect(session.jobs.get(1)).toMatchObject({ state: 'failed', note: 'a bin of 32768 tokens does not fit' })
})

test('a Python that is gone is looked for anew; without one the run fails', async () => {
  const moved = prepared([{ say: [END] }], { python: '/gone/python' })
  expect(await moved.go()).toBe('done')
  const { session, go } = prepared([], { env: { SEALIGN_PYTHON: '/gone/too' }, python: '/gone/python' })
  await expect(go()).rejects.toThrow('this Python cannot run the trainer: /gone/too: it is not there')
  expect(session.jobs.get(1)?.state).toBe('failed')
})

test('no trainer begins where another one still ends', async () => {
  const { session, go, place } = prepared([{ say: [END] }])
  const lost = spawn(process.execPath, ['-e', 'setTimeout(() => undefined, 1000)'], {
    env: { ...process.env, SEALIGN_TRAINER_FOLDER: place },
  })
  await until(() => (trainersIn(place).length > 0 ? true : undefined), 'the lost trainer')
  const begun = performance.now()
  expect(await go()).toBe('done')
  expect(performance.now() - begun).toBeGreaterThan(500)
  expect(lost.exitCode).toBe(0)
  expect(events(session)).toEqual([{ type: 'warning', message: expect.stringContaining('still ends') }, END])
})

test('a store that cannot be written stops the trainer; what it said since is heard later', async () => {
  const { session, go } = prepared([{ steps: 60, everyMs: 15 }])
  session.db.exec(`create trigger full before insert on metric when new.seq = 8
    begin select raise(abort, 'database or disk is full'); end`)
  await expect(go()).rejects.toThrow('disk is full')
  session.db.exec('drop trigger full')
  expect(await go()).toBe('done')
  expect(steps(session)).toEqual(Array.from({ length: 60 }, (_, at) => at + 1))
})

test('GPUs are looked at while the run is at work, and not after its end', async () => {
  const folder = temporaryFolder()
  const answer = [
    '0, NVIDIA H200, 97, 91234, 143771, 61, 612.40, 700.00',
    '1, NVIDIA H200, [N/A], 4, 143771, 30, [N/A], [Unknown Error]',
  ].join('\\n')
  const env = scriptedNvidiaSmi(folder, `echo "$@" >> '${folder}/asked'; printf '${answer}\\n'`)
  const { session, go } = prepared([{ steps: 10, everyMs: 40 }, { restMs: 300 }], { env })
  expect(await go()).toBe('done')
  const said = events(session, 'gpu')
  expect(said.length).toBeGreaterThan(2)
  const common = { name: 'NVIDIA H200', memoryTotalBytes: 143_771 * 1024 ** 2 }
  expect(said[0]).toEqual({
    type: 'gpu',
    gpus: [
      {
        ...common,
        index: 0,
        utilization: 97,
        memoryUsedBytes: 91_234 * 1024 ** 2,
        temperature: 61,
        power: 612.4,
        powerLimit: 700,
      },
      {
        ...common,
        index: 1,
        utilization: null,
        memoryUsedBytes: 4 * 1024 ** 2,
        temperature: 30,
        power: null,
        powerLimit: null,
      },
    ],
  })
  expect(events(session).at(-1)?.type).toBe('end')
  expect(session.runs.progress(1).end?.status).toBe('completed')

  const broken = scriptedNvidiaSmi(folder, `echo x >> '${folder}/failed'; exit 9`)
  const other = prepared([{ steps: 10, everyMs: 40 }], { env: broken })
  expect(await other.go()).toBe('done')
  expect(events(other.session, 'gpu')).toEqual([])
  expect(readFileSync(join(folder, 'failed'), 'utf8')).toBe('x\n')
})

test('when the job is killed its trainer stops in good order, and nothing it said is lost', async () => {
  const cli = jobCli()
  fillSession(cli)
  const model = modelFolder(cli.folder)
  const env = scriptedPython(cli.folder, [{ steps: 200, everyMs: 25 }])
  const words = ['train', 'start', '--trainer', 'torch', '--model', model]
  expect(cli.run(words, { env })).toMatchObject({ code: 0 })
  using session = Session.open(join(cli.folder, 'data', 'sealign', 'sessions', 'default.db'))
  const { folder } = shown(cli, 'r1')
  onTestFinished(() => {
    for (const pid of trainersIn(folder)) process.kill(pid, 'SIGKILL')
  })
  await said(session, 5)
  const [job] = jobProcesses(cli)
  const [trainer] = trainersIn(folder)
  if (job === undefined || trainer === undefined) throw new Error('nobody trains')
  process.kill(job, 'SIGKILL')
  await until(() => (trainersIn(folder).length === 0 ? true : undefined), 'the trainer to end')
  await until(() => (runs(cli)[0]?.state === 'lost' ? true : undefined), 'the run to be lost')
  const heard = session.runs.progress(1).seq
  expect(readFileSync(join(folder, 'events.jsonl'), 'utf8')).toContain('"status":"stopped"')
  expect(cli.run(['train', 'resume', 'r1'], { env }).stdout).toContain('goes on in a new process')
  await until(() => (runs(cli)[0]?.state === 'done' ? true : undefined), 'the run to be done')
  expect(steps(session)).toEqual(Array.from({ length: 200 }, (_, at) => at + 1))
  expect(session.runs.events(1, heard).some(({ event }) => event.type === 'end')).toBe(true)
}, 60_000)
