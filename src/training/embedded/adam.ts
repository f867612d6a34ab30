const MEAN_DECAY = 0.9
const SQUARE_DECAY = 0.999
const EPSILON = 1e-8

/** What Adam remembers of the gradients; saved with the training's state. */
export interface AdamState {
  readonly mean: Float32Array
  readonly square: Float32Array
}

export interface AdamStep {
  readonly learningRate: number
  readonly weightDecay: number
  /** Longest gradient that is taken as it is. */
  readonly clip: number
  /** Number of this step, from 1. */
  readonly step: number
}

export function freshAdam(size: number): AdamState {
  return { mean: new Float32Array(size), square: new Float32Array(size) }
}

/**
 * One step of Adam with decoupled weight decay (Loshchilov and Hutter 2019, algorithm 2), in place.
 * @returns the length of the gradient before it was clipped; where it is not finite nothing was changed.
 */
export function adamStep(numbers: Float32Array, gradient: Float32Array, state: AdamState, how: AdamStep): number {
  const { mean, square } = state
  const length = lengthOf(gradient)
  if (!Number.isFinite(length)) return length
  const scale = length > how.clip ? how.clip / length : 1
  const meanScale = 1 / (1 - MEAN_DECAY ** how.step)
  const squareScale = 1 / (1 - SQUARE_DECAY ** how.step)
  for (let i = 0; i < numbers.length; i++) {
    const slope = (gradient[i] as number) * scale
    const m = MEAN_DECAY * (mean[i] as number) + (1 - MEAN_DECAY) * slope
    const v = SQUARE_DECAY * (square[i] as number) + (1 - SQUARE_DECAY) * slope * slope
    mean[i] = m
    square[i] = v
    const update = (m * meanScale) / (Math.sqrt(v * squareScale) + EPSILON)
    const number = numbers[i] as number
    numbers[i] = number - how.learningRate * (update + how.weightDecay * number)
  }
  return length
}

/** The learning rate of `step` (from 1 to `total`): up to `peak` in a line, then down in one, above 0 to the end. */
export function learningRateAt(step: number, total: number, peak: number, warmup: number): number {
  const rising = Math.round(total * warmup)
  if (step <= rising) return (peak * step) / rising
  return (peak * (total - step + 1)) / (total - rising)
}

function lengthOf(values: Float32Array): number {
  let sum = 0
  for (const value of values) sum += value * value
  return Math.sqrt(sum)
}
