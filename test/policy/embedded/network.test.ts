import { expect, test } from 'vitest'
import {
  freshNetwork,
  layersOf,
  logitsOf,
  logProbabilities,
  NETWORK_SIZES,
  parameterCount,
} from '../../../src/policy/embedded/network.ts'
import { randomOf } from '../../../src/policy/embedded/random.ts'
import { numbersFrom, referenceLogits } from './reference-network.ts'

const SIZES = [7, 5, 3, 1]

test('a network is a chain of layers, the last one without biases', () => {
  expect(layersOf(SIZES)).toEqual([
    { inputs: 7, outputs: 5, weightsAt: 0, biasesAt: 35 },
    { inputs: 5, outputs: 3, weightsAt: 40, biasesAt: 55 },
    { inputs: 3, outputs: 1, weightsAt: 58, biasesAt: undefined },
  ])
  expect(parameterCount(SIZES)).toBe(61)
  expect(parameterCount(NETWORK_SIZES)).toBeLessThan(200_000)
})

test('a forward pass on numbers worked by hand', () => {
  // Hidden: [1·2 + 3·(-1) + 0.5, 1·1 + 3·1 - 1] = [-0.5, 3] → rectified [0, 3]; logit: 0·4 + 3·(-2) = -6.
  const numbers = Float32Array.of(2, 1, -1, 1, 0.5, -1, 4, -2)
  expect([...logitsOf({ sizes: [2, 2, 1], numbers }, Float32Array.of(1, 3))]).toEqual([-6])
})

test('the loops of the policy and the reference agree', () => {
  const random = randomOf('network test')
  const network = { sizes: SIZES, numbers: numbersFrom(random, parameterCount(SIZES)) }
  const features = numbersFrom(random, 7 * 20)
  for (const [at, expected] of referenceLogits(network, features).entries()) {
    expect(logitsOf(network, features)[at]).toBeCloseTo(expected, 10)
  }
})

test('an untrained network is seeded, and its logits are small beside the habits', () => {
  const network = freshNetwork(3, [30, 96, 48, 1])
  expect(freshNetwork(3, [30, 96, 48, 1]).numbers).toEqual(network.numbers)
  expect(freshNetwork(4, [30, 96, 48, 1]).numbers).not.toEqual(network.numbers)
  const logits = logitsOf(network, numbersFrom(randomOf('small'), 30 * 50))
  expect(Math.max(...logits.map(Math.abs))).toBeLessThan(0.3)
  expect(logits.some((logit) => logit !== 0)).toBe(true)
})

test('probabilities are a softmax of logit and habit, at a temperature', () => {
  // exp: 1·1, 2·3, 1·1 → 1/8, 6/8, 1/8; at temperature 1/2 squared: 1/38, 36/38, 1/38.
  const logits = Float64Array.of(0, Math.log(2), 0)
  const habits = Float64Array.of(0, Math.log(3), 0)
  const shares = (temperature?: number) => [...logProbabilities(logits, habits, temperature)].map(Math.exp)
  for (const [at, share] of [1 / 8, 6 / 8, 1 / 8].entries()) expect(shares()[at]).toBeCloseTo(share, 12)
  for (const [at, share] of [1 / 38, 36 / 38, 1 / 38].entries()) expect(shares(0.5)[at]).toBeCloseTo(share, 12)
  expect([...logProbabilities(Float64Array.of(9, 0, Math.log(2), 0), habits, 1, 1)]).toEqual([
    ...logProbabilities(logits, habits),
  ])
})

test('large logits do not overflow', () => {
  const logs = logProbabilities(Float64Array.of(5000, 4000, -5000), new Float64Array(3))
  expect([...logs]).toEqual([0, -1000, -10_000])
})
