import { FEATURE_COUNT } from './features.ts'
import { randomOf } from './random.ts'

/**
 * A fully connected network over the features of one Proposal: `sizes[0]` features in, rectified hidden layers, one logit out.
 * The last layer has no bias: a constant added to every logit changes no probability.
 */
export interface Network {
  readonly sizes: readonly number[]
  /** Layer by layer: weights (row-major, one row per input), then biases, which the last layer lacks. */
  readonly numbers: Float32Array
}

/** Where one layer lies in `Network.numbers`. */
export interface Layer {
  readonly inputs: number
  readonly outputs: number
  readonly weightsAt: number
  /** `undefined` for the last layer. */
  readonly biasesAt: number | undefined
}

export const NETWORK_SIZES: readonly number[] = [FEATURE_COUNT, 96, 48, 1]

/** Of the last layer's weights at the start: the logits are then small beside the habits, and the habits decide. */
const LAST_LAYER_SCALE = 0.01

export function layersOf(sizes: readonly number[]): readonly Layer[] {
  const layers: Layer[] = []
  let at = 0
  for (const [index, outputs] of sizes.slice(1).entries()) {
    const inputs = sizes[index] ?? 0
    const weightsAt = at
    at += inputs * outputs
    const last = index === sizes.length - 2
    layers.push({ inputs, outputs, weightsAt, biasesAt: last ? undefined : at })
    if (!last) at += outputs
  }
  return layers
}

export function parameterCount(sizes: readonly number[]): number {
  return layersOf(sizes).reduce(
    (sum, { inputs, outputs, biasesAt }) => sum + inputs * outputs + (biasesAt === undefined ? 0 : outputs),
    0,
  )
}

/** An untrained network: He-normal weights (He et al. 2015, eq. 10), biases 0, the last layer small. */
export function freshNetwork(seed: number, sizes: readonly number[] = NETWORK_SIZES): Network {
  const random = randomOf('network', seed)
  const numbers = new Float32Array(parameterCount(sizes))
  for (const { inputs, outputs, weightsAt, biasesAt } of layersOf(sizes)) {
    const scale = Math.sqrt(2 / inputs) * (biasesAt === undefined ? LAST_LAYER_SCALE : 1)
    for (let i = 0; i < inputs * outputs; i++) numbers[weightsAt + i] = scale * normal(random)
  }
  return { sizes, numbers }
}

/**
 * The logit of each row of `features` (row-major, `sizes[0]` a row), in plain loops: for the few dozen rows of one decision
 * faster than a tensor library. Sums are float64; zeros, of which features have many, cost nothing.
 */
export function logitsOf({ sizes, numbers }: Network, features: Float32Array): Float64Array {
  const wide = new Float64Array(numbers)
  return layersOf(sizes).reduce((input, layer) => applyLayer(layer, wide, input), new Float64Array(features))
}

function applyLayer({ inputs, outputs, weightsAt, biasesAt }: Layer, numbers: Float64Array, input: Float64Array) {
  const rows = input.length / inputs
  const output = new Float64Array(rows * outputs)
  for (let row = 0; row < rows; row++) {
    const to = row * outputs
    if (biasesAt !== undefined) output.set(numbers.subarray(biasesAt, biasesAt + outputs), to)
    for (let i = 0; i < inputs; i++) {
      const value = input[row * inputs + i] as number
      if (value === 0) continue
      const from = weightsAt + i * outputs
      for (let o = 0; o < outputs; o++)
        output[to + o] = (output[to + o] as number) + value * (numbers[from + o] as number)
    }
  }
  if (biasesAt === undefined) return output
  for (let at = 0; at < output.length; at++) if ((output[at] as number) < 0) output[at] = 0
  return output
}

/**
 * Natural logarithm of each Proposal's probability: softmax of (network + habit) / temperature.
 * @param logits - one per Proposal, of any kind of array; read from `from` on.
 * @param temperature - > 0.
 */
export function logProbabilities(
  logits: Float64Array | Float32Array,
  habits: Float64Array,
  temperature = 1,
  from = 0,
): Float64Array {
  const result = new Float64Array(habits.length)
  let highest = -Infinity
  for (let i = 0; i < habits.length; i++) {
    const value = ((logits[from + i] as number) + (habits[i] as number)) / temperature
    result[i] = value
    if (value > highest) highest = value
  }
  let sum = 0
  for (let i = 0; i < result.length; i++) sum += Math.exp((result[i] as number) - highest)
  const norm = highest + Math.log(sum)
  for (let i = 0; i < result.length; i++) result[i] = (result[i] as number) - norm
  return result
}

/** A number of the standard normal distribution (Box and Muller 1958). */
function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}
