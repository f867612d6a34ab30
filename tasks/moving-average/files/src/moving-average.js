/** The mean of the last `size` numbers. */
export class MovingAverage {
  #size
  #values = []
  #sum = 0

  constructor(size) {
    if (!Number.isInteger(size) || size < 1) throw new RangeError('size must be a whole number above 0')
    this.#size = size
  }

  get isFull() {
    return this.#values.length === this.#size
  }

  get value() {
    return this.#values.length === 0 ? undefined : this.#sum / this.#values.length
  }

  /** Returns the new average. */
  add(number) {
    if (this.isFull) this.#sum -= this.#values.pop()
    this.#values.push(number)
    this.#sum += number
    return this.value
  }

  reset() {
    this.#values = []
    this.#sum = 0
  }
}

/** Averages of a whole list, one per full window. */
export function movingAverages(numbers, size) {
  const average = new MovingAverage(size)
  const result = []
  for (const number of numbers) {
    const value = average.add(number)
    if (average.isFull) result.push(value)
  }
  return result
}

/** Exponential smoothing; `weight` of the newest number, 0 to 1. */
export function smoothed(numbers, weight) {
  const result = []
  for (const number of numbers) {
    const last = result.at(-1)
    result.push(last === undefined ? number : last + weight * (number - last))
  }
  return result
}
