import { expect, test } from 'vitest'
import { loadTensorFlow } from '../../../src/policy/embedded/backend.ts'
import { logitsOf, type Network, parameterCount } from '../../../src/policy/embedded/network.ts'
import { randomOf } from '../../../src/policy/embedded/random.ts'
import { type Batch, batchLogs, batchOf, logitSlopes } from '../../../src/training/embedded/batch.ts'
import { dpoObjective, type ObjectiveOf, sftObjective, sidesOf } from '../../../src/training/embedded/objective.ts'
import { tensorFlowEngine } from '../../../src/training/embedded/tensor-engine.ts'
import { numbersFrom, referenceLogits } from '../../policy/embedded/reference-network.ts'
import { dpoProblem, sftProblem, WIDTH } from './synthetic.ts'

const TINY = [WIDTH, 5, 3, 1]
const STEP = 1e-5

const engine = tensorFlowEngine(await loadTensorFlow())
const random = randomOf('engine test')
const network: Network = { sizes: TINY, numbers: numbersFrom(random, parameterCount(TINY)) }

/** Slope of the loss by every number, from the loss at both sides of it: float64, plain loops. */
function centralDifferences(batch: Batch, objectiveOf: ObjectiveOf): number[] {
  const lossWith = (at: number, change: number): number => {
    const numbers = Float64Array.from(network.numbers)
    numbers[at] = Number(numbers[at]) + change
    const logits = Float64Array.from(referenceLogits({ sizes: TINY, numbers }, batch.features))
    return Number(objectiveOf(batch, batchLogs(batch, logits)).figures['loss'])
  }
  return Array.from(network.numbers, (_, at) => (lossWith(at, STEP) - lossWith(at, -STEP)) / (2 * STEP))
}

function gradientOf(batch: Batch, objectiveOf: ObjectiveOf): Float32Array {
  return engine.gradient(network, batch.features, (logits) => {
    const logs = batchLogs(batch, logits)
    return logitSlopes(batch, logs, objectiveOf(batch, logs).slopes)
  })
}

test('a forward pass equals the plain loops', () => {
  const features = numbersFrom(random, WIDTH * 50)
  const logits = engine.logits(network, features)
  for (const [at, expected] of logitsOf(network, features).entries()) expect(logits[at]).toBeCloseTo(expected, 5)
})

test('the gradients of both losses are those of central differences', () => {
  const pairs = dpoProblem(random, 2, 3)
  const start = { sizes: TINY, numbers: numbersFrom(random, parameterCount(TINY)) }
  const pairBatch = batchOf(pairs)
  const startLogs = batchLogs(pairBatch, engine.logits(start, pairBatch.features))
  const reference = new Map(pairs.map((pair) => [pair, sidesOf(pair, startLogs)]))
  const cases = [
    [batchOf(sftProblem(random, 2, 3)), sftObjective],
    [pairBatch, dpoObjective(0.7, reference)],
  ] as const
  for (const [batch, objectiveOf] of cases) {
    const gradient = gradientOf(batch, objectiveOf)
    const expected = centralDifferences(batch, objectiveOf)
    expect(Math.max(...expected.map(Math.abs))).toBeGreaterThan(0.01)
    for (const [at, slope] of expected.entries()) expect(Math.abs(Number(gradient[at]) - slope)).toBeLessThan(2e-6)
  }
})

test('a situation that several examples share goes through the network once', () => {
  const [first] = dpoProblem(random, 1, 1)
  if (first === undefined) throw new Error('not reached')
  const batch = batchOf([first, { ...first, id: 'again' }])
  expect(batch.features).toEqual(first.chosen[0]?.situation.features)
})
