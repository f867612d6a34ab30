import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadTensorFlow } from '../../../src/policy/embedded/backend.ts'
import { freshNetwork, type Network } from '../../../src/policy/embedded/network.ts'
import { randomOf } from '../../../src/policy/embedded/random.ts'
import { decodeNumbers } from '../../../src/policy/embedded/weights.ts'
import type { Example } from '../../../src/training/embedded/example.ts'
import { type Division, divideByTask } from '../../../src/training/embedded/held-out.ts'
import { EmbeddedSettings } from '../../../src/training/embedded/settings.ts'
import { freshProgress, type StageParts, trainStage } from '../../../src/training/embedded/stage.ts'
import { tensorFlowEngine } from '../../../src/training/embedded/tensor-engine.ts'
import type { StageProgress } from '../../../src/training/embedded/training-state.ts'
import { RunEvent } from '../../../src/training/run-event.ts'
import { temporaryFolder } from '../../sessions/temporary.ts'
import { dpoProblem, sftProblem, SIZES } from './synthetic.ts'

const engine = tensorFlowEngine(await loadTensorFlow())
const START = freshNetwork(1, SIZES)
const QUICK = { learningRate: 0.01, epochs: 10, batch: 16 }

type StepEvent = Extract<RunEvent, { type: 'step' }>
type EvalEvent = Extract<RunEvent, { type: 'eval' }>

interface Trained {
  readonly end: Awaited<ReturnType<typeof trainStage>>
  readonly events: readonly RunEvent[]
  readonly steps: readonly StepEvent[]
  readonly evals: readonly EvalEvent[]
  readonly progress: StageProgress
  readonly folder: string
}

/** Trains one stage; every event is checked against the form that all trainers share. */
async function trained(
  stage: 'sft' | 'dpo',
  division: Division,
  rest: Partial<StageParts> & { start?: Network; settings?: EmbeddedSettings; progress?: StageProgress } = {},
): Promise<Trained> {
  const events: RunEvent[] = []
  const folder = rest.folder ?? temporaryFolder()
  const progress = rest.progress ?? freshProgress(stage, rest.start ?? START)
  const parts: StageParts = {
    stage,
    settings: EmbeddedSettings.parse({ sft: QUICK, dpo: QUICK }),
    engine,
    start: START,
    provenance: { seed: 1 },
    control: { signal: new AbortController().signal, gate: () => undefined },
    save: () => Promise.resolve(),
    ...division,
    ...rest,
    folder,
    hear: async (event) => {
      events.push(RunEvent.parse(JSON.parse(JSON.stringify(event))))
      await rest.hear?.(event)
    },
  }
  const end = await trainStage(parts, progress)
  return {
    end,
    events,
    steps: events.filter((event) => event.type === 'step'),
    evals: events.filter((event) => event.type === 'eval'),
    progress,
    folder,
  }
}

function divided(examples: readonly Example[], heldOut = 0.2): Division {
  const [division] = divideByTask([examples], heldOut, 1)
  return division ?? { training: [], heldOut: [] }
}

/** The numbers in a stage's file. */
function savedNumbers(folder: string, stage: string): Float32Array {
  return decodeNumbers((JSON.parse(readFileSync(join(folder, `${stage}.json`), 'utf8')) as { numbers: string }).numbers)
}

const sft = divided(sftProblem(randomOf('sft'), 20, 12))
const dpo = divided(dpoProblem(randomOf('dpo'), 20, 30))

describe('SFT', () => {
  test('learns a rule that holds on tasks it has not seen', async () => {
    const { end, evals, steps } = await trained('sft', sft)
    expect(end.status).toBe('completed')
    const [first, ...later] = evals
    expect(first?.metrics['eval_loss']).toBeCloseTo(Math.log(8), 1)
    expect(end.best?.loss).toBeLessThan(0.8 * Number(first?.metrics['eval_loss']))
    expect(later.at(-1)?.metrics['eval_mean_token_accuracy']).toBeGreaterThan(0.5)
    expect(Object.keys(steps[0]?.metrics ?? {}).toSorted()).toEqual([
      'entropy',
      'grad_norm',
      'learning_rate',
      'loss',
      'mean_token_accuracy',
    ])
    expect(steps.map(({ step }) => step)).toEqual(steps.map((_, at) => at + 1))
    expect(steps.at(-1)?.epoch).toBe(10)
  })

  test('names what each step learnt from, and everything once an epoch', async () => {
    const { steps } = await trained('sft', sft)
    const perEpoch = steps.length / 10
    const epoch = steps.slice(0, perEpoch).flatMap(({ batch }) => batch)
    expect(epoch.toSorted()).toEqual(sft.training.flatMap(({ sources }) => sources).toSorted())
    expect(steps.slice(perEpoch, 2 * perEpoch).flatMap(({ batch }) => batch)).not.toEqual(epoch)
  })
})

