import { describe, expect, test } from 'vitest'
import { SealignError } from '../../../src/domain/errors.ts'
import type { DatasetTrajectory } from '../../../src/training/dataset.ts'
import { gatherExamples } from '../../../src/training/embedded/gather.ts'
import { datasetOf, pairOf, promptOf, trajectoryOf } from './rollouts.ts'

const quiet = new AbortController().signal
const SFT = { stages: ['sft' as const], pairs: 'critical' as const }
const DPO = { stages: ['dpo' as const], pairs: 'critical' as const }
const WHOLE = { stages: ['dpo' as const], pairs: 'trajectory' as const }

const good = trajectoryOf('a1', 'a', 'resolved', ['view-repository', 'talk', 'finish-unedited'])
const alike = trajectoryOf('a2', 'a', 'resolved', ['view-repository', 'talk', 'repeat'])
const bad = trajectoryOf('a3', 'a', 'unresolved', ['talk', 'repeat'])
/** Its second reply is nothing the policy could say. */
const foreign: DatasetTrajectory = {
  ...good,
  id: 'a4',
  steps: good.steps.map((step, at) =>
    at === 1 ? { ...step, reply: { role: 'assistant', content: 'I am a poem.' } } : step,
  ),
}

async function failure(...args: Parameters<typeof gatherExamples>): Promise<unknown> {
  return gatherExamples(...args).catch((error: unknown) => error)
}

describe('examples for SFT', () => {
  test('are the actions of resolved trajectories, each once, weighed by how many took it', async () => {
    const [gathered] = await gatherExamples(datasetOf([good, alike, bad], []), SFT, quiet)
    const found = gathered?.examples.map(({ weight, sources, chosen, rejected, task }) => ({
      weight,
      sources,
      task,
      sides: [chosen.length, rejected.length],
    }))
    expect(
      found?.toSorted((a, b) => b.weight - a.weight || (a.sources[0] ?? '').localeCompare(b.sources[0] ?? '')),
    ).toEqual([
      { weight: 2, sources: ['a1', 'a2'], task: 'a', sides: [1, 0] },
      { weight: 2, sources: ['a1', 'a2'], task: 'a', sides: [1, 0] },
      { weight: 1, sources: ['a1'], task: 'a', sides: [1, 0] },
      { weight: 1, sources: ['a2'], task: 'a', sides: [1, 0] },
    ])
    expect(gathered?.dropped).toEqual([])
  })

  test('do not depend on the order of the dataset', async () => {
    const [once] = await gatherExamples(datasetOf([good, alike, bad], []), SFT, quiet)
    const [again] = await gatherExamples(datasetOf([bad, alike, good], []), SFT, quiet)
    expect(again).toEqual(once)
  })

  test('leave out what the policy could never have said, and tell where', async () => {
    const [gathered] = await gatherExamples(datasetOf([foreign], []), SFT, quiet)
    expect(gathered?.examples).toHaveLength(2)
    expect(gathered?.dropped).toEqual([{ id: 'a4', reason: '1 of 3 replies are not among the proposals: step 2' }])
  })

  test('equal situations of two trajectories are one object', async () => {
    const [gathered] = await gatherExamples(datasetOf([good, bad], []), { ...WHOLE }, quiet)
    const [example] = gathered?.examples ?? []
    expect(example?.chosen[0]?.situation).toBe(example?.rejected[0]?.situation)
  })
})

describe('examples for DPO', () => {
  test('are pairs at one situation', async () => {
    const pair = { ...pairOf('p1', 'a', ['view-repository'], 'talk', 'repeat'), weight: 2 }
    const [gathered] = await gatherExamples(datasetOf([], [pair]), DPO, quiet)
    const [example] = gathered?.examples ?? []
    expect(example).toMatchObject({ id: 'p1', task: 'a', weight: 2, sources: ['p1'] })
    expect(example?.chosen[0]?.situation).toBe(example?.rejected[0]?.situation)
    expect(example?.chosen[0]?.proposal).not.toBe(example?.rejected[0]?.proposal)
  })

  test('a pair that cannot be learnt from is dropped with its reason', async () => {
    const pair = pairOf('p1', 'a', ['view-repository'], 'talk', 'repeat')
    const odd = { role: 'assistant' as const, content: 'I am a poem.' }
    const pairs = [
      pair,
      { ...pair, id: 'p2', chosen: odd },
      { ...pair, id: 'p3', rejected: odd },
      { ...pair, id: 'p4', rejected: pair.chosen },
    ]
    const [gathered] = await gatherExamples(datasetOf([], pairs), DPO, quiet)
    expect(gathered?.examples.map(({ id }) => id)).toEqual(['p1'])
    expect(gathered?.dropped).toEqual([
      { id: 'p2', reason: 'the chosen reply is not among the proposals' },
      { id: 'p3', reason: 'the rejected reply is not among the proposals' },
      { id: 'p4', reason: 'both replies are the same proposal' },
    ])
  })

  test('may be whole trajectories: the k-th resolved against the k-th unresolved of a task', async () => {
    const second = { ...bad, id: 'a5' }
    const elsewhere = trajectoryOf('b1', 'b', 'unresolved', ['talk'])
    const [gathered] = await gatherExamples(datasetOf([second, elsewhere, bad, alike, good], []), WHOLE, quiet)
    expect(
      gathered?.examples.map(({ id, sources, chosen, rejected }) => [id, sources, chosen.length, rejected.length]),
    ).toEqual([
      ['a1\na3', ['a1', 'a3'], 3, 2],
      ['a2\na5', ['a2', 'a5'], 3, 2],
    ])
  })
})

describe('a dataset with nothing to learn from', () => {
  test.for([
    [datasetOf([bad], []), SFT, 'SFT has nothing to learn from: the dataset has no resolved trajectory'],
    [datasetOf([good], []), DPO, 'DPO has nothing to learn from: the dataset has no pair'],
    [
      datasetOf([good], []),
      WHOLE,
      'DPO has nothing to learn from: no task has a resolved and an unresolved trajectory',
    ],
    [
      datasetOf(
        [],
        [
          {
            ...pairOf('p', 'a', [], 'talk', 'view-repository'),
            prefix: promptOf('a'),
            chosen: { role: 'assistant', content: 'x' },
          },
        ],
      ),
      DPO,
      'DPO has nothing to learn from: no pair is one the embedded policy could take',
    ],
    [
      datasetOf([{ ...good, steps: foreign.steps.slice(1, 2) }], []),
      SFT,
      'SFT has nothing to learn from: no action of a resolved trajectory is one the embedded policy could take',
    ],
  ] as const)('says so: %#', async ([dataset, settings, message]) => {
    const error = await failure(dataset, settings, quiet)
    expect(error).toBeInstanceOf(SealignError)
    expect(error).toMatchObject({ code: 'trainer', message })
  })
})

test('gathering ends with the reason of its signal', async () => {
  const reason = new Error('enough')
  expect(await failure(datasetOf([good], []), SFT, AbortSignal.abort(reason))).toBe(reason)
})
