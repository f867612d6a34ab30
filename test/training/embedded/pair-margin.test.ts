import { expect, test } from 'vitest'
import { loadTensorFlow } from '../../../src/policy/embedded/backend.ts'
import { freshNetwork } from '../../../src/policy/embedded/network.ts'
import { randomOf } from '../../../src/policy/embedded/random.ts'
import { divideByTask } from '../../../src/training/embedded/held-out.ts'
import { byDepth, marginsOf } from '../../../src/training/embedded/pair-margin.ts'
import { EmbeddedSettings } from '../../../src/training/embedded/settings.ts'
import { freshProgress, trainStage } from '../../../src/training/embedded/stage.ts'
import { tensorFlowEngine } from '../../../src/training/embedded/tensor-engine.ts'
import { RunEvent } from '../../../src/training/run-event.ts'
import { temporaryFolder } from '../../sessions/temporary.ts'
import { dpoProblem, SIZES } from './synthetic.ts'

test('pairs are grouped by the actions before them; groups without any are left out', () => {
  const pair = (depth: number, margin: number) => ({ id: `${depth}`, depth, margin })
  expect(byDepth([pair(0, 1), pair(1, -1), pair(2, 3), pair(50, 2), pair(61, 0)])).toEqual([
    { from: 0, to: 0, pairs: 1, accuracy: 1, margin: 1 },
    { from: 1, to: 2, pairs: 2, accuracy: 0.5, margin: 1 },
    { from: 41, to: 61, pairs: 2, accuracy: 0.5, margin: 1 },
  ])
  expect(byDepth([pair(3, Number.NaN)])).toEqual([{ from: 3, to: 5, pairs: 1, accuracy: null, margin: null }])
  expect(
    marginsOf(
      ['b', 'a', 'c'],
      [
        { id: 'a', depth: 0, margin: 1 },
        { id: 'b', depth: 0, margin: Number.NaN },
      ],
    ),
  ).toEqual([null, 1, null])
})

test('a step says the margin of each pair before it, an evaluation those of all held-out pairs', async () => {
  const start = freshNetwork(1, SIZES)
  const examples = dpoProblem(randomOf('margins'), 20, 10).map((example, at) => ({ ...example, depth: at % 9 }))
  const [division] = divideByTask([examples], 0.2, 1)
  if (division === undefined) throw new Error('not reached')
  const events: RunEvent[] = []
  await trainStage(
    {
      stage: 'dpo',
      settings: EmbeddedSettings.parse({ dpo: { learningRate: 0.01, epochs: 8, batch: 16 } }),
      engine: tensorFlowEngine(await loadTensorFlow()),
      start,
      provenance: { seed: 1 },
      folder: temporaryFolder(),
      control: { signal: new AbortController().signal, gate: () => undefined },
      save: () => Promise.resolve(),
      hear: (event) => void events.push(RunEvent.parse(JSON.parse(JSON.stringify(event)))),
      ...division,
    },
    freshProgress('dpo', start),
  )
  const steps = events.filter((event) => event.type === 'step')
  for (const { batch, margins = [], metrics } of steps) {
    expect(margins).toHaveLength(batch.length)
    const mean = margins.reduce<number>((sum, margin) => sum + Number(margin), 0) / margins.length
    expect(mean).toBeCloseTo(Number(metrics['rewards/margins']), 6)
  }
  const evaluations = events.filter((event) => event.type === 'eval')
  const [first, last] = [evaluations[0], evaluations.at(-1)]
  expect(first?.pairs?.every(({ margin }) => Math.abs(Number(margin)) < 1e-6)).toBe(true)
  expect(last?.pairs?.map(({ id }) => id).toSorted()).toEqual(division.heldOut.map(({ id }) => id).toSorted())
  expect(last?.byDepth?.map(({ from, to }) => [from, to])).toEqual([
    [0, 0],
    [1, 2],
    [3, 5],
    [6, 10],
  ])
  const right = last?.byDepth?.reduce((sum, { pairs, accuracy }) => sum + pairs * Number(accuracy), 0) ?? 0
  expect(right / division.heldOut.length).toBeCloseTo(Number(last?.metrics['eval_rewards/accuracies']), 6)
})
