import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { trainersIn } from '../../src/jobs/trainers/trainer-process.ts'
import type { Cli } from '../commands/cli.ts'
import { jobCli, jobProcesses, until } from '../jobs/job-cli.ts'
import { fillSession, runs, shown } from '../jobs/trained-session.ts'
import { needs, TRAINER_PYTHON } from '../needs.ts'
import { tinyModel } from '../tiny-model.ts'

needs('pythonTrainer')

const MINUTES_MS = 60_000
/** Of a cold machine, or a busy one. */
const START_MS = 2 * MINUTES_MS

function reached(cli: Cli, stage: string, step: number): Promise<true> {
  const isThere = (): boolean => runs(cli).some((run) => run.stage === stage && run.step >= step)
  return until(() => (isThere() ? true : undefined), `${stage} step ${step}`, START_MS)
}

function inState(cli: Cli, state: string): Promise<true> {
  return until(() => (runs(cli)[0]?.state === state ? true : undefined), `the run to be ${state}`, START_MS)
}

test(
  'a tiny language model learns what was reviewed; stopped, killed and resumed it leaves an adapter that can be served',
  async () => {
    const cli = jobCli()
    fillSession(cli)
    const model = tinyModel(cli.folder)
    const env = { SEALIGN_PYTHON: TRAINER_PYTHON, CUDA_VISIBLE_DEVICES: '', OMP_NUM_THREADS: '1' }
    const sealign = (...words: string[]) => cli.start(words, env)
    const settings = ['--bin-tokens', '2048', '--rank', '8', '--learning-rate', '0.001', '--epochs', '6']
    const started = await sealign('train', 'start', '--trainer', 'torch', '--model', model, ...settings)
    expect(started.stderr.includes('sealign:') ? started.stderr : '').toBe('')
    expect(started.code).toBe(0)
    const { folder } = shown(cli, 'r1')
    onTestFinished(() => {
      for (const pid of trainersIn(folder)) process.kill(pid, 'SIGKILL')
    })

    await reached(cli, 'sft', 2)
    expect((await sealign('train', 'stop', 'r1')).stdout).toContain('was asked to stop')
    await inState(cli, 'stopped')
    expect(existsSync(join(folder, 'state'))).toBe(true)

    expect((await sealign('train', 'resume', 'r1')).stdout).toContain('goes on in a new process')
    const { stage } = await until(() => runs(cli).find((run) => run.stage === 'dpo'), 'DPO', START_MS)
    expect(stage).toBe('dpo')
    for (const pid of jobProcesses(cli)) process.kill(pid, 'SIGKILL')
    await until(() => (trainersIn(folder).length === 0 ? true : undefined), 'the trainer to end', START_MS)
    expect(['lost', 'done']).toContain(runs(cli)[0]?.state)

    expect((await sealign('train', 'resume', 'r1')).code).toBe(0)
    await inState(cli, 'done')
    const { weights, step, totalSteps } = shown(cli, 'r1')
    expect(weights.map(({ path }) => path)).toEqual([join(folder, 'sft'), join(folder, 'dpo')])
    for (const { path } of weights) expect(existsSync(join(path, 'adapter_model.safetensors'))).toBe(true)
    expect(step).toBe(totalSteps)
    const seqs = readFileSync(join(folder, 'events.jsonl'), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { seq: number }).seq)
    expect(seqs).toEqual(seqs.map((_, at) => at + 1))
    const watched = cli.json<{ steps: { kind: string; stage: string; metrics: Record<string, number> }[] }>(
      ...['train', 'watch', 'r1'],
    )
    const losses = watched.steps.filter((each) => each.kind === 'eval' && each.stage === 'dpo')
    expect(losses[0]?.metrics['eval_loss']).toBeCloseTo(Math.LN2, 4)

    const out = join(cli.folder, 'served')
    const exported = await sealign('train', 'export', 'r1', '--stage', 'dpo', '--out', out)
    expect(exported.stdout).toContain('vllm serve')
    expect(existsSync(join(out, 'adapter_config.json'))).toBe(true)
    expect(await sealign('train', 'export', 'r1', '--out', out)).toMatchObject({ code: 2 })
  },
  10 * MINUTES_MS,
)
