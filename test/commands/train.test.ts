import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { jobCli } from '../jobs/job-cli.ts'
import { writeSumTask } from '../jobs/sum-task.ts'
import { fillSession, runs, shown } from '../jobs/trained-session.ts'
import { needs } from '../needs.ts'
import { Cli } from './cli.ts'

needs('git')

interface Started {
  readonly run: string
  readonly job: string
  readonly dataset: string
  readonly resolved: number
  readonly pairs: number
  readonly ended?: { readonly state: string; readonly done: number }
}

const SHORT = ['--epochs', '2', '--seed', '1']

test('what was reviewed is frozen and trained on, and what the run left rolls out and is measured', () => {
  const cli = jobCli()
  fillSession(cli)
  const trees = cli.json('tree', 'list')
  const started = cli.json<Started>('train', 'start', '--name', 'first', ...SHORT, '--wait')
  expect(started).toMatchObject({ run: 'r1', job: 'j1', ended: { state: 'done' } })
  expect(started.pairs).toBeGreaterThan(0)
  expect(runs(cli)).toMatchObject([{ run: 'r1', name: 'first', state: 'done', stage: 'dpo', model: 'base' }])
  const { weights, step, totalSteps } = shown(cli, 'r1')
  expect(weights.map(({ stage }) => stage)).toEqual(['sft', 'dpo'])
  expect(weights.every(({ path }) => existsSync(path))).toBe(true)
  expect(step).toBe(totalSteps)
  expect(started.ended?.done).toBe(step)

  const watched = cli.json<{ steps: { kind: string; stage: string; step: number }[] }>('train', 'watch', 'r1')
  expect(
    watched.steps.filter(({ kind, stage }) => kind === 'step' && stage === 'sft').map((each) => each.step),
  ).toEqual(
    Array.from(
      { length: watched.steps.filter(({ kind, stage }) => kind === 'step' && stage === 'sft').length },
      (_, n) => n + 1,
    ),
  )
  expect(cli.run(['train', 'watch']).stdout).toMatch(/sft +1 .*\n(.*\n)+r1 done; lowest held-out loss: sft /)
  expect(cli.run(['job', 'list']).stdout).toMatch(/j1 +done .*r1: \d+ steps, loss/)

  cli.json(
    ...['rollout', 'start', '--tasks', writeSumTask(join(cli.folder, 'set'), 'sum'), '--runs', '1'],
    ...['--policy', 'embedded', '--model', 'r1', '--evaluation', 'after', '--turns', '3', '--seed', '1', '--wait'],
  )
  expect(cli.json<{ task: string }[]>('tree', 'list').filter(({ task }) => task !== 'sum')).toEqual(trees)
  expect(cli.json<{ rules: object }>('filter').rules).toMatchObject({ evaluation: 1 })
  expect(cli.json<Started>('train', 'start', ...SHORT, '--model', 'r1/sft', '--stages', 'dpo').dataset).toBe(
    started.dataset,
  )
  expect(cli.json<{ policy: string }[]>('job', 'list')).toMatchObject([
    { kind: 'training' },
    { policy: 'embedded r1/dpo' },
    { kind: 'training' },
  ])
}, 120_000)

test('a share of the tasks is a smaller dataset; the same choice is the same dataset', () => {
  const cli = jobCli()
  fillSession(cli)
  const start = (...words: string[]) =>
    cli.json<Started>('train', 'start', '--stages', 'sft', ...SHORT, ...words, '--wait')
  const whole = start()
  const part = start('--fraction', '0.4')
  expect(part.resolved).toBeLessThan(whole.resolved)
  expect(start('--fraction', '0.4').dataset).toBe(part.dataset)
}, 120_000)

test('what cannot be trained is told before anything starts', () => {
  const cli = new Cli()
  cli.json('import', cli.runs())
  const told = (...words: string[]) => cli.run(['train', ...words])
  expect(told('start', '--trainer', 'torch')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('give its folder with --model'),
  })
  expect(told('start', '--stages', 'ppo')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('"ppo" is not a stage'),
  })
  expect(told('start', '--stages', 'dpo')).toMatchObject({
    code: 4,
    stderr: expect.stringContaining('no pair for DPO'),
  })
  expect(told('start', '--model', 'r7')).toMatchObject({
    code: 4,
    stderr: expect.stringContaining('there is no run r7'),
  })
  expect(told('start', '--model', 'gone.json')).toMatchObject({
    code: 4,
    stderr: expect.stringContaining('neither a run nor a file'),
  })
  expect(told('show')).toMatchObject({ code: 4, stderr: expect.stringContaining('no run in this session yet') })
  expect(told('stop', 'x1')).toMatchObject({ code: 2, stderr: expect.stringContaining('"x1" is not a run') })
  expect(cli.json('train', 'list')).toEqual([])
  expect(cli.json('job', 'list')).toEqual([])
})

test('trajectories of another agent teach the embedded policy nothing, and the run says so', () => {
  const cli = jobCli()
  cli.json('import', cli.runs())
  cli.json('pair', 'accept', '--where', 'delta = 1')
  const ran = cli.run(['train', 'start', '--stages', 'dpo', '--wait'])
  expect(ran.code).toBe(8)
  expect(ran.stdout).toMatch(/j1 failed: .*nothing/i)
  expect(runs(cli)).toMatchObject([{ run: 'r1', state: 'failed' }])
  const { folder } = shown(cli, 'r1')
  const missing = cli.run([
    'rollout',
    'start',
    '--tasks',
    join(cli.folder, 'none'),
    '--policy',
    'embedded',
    '--model',
    'r1',
  ])
  expect(missing.code).not.toBe(0)
  expect(folder).toMatch(/default-r1$/)
})
