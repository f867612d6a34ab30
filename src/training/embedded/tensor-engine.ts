import type { Tensor } from '@tensorflow/tfjs-core'
import type { TensorFlow, TensorFlowCore } from '../../policy/embedded/backend.ts'
import { type Layer, layersOf, type Network } from '../../policy/embedded/network.ts'

/** What the trainer asks of a tensor library; one number for each row of `features` (row-major, `network.sizes[0]` a row). */
export interface TensorEngine {
  /** Named in a Run's first event. */
  readonly backend: string
  logits(network: Network, features: Float32Array): Float32Array
  /**
   * Gradient of a loss by every number of the network, in their order.
   * @param slopes - derivatives of the loss by the logits it is given.
   */
  gradient(network: Network, features: Float32Array, slopes: (logits: Float32Array) => Float32Array): Float32Array
}

/**
 * TensorFlow.js as an engine. The backward pass is written out: the registered gradient of `matMul` multiplies by transposed
 * operands, for which the WASM backend has no fast kernel; with the transposes made beforehand a product takes a ninth of the time.
 */
export function tensorFlowEngine({ tf, backend }: TensorFlow): TensorEngine {
  return {
    backend,
    logits: (network, features) => tf.tidy(() => numbersOf(last(forward(tf, network, features)).output)),
    gradient: (network, features, slopes) =>
      tf.tidy(() => {
        const passes = forward(tf, network, features)
        const { output } = last(passes)
        const slope = tf.tensor2d(slopes(numbersOf(output)), [output.shape[0] ?? 0, 1])
        return backward(tf, network, passes, slope)
      }),
  }
}

/** What one layer read and made. */
interface Pass {
  readonly layer: Layer
  readonly input: Tensor
  readonly weights: Tensor
  /** Rectified, but for the last layer. */
  readonly output: Tensor
}

function forward(tf: TensorFlowCore, { sizes, numbers }: Network, features: Float32Array): readonly Pass[] {
  const width = sizes[0] ?? 0
  let input: Tensor = tf.tensor2d(features, [features.length / width, width])
  return layersOf(sizes).map((layer) => {
    const { inputs, outputs, weightsAt, biasesAt } = layer
    const weights = tf.tensor2d(numbers.slice(weightsAt, weightsAt + inputs * outputs), [inputs, outputs])
    const output: Tensor =
      biasesAt === undefined
        ? tf.matMul(input, weights)
        : tf.fused.matMul({
            a: input,
            b: weights,
            bias: tf.tensor1d(numbers.slice(biasesAt, biasesAt + outputs)),
            activation: 'relu',
          })
    const pass = { layer, input, weights, output }
    input = output
    return pass
  })
}

function backward(tf: TensorFlowCore, { numbers }: Network, passes: readonly Pass[], slope: Tensor): Float32Array {
  const gradient = new Float32Array(numbers.length)
  const ones = tf.ones([1, slope.shape[0] ?? 0])
  let down = slope
  for (const [index, { layer, input, weights, output }] of [...passes.entries()].reverse()) {
    const above = layer.biasesAt === undefined ? down : tf.mul(down, tf.step(output))
    gradient.set(numbersOf(tf.matMul(tf.transpose(input), above)), layer.weightsAt)
    if (layer.biasesAt !== undefined) gradient.set(numbersOf(tf.matMul(ones, above)), layer.biasesAt)
    if (index > 0) down = tf.matMul(above, tf.transpose(weights))
  }
  return gradient
}

function numbersOf(tensor: Tensor): Float32Array {
  return tensor.dataSync<'float32'>()
}

function last(passes: readonly Pass[]): Pass {
  const pass = passes.at(-1)
  if (pass === undefined) throw new RangeError('a network has at least one layer')
  return pass
}
