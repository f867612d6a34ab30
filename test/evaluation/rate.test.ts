import { describe, expect, test } from 'vitest'
import { intervalMethod, pooledRate, rateOf, type TaskCount, wilson } from '../../src/evaluation/rate.ts'

const once = (outcomes: readonly (0 | 1)[]): TaskCount[] =>
  outcomes.map((count, at) => ({ task: `t${at}`, count, total: 1 }))

describe('Wilson’s interval', () => {
  // scipy 1.17.1: binomtest(count, total).proportion_ci(0.95, method='wilson')
  test.each([
    [0, 10, 0, 0.27753279986288926],
    [10, 10, 0.7224672001371109, 1],
    [10, 20, 0.2992980081982124, 0.7007019918017876],
    [53, 300, 0.13767670929949635, 0.22383241209237678],
    [11, 300, 0.02059530516285303, 0.06445384817189297],
    [1, 1, 0.20654931437723745, 1],
    [7, 48, 0.07248249326603709, 0.2716717652474627],
  ])('of %i of %i is what scipy says', (count, total, low, high) => {
    expect(wilson(count, total).low).toBeCloseTo(low, 12)
    expect(wilson(count, total).high).toBeCloseTo(high, 12)
  })

  test('of nothing is everything', () => {
    expect(rateOf([])).toEqual({ count: 0, total: 0, rate: 0, low: 0, high: 1 })
  })
})

describe('a rate', () => {
  test('with one rollout per task has Wilson’s interval', () => {
    const tasks = once([1, 1, 1, 1, 1, 0, 0, 0, 0, 0])
    expect(intervalMethod(tasks)).toBe('wilson')
    expect(rateOf(tasks)).toEqual({ count: 5, total: 10, rate: 0.5, ...wilson(5, 10) })
  })

  test('with several rollouts per task is not sharper than its tasks: ten rollouts of each of eight tasks that always end alike', () => {
    const tasks = [1, 1, 1, 1, 0, 0, 0, 0].map((all, at) => ({ task: `t${at}`, count: all * 10, total: 10 }))
    const { rate, low, high } = rateOf(tasks)
    expect(intervalMethod(tasks)).toBe('bootstrap')
    expect(rate).toBe(0.5)
    // The mean of 8 draws of 0 or 1: P(X ≤ 1) = 9/256 > 2.5 % and P(X = 0) = 1/256 < 2.5 %, so that the ends are 1/8 and 7/8.
    expect([low, high]).toEqual([0.125, 0.875])
    expect(high - low).toBeGreaterThan(wilson(40, 80).high - wilson(40, 80).low)
  })

  test('that is the same in all tasks keeps the doubt of so many tasks', () => {
    const none = [0, 1, 2, 3].map((at) => ({ task: `t${at}`, count: 0, total: 5 }))
    expect(rateOf(none)).toEqual({ count: 0, total: 20, rate: 0, ...wilson(0, 4) })
  })

  test('does not depend on the order of the tasks, and is the same every time', () => {
    const tasks = [3, 1, 0, 2, 2, 3, 1].map((count, at) => ({ task: `t${at}`, count, total: 3 }))
    expect(rateOf(tasks.toReversed())).toEqual(rateOf(tasks))
    expect(rateOf(tasks)).toEqual(rateOf(tasks))
  })

  test('counts tasks with more rollouts more, and tasks without any not at all', () => {
    const tasks = [
      { task: 'a', count: 3, total: 4 },
      { task: 'b', count: 0, total: 1 },
      { task: 'c', count: 0, total: 0 },
    ]
    expect(rateOf(tasks)).toMatchObject({ count: 3, total: 5, rate: 0.6 })
  })
})

describe('a rate over several seeds', () => {
  const SEEDS = [
    once([1, 1, 0, 0, 1, 0, 1, 0]),
    once([1, 0, 0, 0, 1, 0, 1, 1]),
    once([1, 1, 0, 1, 1, 0, 1, 0]),
  ] as const

  test('is over all their rollouts, and its interval covers other tasks: wider than if every rollout were a trial', () => {
    const pooled = pooledRate(SEEDS)
    expect(pooled).toMatchObject({ count: 13, total: 24, rate: 13 / 24 })
    const trials = wilson(13, 24)
    expect(pooled.high - pooled.low).toBeGreaterThan(trials.high - trials.low)
  })

  test('covers other seeds too: seeds that differ make it wider', () => {
    const alike = [once([1, 1, 0, 0]), once([1, 1, 0, 0]), once([0, 0, 1, 1]), once([0, 0, 1, 1])]
    const apart = [once([1, 1, 1, 1]), once([1, 1, 1, 1]), once([0, 0, 0, 0]), once([0, 0, 0, 0])]
    const width = (runs: Parameters<typeof pooledRate>[0]): number => pooledRate(runs).high - pooledRate(runs).low
    expect(pooledRate(alike).rate).toBe(pooledRate(apart).rate)
    expect(width(apart)).toBeGreaterThan(width(alike))
    expect(pooledRate(apart)).toMatchObject({ low: 0, high: 1 })
  })

  test('of one seed is that seed’s, of none is unknown', () => {
    expect(pooledRate([SEEDS[0]])).toEqual(rateOf(SEEDS[0]))
    expect(pooledRate([])).toEqual({ count: 0, total: 0, rate: 0, low: 0, high: 1 })
  })

  test('that never succeeded keeps the doubt of so many tasks', () => {
    const never = [once([0, 0, 0, 0]), once([0, 0, 0, 0])]
    expect(pooledRate(never)).toEqual({ count: 0, total: 8, rate: 0, ...wilson(0, 4) })
  })
})
