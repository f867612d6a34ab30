import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { TrainingPlan } from '../../src/training/torch/plan.ts'
import { TorchRun } from '../../src/training/torch/settings.ts'
import { planText } from '../../commands/train-plan-text.ts'
import { jobCli, jobProcesses, until } from '../jobs/job-cli.ts'
import { fillSession, runs } from '../jobs/trained-session.ts'
import { needs, TRAINER_PYTHON } from '../needs.ts'
import { tinyModel } from '../tiny-model.ts'

needs('pythonTrainer')

test('a plan says what a run would take and shows what it would learn, and leaves nothing behind', async () => {
  const cli = jobCli()
  fillSession(cli)
  const model = tinyModel(cli.folder)
  const temporary = join(cli.folder, 'tmp')
  mkdirSync(temporary)
  const env = { SEALIGN_PYTHON: TRAINER_PYTHON, TMPDIR: temporary, CUDA_VISIBLE_DEVICES: '' }
  const words = ['train', 'plan', '--model', model, '--bin-tokens', '4096', '--gpu', 'h200', '--gpus', '2']
  const ran = await cli.start([...words, '--json'], env)
  expect(ran).toMatchObject({ code: 0 })
  const plan = TrainingPlan.parse(JSON.parse(ran.stdout))
  expect(plan).toMatchObject({
    model: { id: model, method: 'lora', rank: 64, dtype: 'bfloat16' },
    gpu: { name: 'H200', count: 2 },
    trees: 4,
    trajectories: 16,
    split: { training: 3, validation: 1 },
    memory: { fits: true },
  })
  expect(plan.stages.dpo?.sharing).toBeGreaterThan(1)
  expect(plan.lint.samples.map(({ stage, side }) => [stage, side])).toEqual([
    ['sft', null],
    ['dpo', 'chosen'],
    ['dpo', 'rejected'],
  ])
  const learnt = plan.lint.samples[1]?.runs.filter(({ loss }) => loss).map(({ text }) => text) ?? []
  expect(learnt).toHaveLength(1)
  expect(learnt[0]).toMatch(/^I look at the entry of the program\.\n(.*\n)*.*<\|im_end\|>$/)

  const plain = planText(plan, { columns: 200, color: false })
  expect(plain).toContain('parameters, 131,072 trained (LoRA, rank 64), bfloat16')
  expect(plain).toMatch(/^sft +15 +5 +4,781 +3,004 +1\.59 ×/m)
  expect(plain).toMatch(/^time: .* at most, on 2 × H200 at 40 % of its peak$/m)
  expect(plain).toContain('‹I look at the entry of the program.\n')
  expect(plain).toContain('</function><|im_end|>›')
  expect(plain).not.toContain('\u001b')
  const coloured = planText(plan, { columns: 200, color: true })
  expect(coloured).toContain('\u001b[32mI look at the entry of the program.\u001b[39m\n')
  expect(coloured).not.toContain('‹')

  const sft = plan.stages.sft
  if (sft === undefined) throw new Error('the plan has no sft')
  const halfEmpty = planText(
    { ...plan, stages: { sft: { ...sft, bins: 9, fill: 0.62 } } },
    { columns: 200, color: false },
  )
  expect(halfEmpty).toContain('sft: its bins are 62 % full; --bin-tokens 8192 fills them better')

  const refused = await cli.start(['train', 'plan', '--model', model, '--bin-tokens', '64'], env)
  expect(refused.code).toBe(8)
  expect(refused.stdout).toMatch(/^refused: .* longer than a bin of 64 tokens/m)
  expect(refused.stdout).toContain('time: give --gpu for an estimate')
  expect(await cli.start([...words, '--gpu', 'abacus'], env)).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/no GPU is known as abacus\nKnown are .*H200/),
  })
  const out = join(cli.folder, 'by-hand')
  const kept = await cli.start([...words, '--out', out], env)
  expect(kept.stdout).toContain(`python -m sealign_trainer train --config ${out}/run.json`)
  expect(
    readdirSync(out)
      .filter((name) => name.endsWith('.json') || name.endsWith('.jsonl'))
      .sort(),
  ).toEqual(['run.json', 'trees.jsonl', 'trees.jsonl.made.json'])
  const run = TorchRun.parse(JSON.parse(readFileSync(join(out, 'run.json'), 'utf8')))
  expect(run).toMatchObject({ run: 'by-hand', folder: out, trees: join(out, 'trees.jsonl'), binTokens: 4096 })
  expect(cli.json('train', 'attach', out)).toMatchObject({ folder: out, name: 'by-hand', sources: [] })
  cli.run(['train', 'stop', 'r1'])
  await until(() => (runs(cli)[0]?.state === 'stopped' ? true : undefined), 'the end of the looking')
  await until(() => (jobProcesses(cli).length === 0 ? true : undefined), 'the process to end')
  expect(await cli.start([...words, '--out', out], env)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('is not empty'),
  })
  expect(readdirSync(temporary).filter((name) => name.startsWith('sealign'))).toEqual([])
  expect(existsSync(join(cli.folder, 'data', 'sealign', 'sessions', 'datasets'))).toBe(false)
  expect(cli.json<unknown[]>('train', 'list')).toHaveLength(1)
}, 300_000)
