import { expect, test } from 'vitest'
import { smoothed } from '../../../views/paint/smoothing.ts'

const of = (...values: number[]): Float64Array => Float64Array.from(values)

test('the average is corrected for its start, worked by hand', () => {
  // weight 0.6: 1; (0.4·0.6 + 0.4·2) / (1 − 0.36); ((0.24 + 0.8)·0.6 + 0.4·6) / (1 − 0.216)
  const result = smoothed(of(1, 2, 6), 3, 0.6)
  expect(Array.from(result, (value) => Number(value.toFixed(9)))).toEqual([
    1,
    1.625,
    Number((3.024 / 0.784).toFixed(9)),
  ])
})

test('a constant stays constant, and the first value is itself', () => {
  const result = smoothed(of(3, 3, 3, 3), 4, 0.98)
  for (const value of result) expect(value).toBeCloseTo(3, 12)
})

test('a value that is not finite stays, and the average goes on as if it were not there', () => {
  const result = smoothed(of(1, Number.NaN, 2, Number.POSITIVE_INFINITY), 4, 0.6)
  expect(result[1]).toBeNaN()
  expect(result[2]).toBeCloseTo(1.625, 12)
  expect(result[3]).toBe(Number.POSITIVE_INFINITY)
})

test('only the first values count, and weight 0 gives them back', () => {
  const values = of(1, 2, 3)
  expect(smoothed(values, 2, 0.9)).toHaveLength(2)
  expect(smoothed(values, 3, 0)).toBe(values)
})
