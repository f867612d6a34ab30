import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Session } from '../../sessions/session.ts'
import { jobCli } from '../jobs/job-cli.ts'
import { modelFolder, scriptedPython } from '../jobs/scripted-python.ts'
import { writeSumTask } from '../jobs/sum-task.ts'
import { fillSession, runs, shown } from '../jobs/trained-session.ts'
import { Cli } from './cli.ts'

/** The program with a filled session, and a trainer that is done at once. */
function filledCli(): { cli: Cli; env: Record<string, string>; model: string } {
  const cli = jobCli()
  fillSession(cli)
  return { cli, env: scriptedPython(cli.folder, [{ steps: 1, everyMs: 1 }]), model: modelFolder(cli.folder) }
}

function settingsOf(cli: Cli, run: number): Record<string, unknown> {
  using session = Session.open(join(cli.folder, 'data', 'sealign', 'sessions', 'default.db'))
  return JSON.parse(session.runs.get(run)?.settings ?? '') as Record<string, unknown>
}

/** What a stage of a run leaves, without training it. */
function leaveAdapter(cli: Cli, run: number, stage: string, rank: number): string {
  using session = Session.open(join(cli.folder, 'data', 'sealign', 'sessions', 'default.db'))
  const path = join(session.runs.get(run)?.folder ?? '', stage)
  mkdirSync(path, { recursive: true })
  writeFileSync(join(path, 'adapter_config.json'), JSON.stringify({ peft_type: 'LORA', r: rank, lora_alpha: 2 * rank }))
  writeFileSync(join(path, 'adapter_model.safetensors'), '')
  session.record(() =>
    session.runs.append(run, { type: 'checkpoint', stage: 'sft', step: 1, path, kind: 'final', sha256: 'x' }),
  )
  return path
}

test('flags become the trainer’s settings; the run and what it leaves are listed like any other', () => {
  const { cli, env, model } = filledCli()
  const ran = cli.run(
    [
      ...[
        'train',
        'start',
        '--trainer',
        'torch',
        '--model',
        model,
        '--stages',
        'dpo',
        '--beta',
        '0.3',
        '--epochs',
        '2',
      ],
      ...['--learning-rate', '2e-5', '--seed', '7', '--bin-tokens', '4096', '--rank', '8', '--alpha', '16'],
      ...['--val-fraction', '0.25', '--memory-gib', '70', '--gpus', '2', '--name', 'first', '--wait', '--json'],
    ],
    { env },
  )
  expect(ran).toMatchObject({ code: 0 })
  expect(JSON.parse(ran.stdout)).toMatchObject({ run: 'r1', ended: { state: 'done' } })
  expect(settingsOf(cli, 1)).toMatchObject({
    ...{ model, adapter: null, method: 'lora', stages: ['dpo'], seed: 7, binTokens: 4096, valFraction: 0.25 },
    ...{ memoryGib: 70, lora: { rank: 8, alpha: 16 }, dpo: { epochs: 2, learningRate: 2e-5, beta: 0.3 } },
  })
  expect(runs(cli)).toMatchObject([{ run: 'r1', name: 'first', trainer: 'torch', state: 'done', model }])
  const words = JSON.parse(readFileSync(join(shown(cli, 'r1').folder, 'words.json'), 'utf8')) as string[]
  expect(words).toContain('--nproc-per-node=2')
})

