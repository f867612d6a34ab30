import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Dataset } from '../../../src/training/dataset.ts'
import { type EmbeddedTraining, trainEmbedded } from '../../../src/training/embedded/embedded-trainer.ts'
import { EmbeddedSettings } from '../../../src/training/embedded/settings.ts'
import { decisionOf } from '../../../src/policy/embedded/decision.ts'
import { logitsOf, logProbabilities } from '../../../src/policy/embedded/network.ts'
import { type EmbeddedWeights, freshWeights, loadWeights } from '../../../src/policy/embedded/weights.ts'
import { RunEvent } from '../../../src/training/run-event.ts'
import { temporaryFolder } from '../../sessions/temporary.ts'
import { datasetOf, pairOf, trajectoryOf } from './rollouts.ts'

const TASKS = ['sum', 'sort', 'parse', 'merge', 'clamp', 'range']
const DATASET = datasetOf(
  TASKS.flatMap((task) => [
    trajectoryOf(`${task} 1`, task, 'resolved', ['view-repository', 'view-missing', 'finish-unedited']),
    trajectoryOf(`${task} 2`, task, 'resolved', ['view-repository', 'wrong-tool', 'finish-unedited']),
    trajectoryOf(`${task} 3`, task, 'unresolved', ['talk', 'repeat', 'repeat']),
  ]),
  TASKS.map((task) => pairOf(`pair ${task}`, task, ['view-repository'], 'view-missing', 'repeat')),
)
const SETTINGS = EmbeddedSettings.parse({
  sft: { learningRate: 0.01, epochs: 8, batch: 4 },
  dpo: { learningRate: 0.01, epochs: 8, batch: 2 },
  heldOut: 0.2,
})

async function train(rest: Partial<EmbeddedTraining> = {}, hear: (event: RunEvent) => void = () => undefined) {
  const events: RunEvent[] = []
  const folder = rest.folder ?? temporaryFolder()
  const end = await trainEmbedded(
    {
      dataset: DATASET,
      start: freshWeights(1),
      settings: SETTINGS,
      control: { signal: new AbortController().signal, gate: () => undefined },
      run: 'r7',
      ...rest,
      folder,
    },
    (event) => {
      events.push(RunEvent.parse(JSON.parse(JSON.stringify(event))))
      hear(event)
    },
  )
  return { end, events, folder }
}

/** Trains until the stage has done so many steps. */
async function stopAt(folder: string, stage: 'sft' | 'dpo', step: number, rest: Partial<EmbeddedTraining> = {}) {
  const control = new AbortController()
  return train({ ...rest, folder, control: { signal: control.signal, gate: () => undefined } }, (event) => {
    if (event.type === 'step' && event.stage === stage && event.step === step) control.abort()
  })
}

function probabilityOf(weights: EmbeddedWeights, dataset: Dataset): number {
  const [pair] = dataset.pairs
  const found = pair === undefined ? undefined : decisionOf(pair.prefix, pair.chosen)
  if (found === undefined || 'reason' in found) throw new Error('not reached')
  return Math.exp(Number(logProbabilities(logitsOf(weights, found.features), found.habits)[found.chosen]))
}

