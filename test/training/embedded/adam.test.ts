import { expect, test } from 'vitest'
import { adamStep, freshAdam, learningRateAt } from '../../../src/training/embedded/adam.ts'

test('two steps of Adam on numbers worked by hand', () => {
  const numbers = Float32Array.of(1)
  const state = freshAdam(1)
  const how = { learningRate: 0.1, weightDecay: 0.5, clip: 10 }
  // First step: the bias corrections cancel, so the update is the sign of the slope; decay takes 0.1·0.5·1.
  expect(adamStep(numbers, Float32Array.of(2), state, { ...how, step: 1 })).toBe(2)
  expect(numbers[0]).toBeCloseTo(1 - 0.1 - 0.05, 6)
  // m = 0.9·0.2 + 0.1·(−1) = 0.08, v = 0.999·0.004 + 0.001 = 0.004996.
  adamStep(numbers, Float32Array.of(-1), state, { ...how, step: 2 })
  const update = 0.08 / 0.19 / Math.sqrt(0.004996 / (1 - 0.999 ** 2))
  expect(numbers[0]).toBeCloseTo(0.85 - 0.1 * update - 0.1 * 0.5 * 0.85, 6)
})

test('a long gradient is shortened, and its length told as it was', () => {
  const [clipped, short] = [Float32Array.of(0, 0), Float32Array.of(0, 0)]
  const states = [freshAdam(2), freshAdam(2)] as const
  const how = { learningRate: 0.1, weightDecay: 0, clip: 25, step: 1 }
  expect(adamStep(clipped, Float32Array.of(30, 40), states[0], how)).toBe(50)
  adamStep(short, Float32Array.of(15, 20), states[1], how)
  expect(states[0]).toEqual(states[1])
  expect(clipped).toEqual(short)
})

test('a gradient that is no number changes nothing', () => {
  const numbers = Float32Array.of(1, 2)
  const state = freshAdam(2)
  const how = { learningRate: 0.1, weightDecay: 0.1, clip: 1, step: 1 }
  expect(adamStep(numbers, Float32Array.of(Number.NaN, 1), state, how)).toBeNaN()
  expect(numbers).toEqual(Float32Array.of(1, 2))
  expect(state).toEqual(freshAdam(2))
})

test('the learning rate rises in a line, falls in a line, and is above 0 to the end', () => {
  const rates = Array.from({ length: 10 }, (_, at) => learningRateAt(at + 1, 10, 8, 0.2))
  expect(rates).toEqual([4, 8, 8, 7, 6, 5, 4, 3, 2, 1])
  expect(learningRateAt(1, 3, 3, 0)).toBe(3)
  expect(learningRateAt(1, 1, 3, 0.1)).toBe(3)
})