test('a run goes on from an earlier one with its model, its adapter and its rank', () => {
  const { cli, env, model } = filledCli()
  const start = (...words: string[]) => cli.run(['train', 'start', '--trainer', 'torch', ...words], { env })
  expect(start('--model', model, '--wait').code).toBe(0)
  expect(start('--model', 'r1')).toMatchObject({
    code: 4,
    stderr: expect.stringContaining('run r1 has no weights yet'),
  })
  const adapter = leaveAdapter(cli, 1, 'sft', 16)
  expect(shown(cli, 'r1').weights).toEqual([{ stage: 'sft', path: adapter, sha256: 'x' }])
  expect(start('--model', 'r1/sft', '--stages', 'dpo', '--wait').code).toBe(0)
  expect(settingsOf(cli, 2)).toMatchObject({ model, adapter, lora: { rank: 16, alpha: 32 } })
  expect(runs(cli)[0]).toMatchObject({ run: 'r2', model: 'r1/sft' })

  expect(start('--model', 'r1', '--rank', '64').stderr).toContain('has rank 16 and alpha 32')
  expect(start('--model', 'r1', '--method', 'full').stderr).toContain('--method full trains every weight')
  expect(start('--model', 'r1', '--adapter', adapter).stderr).toContain('the run brings its own')
  expect(start('--model', model, '--adapter', adapter, '--wait').code).toBe(0)
  expect(settingsOf(cli, 3)).toMatchObject({ model, adapter })

  const tasks = ['--tasks', writeSumTask(join(cli.folder, 'set'), 'sum')]
  const rollout = cli.run(['rollout', 'start', ...tasks, '--policy', 'embedded', '--model', 'r1'])
  expect(rollout).toMatchObject({ code: 2, stderr: expect.stringContaining('run r1 trained a language model') })
  const embedded = cli.run(['train', 'start', '--model', 'r1'])
  expect(embedded).toMatchObject({ code: 2, stderr: expect.stringContaining('run r1 trained a language model') })
  expect(embedded.stderr).toContain('sealign train export r1')
}, 60_000)

test('what the torch trainer cannot start with is told before anything is frozen', () => {
  const { cli, env, model } = filledCli()
  const told = (...words: string[]) => cli.run(['train', 'start', '--trainer', 'torch', ...words], { env })
  const empty = join(cli.folder, 'empty')
  mkdirSync(empty)
  expect(told()).toMatchObject({ code: 2, stderr: expect.stringContaining('give its folder with --model') })
  expect(told('--model', 'gone')).toMatchObject({
    code: 4,
    stderr: expect.stringContaining('there is no model "gone"'),
  })
  expect(told('--model', './a/b').stderr).toContain('there is no model "./a/b"')
  expect(told('--model', empty).stderr).toContain('lacks config.json and a tokenizer (tokenizer.json) and weights')
  expect(told('--model', model, '--adapter', empty).stderr).toContain('holds no LoRA adapter')
  expect(told('--model', model, '--pairs', 'trajectory')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('critical pairs only'),
  })
  expect(told('--model', model, '--rank', '7').stderr).toContain('expected one of 1, 8, 16')
  expect(told('--model', model, '--stages', 'ppo').stderr).toContain('"ppo" is not a stage')
  expect(cli.run(['train', 'start', '--bin-tokens', '64'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--bin-tokens belongs to --trainer torch'),
  })
  expect(cli.json('train', 'list')).toEqual([])
  expect(existsSync(join(cli.folder, 'data', 'sealign', 'sessions', 'datasets'))).toBe(false)
})

test('without a Python that has the packages, the message says which were asked and how to make one', () => {
  const { cli, model } = filledCli()
  const broken = join(cli.folder, 'broken')
  writeFileSync(broken, '#!/bin/sh\necho "ModuleNotFoundError: No module named \'peft\'" >&2\nexit 1\n', {
    mode: 0o755,
  })
  const words = ['train', 'start', '--trainer', 'torch', '--model', model]
  const env = { SEALIGN_PYTHON: broken }
  const told = cli.run(words, { env })
  expect(told).toMatchObject({
    code: 8,
    stderr: expect.stringContaining(`${broken}: ModuleNotFoundError: No module named 'peft'`),
  })
  expect(told.stderr).toContain('setup')
  expect(cli.run([...words, '--python', '/gone/python'], { env }).stderr).toContain('/gone/python: it is not there')
  expect(cli.run(['config', 'python', '/gone/setting']).code).toBe(0)
  expect(cli.run(words, { env: { SEALIGN_PYTHON: '' } }).stderr).toContain('/gone/setting: it is not there')
  const doctor = cli.run(['doctor'], { env })
  expect(doctor.stdout).toContain(`missing: this Python cannot run the trainer: ${broken}`)
})

test('doctor names the Python it found', () => {
  const { cli, env } = filledCli()
  expect(cli.run(['doctor'], { env }).stdout).toContain(
    `✓ python    ${env['SEALIGN_PYTHON']}: Python 3.11.7, torch 2.13.0, no CUDA: it trains on the CPU`,
  )
})
