import { expect, test } from 'vitest'
import { bootstrap, quantile, seededNumbers } from '../../src/evaluation/bootstrap.ts'

test('numbers are uniform in [0, 1) and the same for the same seed', () => {
  const random = seededNumbers(1)
  const numbers = Array.from({ length: 20_000 }, random)
  const again = seededNumbers(1)
  expect(numbers.slice(0, 50)).toEqual(Array.from({ length: 50 }, again))
  expect(numbers.every((value) => value >= 0 && value < 1)).toBe(true)
  expect(numbers.reduce((sum, value) => sum + value, 0) / numbers.length).toBeCloseTo(0.5, 2)
  expect(seededNumbers(2)()).not.toBe(numbers[0])
})

test('quantiles are interpolated as numpy does', () => {
  // numpy.quantile([1, 2, 4, 8], [0, 0.25, 0.5, 0.875, 1]) = [1, 1.75, 3, 6.5, 8]
  const values = Float64Array.from([1, 2, 4, 8])
  expect([0, 0.25, 0.5, 0.875, 1].map((share) => quantile(values, share))).toEqual([1, 1.75, 3, 6.5, 8])
})

test('the interval of a mean is near the one of the normal distribution where that holds', () => {
  // 0 … 99: mean 49.5, standard error √(833.25 / 100) = 2.8866, so that the 95 % interval is near [43.84, 55.16].
  const { low, high } = bootstrap([100], ([drawn]) => {
    let sum = 0
    for (const place of drawn ?? []) sum += place
    return sum / 100
  })
  expect(Math.abs(low - 43.84)).toBeLessThan(0.5)
  expect(Math.abs(high - 55.16)).toBeLessThan(0.5)
})