describe('training the embedded policy', () => {
  test('goes through SFT and then DPO, and makes the chosen action likelier each time', async () => {
    const { end, events, folder } = await train()
    expect(end).toMatchObject({ status: 'completed', best: [{ stage: 'sft' }, { stage: 'dpo' }] })
    expect(readdirSync(folder).toSorted()).toEqual(['dpo.json', 'sft.json'])
    const [sft, dpo] = [await loadWeights(join(folder, 'sft.json')), await loadWeights(join(folder, 'dpo.json'))]
    expect(probabilityOf(sft, DATASET)).toBeGreaterThan(probabilityOf(freshWeights(1), DATASET))
    expect(probabilityOf(dpo, DATASET)).toBeGreaterThan(probabilityOf(sft, DATASET))
    expect(dpo.provenance).toEqual({ seed: 1, dataset: 'test', run: 'r7', stage: 'dpo', step: end.best[1]?.step })
    expect(dpo.sha256).toBe(end.best[1]?.sha256)
    expect(events.at(-1)).toMatchObject({ type: 'end', status: 'completed' })
  })

  test('says what it begins with', async () => {
    const { events } = await train()
    const starts = events.filter((event) => event.type === 'start')
    expect(starts).toMatchObject([
      {
        stage: 'sft',
        config: { learningRate: 0.01, epochs: 8, batch: 4, heldOut: 0.2 },
        model: { id: 'embedded base', params: freshWeights(1).numbers.length, backend: 'wasm' },
        data: { examples: 30, validation: 6, trajectories: 18, pairs: 6, dropped: [] },
        epochs: 8,
      },
      {
        stage: 'dpo',
        config: { pairs: 'critical', beta: SETTINGS.beta },
        model: { id: 'embedded r7/sft' },
        data: { examples: 5, validation: 1 },
        totalSteps: 24,
      },
    ])
    const sft = events.filter((event) => event.type === 'step' && event.stage === 'sft')
    expect(starts[0]?.totalSteps).toBeGreaterThanOrEqual(sft.length)
    expect(events.find((event) => event.type === 'eval' && event.stage === 'dpo')).toMatchObject({
      step: 0,
      metrics: { eval_loss: expect.closeTo(Math.LN2, 6) as number },
    })
  })

  test('does not depend on the order of the dataset', async () => {
    const shuffled = { ...DATASET, pairs: DATASET.pairs.toReversed(), trajectories: DATASET.trajectories.toReversed() }
    const [once, again] = [await train(), await train({ dataset: shuffled })]
    expect(again.end.best.map(({ sha256 }) => sha256)).toEqual(once.end.best.map(({ sha256 }) => sha256))
  })

  test('stopped in both stages and called again, it ends with the same weights', async () => {
    const whole = await train()
    const folder = temporaryFolder()
    const first = await stopAt(folder, 'sft', 5)
    expect(first.end.status).toBe('stopped')
    expect(first.events.at(-1)).toMatchObject({ type: 'end', status: 'stopped' })
    expect(readdirSync(folder).toSorted()).toEqual(['sft.json', 'state.json'])
    const second = await stopAt(folder, 'dpo', 2)
    expect(second.events.find((event) => event.type === 'start')).toMatchObject({ stage: 'sft', resume: { step: 5 } })
    const third = await train({ folder })
    expect(third.events.filter((event) => event.type === 'start')).toMatchObject([
      { stage: 'dpo', resume: { step: 2 } },
    ])
    for (const file of ['sft.json', 'dpo.json']) {
      expect(readFileSync(join(folder, file), 'utf8')).toBe(readFileSync(join(whole.folder, file), 'utf8'))
    }
    expect(third.end.best.map(({ sha256, loss, step }) => [sha256, loss, step])).toEqual(
      whole.end.best.map(({ sha256, loss, step }) => [sha256, loss, step]),
    )
    expect(readdirSync(folder).toSorted()).toEqual(['dpo.json', 'sft.json'])
  })

  test('one stage alone is trained from the start weights', async () => {
    const { end, folder } = await train({ settings: { ...SETTINGS, stages: ['dpo'] } })
    expect(end.best.map(({ stage }) => stage)).toEqual(['dpo'])
    expect(readdirSync(folder)).toEqual(['dpo.json'])
    expect((await loadWeights(join(folder, 'dpo.json'))).provenance.stage).toBe('dpo')
  })

  test('DPO may compare whole trajectories', async () => {
    const { end, events } = await train({ settings: { ...SETTINGS, stages: ['dpo'], pairs: 'trajectory' } })
    expect(end.status).toBe('completed')
    const step = events.find((event) => event.type === 'step')
    expect(step?.batch).toEqual([expect.stringMatching(/ 1$/), expect.stringMatching(/ 3$/)])
    expect(end.best[0]?.loss).toBeLessThan(Math.LN2)
  })

  test('a signal that is already given stops it before anything is written', async () => {
    const { end, folder } = await train({ control: { signal: AbortSignal.abort(), gate: () => undefined } })
    expect(end).toEqual({ status: 'stopped', best: [] })
    expect(readdirSync(folder)).toEqual([])
  })

  test('does not go on from the state of another training, or from a damaged one', async () => {
    const folder = temporaryFolder()
    await stopAt(folder, 'sft', 3)
    await expect(train({ folder, settings: { ...SETTINGS, seed: 5 } })).rejects.toMatchObject({
      code: 'trainer',
      message: `${join(folder, 'state.json')} belongs to a training with another dataset, start or settings: it cannot go on from there`,
    })
    writeFileSync(join(folder, 'state.json'), '{')
    await expect(train({ folder })).rejects.toMatchObject({
      code: 'trainer',
      message: `${join(folder, 'state.json')} is damaged: the training cannot go on from it`,
      hint: `Remove ${join(folder, 'state.json')} to train from the beginning`,
    })
  })

  test('says when it goes on with another backend', async () => {
    const folder = temporaryFolder()
    await stopAt(folder, 'sft', 3)
    const path = join(folder, 'state.json')
    writeFileSync(path, readFileSync(path, 'utf8').replace('"backend":"wasm"', '"backend":"cpu"'))
    const { events } = await train({ folder })
    expect(events.find((event) => event.type === 'warning')).toMatchObject({
      message: 'the training began on cpu and goes on with wasm: its last digits may differ',
    })
  })

  test('a loss that is never a number ends it as failed, and the next call begins anew', async () => {
    const start = freshWeights(1)
    const { end, events, folder } = await train({ start: { ...start, numbers: start.numbers.map(() => Infinity) } })
    expect(end).toMatchObject({ status: 'failed', message: expect.stringContaining('no finite number') as string })
    expect(events.at(-1)).toMatchObject({ type: 'end', status: 'failed', message: end.message })
    expect(readdirSync(folder)).toEqual([])
  })
})

test('settings have their defaults, and the order of the stages is fixed', () => {
  expect(EmbeddedSettings.parse({})).toMatchObject({ stages: ['sft', 'dpo'], pairs: 'critical', warmup: 0.1 })
  expect(EmbeddedSettings.parse({ stages: ['dpo', 'sft'] }).stages).toEqual(['sft', 'dpo'])
  expect(EmbeddedSettings.parse(SETTINGS)).toEqual(SETTINGS)
  expect(EmbeddedSettings.safeParse({ stages: [] }).success).toBe(false)
})
