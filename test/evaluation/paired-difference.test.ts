import { expect, test } from 'vitest'
import { pairedDifference, pooledDifference, taskPairs } from '../../src/evaluation/paired-difference.ts'
import { type TaskCount, wilson } from '../../src/evaluation/rate.ts'

function counts(rows: Readonly<Record<string, readonly [count: number, total: number]>>): TaskCount[] {
  return Object.entries(rows).map(([task, [count, total]]) => ({ task, count, total }))
}

test('pairs are the tasks that both sides know, by name', () => {
  const before = counts({ b: [1, 2], a: [0, 1], only: [1, 1], unknown: [0, 0] })
  const after = counts({ a: [1, 1], b: [2, 2], unknown: [1, 1], other: [1, 1] })
  expect(taskPairs(before, after)).toEqual([
    { task: 'a', before: 0, after: 1 },
    { task: 'b', before: 0.5, after: 1 },
  ])
})

test('the difference is the mean over tasks, each counting once', () => {
  const before = counts({ a: [0, 10], b: [1, 1] })
  const after = counts({ a: [10, 10], b: [0, 1] })
  expect(pairedDifference(taskPairs(before, after)).delta).toBe(0)
})

test('its interval is near the one of the normal distribution where that holds', () => {
  // 100 tasks: 30 better, 10 worse, 60 the same. Mean 0.2, variance (40 − 100·0.04) / 100 = 0.36, standard error 0.06: [0.082, 0.318].
  const pairs = Array.from({ length: 100 }, (_, at) => ({
    task: `t${at}`,
    before: at >= 30 && at < 40 ? 1 : 0,
    after: at < 30 ? 1 : 0,
  }))
  const { delta, low, high } = pairedDifference(pairs)
  expect(delta).toBeCloseTo(0.2, 12)
  expect(Math.abs(low - 0.082)).toBeLessThan(0.015)
  expect(Math.abs(high - 0.318)).toBeLessThan(0.015)
})

test('where nothing moved it is as wide as a rare move may hide', () => {
  const pairs = Array.from({ length: 20 }, (_, at) => ({ task: `t${at}`, before: 1, after: 1 }))
  const { high } = wilson(0, 20)
  expect(pairedDifference(pairs)).toEqual({ delta: 0, low: -high, high })
})

test('without a shared task nothing is known', () => {
  expect(pairedDifference([])).toEqual({ delta: 0, low: -1, high: 1 })
})

test('over several seeds it is paired run by run, and seeds that disagree make it wider', () => {
  const none = counts({ a: [0, 1], b: [0, 1], c: [0, 1], d: [0, 1] })
  const half = counts({ a: [1, 1], b: [1, 1], c: [0, 1], d: [0, 1] })
  const other = counts({ a: [0, 1], b: [0, 1], c: [1, 1], d: [1, 1] })
  const all = counts({ a: [1, 1], b: [1, 1], c: [1, 1], d: [1, 1] })
  const alike = pooledDifference(Array(4).fill(none), [half, other, half, other])
  const apart = pooledDifference(Array(4).fill(none), [none, all, none, all])
  expect([alike.delta, apart.delta]).toEqual([0.5, 0.5])
  expect(apart.high - apart.low).toBeGreaterThan(alike.high - alike.low)
  expect(pooledDifference([none], [half])).toEqual(pairedDifference(taskPairs(none, half)))
})
