import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { jobCli, jobProcesses, until } from '../jobs/job-cli.ts'
import { runs } from '../jobs/trained-session.ts'
import { copyOf, FIXTURES } from '../training/external/fixtures.ts'
import { Cli } from './cli.ts'

interface Attached {
  readonly run: string
  readonly job: string
  readonly name: string
  readonly folder: string
  readonly model: string
  readonly sources: readonly string[]
  readonly known: boolean
  readonly atWork: boolean
  readonly ended?: { readonly state: string; readonly done: number }
}

test('--once reads a finished training of TRL as a run, with its figures', () => {
  const cli = jobCli()
  const folder = copyOf('trl-dpo')
  const ran = cli.run(['train', 'attach', folder, '--once'])
  expect(ran).toMatchObject({ code: 0, stderr: expect.anything() })
  expect(ran.stdout).toContain(`r1 read TensorBoard files (2), trainer_state.json of ${folder}.`)
  expect(ran.stdout).toContain('j1 done. r1: 6 steps, loss 0.693')
  expect(runs(cli)).toMatchObject([
    { run: 'r1', name: 'trl-dpo', state: 'done', stage: 'dpo', step: 6, totalSteps: 6, model: '/tmp/t2/tiny-model' },
  ])
  const { steps } = cli.json<{ steps: { kind: string; step: number; metrics: object }[] }>('train', 'watch', 'r1')
  expect(steps).toHaveLength(8)
  expect(steps.at(-1)).toMatchObject({ kind: 'eval', step: 6, metrics: { 'eval_rewards/accuracies': 0.5 } })

  const again = cli.json<Attached>('train', 'attach', folder, '--once')
  expect(again).toMatchObject({ run: 'r1', job: 'j1', known: true, ended: { state: 'done', done: 6 } })
  expect(cli.json<{ steps: object[] }>('train', 'watch', 'r1').steps).toEqual(steps)
  expect(runs(cli)).toHaveLength(1)
  const shown = cli.run(['train', 'show']).stdout
  expect(shown).toContain(`learns from files of its own; it writes to ${folder}`)
  expect(shown).toContain('external from /tmp/t2/tiny-model')
}, 60_000)

test('an empty folder is waited for, followed by a job of its own, and left with train stop', async () => {
  const cli = jobCli()
  const folder = join(cli.folder, 'saves')
  mkdirSync(folder)
  const waiting = cli.run(['train', 'attach', folder, '--name', 'night'])
  expect(waiting.stdout).toContain(`r1 waits for a trainer to write to ${folder}, where nothing is yet (looked for: `)
  expect(cli.run(['train', 'attach', folder]).stdout).toContain(`r1 follows ${folder} already, as j1.`)
  writeFileSync(
    join(folder, 'trainer_log.jsonl'),
    '{"current_steps": 5, "total_steps": 60, "loss": 1.5, "percentage": 8.33}\n',
  )
  await until(() => (runs(cli)[0]?.step === 5 ? true : undefined), 'the first step')
  expect(runs(cli)).toMatchObject([{ name: 'night', state: 'running', stage: 'sft', totalSteps: 60, loss: 1.5 }])
  expect(cli.run(['train', 'stop', 'r1']).stdout).toContain('was asked to stop')
  await until(() => (runs(cli)[0]?.state === 'stopped' ? true : undefined), 'the end of the looking')
  await until(() => (jobProcesses(cli).length === 0 ? true : undefined), 'the process to end')
  const again = cli.json<Attached>('train', 'attach', folder, '--once')
  expect(again).toMatchObject({ run: 'r1', known: true, atWork: false, sources: ['trainer_log.jsonl'] })
  expect(again.ended).toMatchObject({ state: 'stopped' })
}, 60_000)

test('what is no training is told in one sentence, and nothing is started', () => {
  const cli = new Cli()
  const told = (...words: string[]) => cli.run(['train', 'attach', ...words])
  const folder = join(cli.folder, 'things')
  expect(told(folder)).toMatchObject({ code: 4, stderr: expect.stringContaining(`${folder} does not exist`) })
  mkdirSync(folder)
  expect(told(folder, '--once')).toMatchObject({ code: 4, stderr: expect.stringContaining('no trainer_state.json') })
  writeFileSync(join(folder, 'notes.txt'), 'x')
  const { code, stderr } = told(folder)
  expect(code).toBe(4)
  for (const name of ['trainer_state.json', 'trainer_log.jsonl', 'events.out.tfevents.*', 'events.jsonl'])
    expect(stderr).toContain(name)
  expect(told(join(folder, 'notes.txt'))).toMatchObject({ code: 4, stderr: expect.stringContaining('is not a folder') })
  for (const name of ['one', 'two']) cpSync(join(FIXTURES, 'llama-factory'), join(folder, name), { recursive: true })
  expect(told(folder)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining(`Name one of them: ${join(folder, 'one')}, ${join(folder, 'two')}`),
  })
  rmSync(join(folder, 'two'), { recursive: true })
  expect(told()).toMatchObject({ code: 2 })
  expect(cli.run(['train', 'list']).stdout).not.toContain('external')
})