describe('DPO', () => {
  test('begins at ln 2 and prefers the better action on tasks it has not seen', async () => {
    const { end, evals, steps } = await trained('dpo', dpo, {
      settings: EmbeddedSettings.parse({ dpo: { ...QUICK, epochs: 20 } }),
    })
    expect(evals[0]).toMatchObject({
      step: 0,
      best: true,
      metrics: { 'eval_rewards/margins': expect.closeTo(0, 6) as number },
    })
    expect(evals[0]?.metrics['eval_loss']).toBeCloseTo(Math.LN2, 6)
    const best = evals.find(({ step }) => step === end.best?.step)
    expect(best?.metrics['eval_rewards/accuracies']).toBeGreaterThan(0.9)
    expect(best?.metrics['eval_loss']).toBe(end.best?.loss)
    expect(Object.keys(steps[0]?.metrics ?? {}).toSorted()).toEqual([
      'grad_norm',
      'learning_rate',
      'logps/chosen',
      'logps/rejected',
      'loss',
      'rewards/accuracies',
      'rewards/chosen',
      'rewards/margins',
      'rewards/rejected',
    ])
  })

  test('measures against weights that never change', async () => {
    const { steps, progress } = await trained('dpo', dpo)
    expect(START.numbers).toEqual(freshNetwork(1, SIZES).numbers)
    expect(progress.numbers).not.toEqual(START.numbers)
    // Rewards are β (log P − log P of the reference): with every example in one batch their difference is the reference's mean.
    const whole = await trained('dpo', dpo, { settings: EmbeddedSettings.parse({ dpo: { ...QUICK, batch: 10_000 } }) })
    const means = whole.steps.map(
      ({ metrics }) => Number(metrics['logps/chosen']) - Number(metrics['rewards/chosen']) / 0.1,
    )
    for (const mean of means) expect(mean).toBeCloseTo(means[0] ?? 0, 5)
    expect(steps.length).toBeGreaterThan(whole.steps.length)
  })

  test('a pair met three times teaches what one of weight three does', async () => {
    const [first, ...others] = dpo.training
    if (first === undefined) throw new Error('not reached')
    const settings = EmbeddedSettings.parse({ dpo: { ...QUICK, batch: 10_000, epochs: 5 } })
    const copies = [first, { ...first, id: 'copy 1' }, { ...first, id: 'copy 2' }]
    const thrice = await trained('dpo', { training: [...copies, ...others], heldOut: dpo.heldOut }, { settings })
    const heavy = await trained(
      'dpo',
      { training: [{ ...first, weight: 3 }, ...others], heldOut: dpo.heldOut },
      { settings },
    )
    for (const [at, number] of thrice.progress.numbers.entries()) {
      expect(Math.abs(number - Number(heavy.progress.numbers[at]))).toBeLessThan(1e-4)
    }
  })

  test('warns once when the chosen actions, too, become less likely', async () => {
    // The chosen action stands on the losing side, too: all that is learnt is to make it less likely.
    const pushedDown = dpo.training.map((example) => ({
      ...example,
      chosen: example.rejected,
      rejected: [...example.rejected, ...example.rejected],
    }))
    const told = (
      await trained(
        'dpo',
        { training: pushedDown, heldOut: dpo.heldOut },
        { settings: EmbeddedSettings.parse({ dpo: QUICK, patience: 50 }) },
      )
    ).events
    expect(told.filter((event) => event.type === 'warning')).toEqual([
      expect.objectContaining({
        stage: 'dpo',
        message: 'for 20 steps the chosen actions, too, have been less likely than under the reference',
      }),
    ])
  })
})

describe('a stage', () => {
  test('keeps its best evaluation, and ends when none was better for a while', async () => {
    // Held out: pairs the wrong way round, so that whatever is learnt makes them worse.
    const heldOut = dpo.heldOut.map((example) => ({ ...example, chosen: example.rejected, rejected: example.chosen }))
    const settings = EmbeddedSettings.parse({ dpo: QUICK, patience: 2 })
    const { end, evals, events, folder } = await trained('dpo', { training: dpo.training, heldOut }, { settings })
    expect(evals.map(({ best }) => best)).toEqual([true, false, false])
    expect(end).toMatchObject({ status: 'completed', best: { step: 0, path: join(folder, 'dpo.json') } })
    expect(savedNumbers(folder, 'dpo')).toEqual(START.numbers)
    expect(events.at(-1)).toMatchObject({ type: 'checkpoint', kind: 'final', step: 0, sha256: end.best?.sha256 })
  })

  test('saves the best weights, not the last', async () => {
    const few = { training: sft.training.slice(0, 12), heldOut: sft.heldOut }
    const settings = EmbeddedSettings.parse({ sft: { learningRate: 0.03, epochs: 30, batch: 4 }, patience: 5 })
    const { end, evals, progress, folder } = await trained('sft', few, { settings })
    const losses = evals.map(({ metrics }) => Number(metrics['eval_loss']))
    expect(end.best?.loss).toBe(Math.min(...losses))
    expect(losses.at(-1)).toBeGreaterThan(Math.min(...losses))
    expect(savedNumbers(folder, 'sft')).not.toEqual(progress.numbers)
    expect(readdirSync(folder)).toEqual(['sft.json'])
  })

  test('learns the same from its seed, and something else from another', async () => {
    const [once, again] = [await trained('dpo', dpo), await trained('dpo', dpo)]
    expect(again.progress.numbers).toEqual(once.progress.numbers)
    const other = await trained('dpo', dpo, { settings: EmbeddedSettings.parse({ dpo: QUICK, seed: 9 }) })
    expect(other.progress.numbers).not.toEqual(once.progress.numbers)
  })

  test('stopped and resumed at any step, even within an epoch, ends with the same weights', async () => {
    const whole = await trained('dpo', dpo)
    const folder = temporaryFolder()
    let kept: StageProgress | undefined
    for (const stopAt of [3, 25, 31]) {
      const control = new AbortController()
      const part = await trained('dpo', dpo, {
        folder,
        ...(kept === undefined ? {} : { progress: kept }),
        control: { signal: control.signal, gate: () => undefined },
        save: (progress) => {
          kept = structuredClone(progress)
          return Promise.resolve()
        },
        hear: (event) => {
          if (event.type === 'step' && event.step === stopAt) control.abort()
        },
      })
      expect(part.end.status).toBe('stopped')
      expect(kept?.step).toBe(stopAt)
    }
    const rest = await trained('dpo', dpo, { folder, ...(kept === undefined ? {} : { progress: kept }) })
    expect(rest.progress).toEqual({
      ...whole.progress,
      best: { ...whole.progress.best, path: join(folder, 'dpo.json') },
    })
    expect(rest.steps[0]?.step).toBe(32)
    expect(savedNumbers(folder, 'dpo')).toEqual(savedNumbers(whole.folder, 'dpo'))
  })

  test('waits at its gate between two steps, and leaves room for others', async () => {
    const order: string[] = []
    let open: () => void = () => undefined
    const { steps } = await trained('dpo', dpo, {
      control: {
        signal: new AbortController().signal,
        gate: () => {
          if (order.filter((word) => word === 'step').length !== 2 || order.includes('held')) return undefined
          order.push('held')
          const { promise, resolve } = Promise.withResolvers<void>()
          open = resolve
          setImmediate(() => {
            order.push('others')
            open()
          })
          return promise
        },
      },
      hear: (event) => {
        if (event.type === 'step') order.push('step')
      },
    })
    expect(order.slice(0, 6)).toEqual(['step', 'step', 'held', 'others', 'step', 'step'])
    expect(steps.length).toBeGreaterThan(6)
  })

  test('skips a step whose loss is no number, tells of it, and learns from the others', async () => {
    const [broken, ...good] = dpo.training
    if (broken === undefined) throw new Error('not reached')
    const habits = new Float64Array(8).fill(Number.NaN)
    const side = [{ situation: { features: new Float32Array(48), habits }, proposal: 0 }]
    const training = [{ ...broken, id: 'broken', sources: ['broken'], chosen: side, rejected: side }, ...good]
    const { end, steps, events } = await trained('dpo', { training, heldOut: dpo.heldOut })
    const skipped = steps.filter(({ metrics }) => metrics['loss'] === null)
    expect(skipped).toHaveLength(10)
    expect(skipped.every(({ batch, metrics }) => batch.includes('broken') && metrics['grad_norm'] === null)).toBe(true)
    const warnings = events.filter((event) => event.type === 'warning' && event.message.includes('skipped'))
    expect(warnings[0]).toMatchObject({
      step: skipped[0]?.step,
      message: `step ${skipped[0]?.step} was skipped: its loss or gradient was no finite number`,
    })
    expect(warnings).toHaveLength(10)
    expect(end.status).toBe('completed')
    expect(end.best?.loss).toBeLessThan(Math.LN2)
  })

  test('fails when no step of an epoch had a loss', async () => {
    const habits = new Float64Array(8).fill(Number.NaN)
    const training = dpo.training.map((example) => ({
      ...example,
      chosen: [{ situation: { features: new Float32Array(48), habits }, proposal: 0 }],
    }))
    const { end } = await trained('dpo', { training, heldOut: dpo.heldOut })
    expect(end).toMatchObject({
      status: 'failed',
      message: expect.stringMatching(
        /^dpo: the loss of \d+ steps in a row was no finite number; a lower learning rate than 0\.01 may help$/,
      ) as string,
    })
  })

  test('evaluates on what it learns from where nothing is held out', async () => {
    const { evals, end } = await trained('dpo', { training: dpo.training, heldOut: [] })
    expect(end.status).toBe('completed')
    expect(evals.at(-1)?.metrics['eval_loss']).toBeLessThan(0.6)
  })
})
