/**
 * The exponential moving average of `length` values, corrected for its start at 0 as TensorBoard does: early values are averages of
 * the few there are. Values that are not finite stay what they are and leave the average alone.
 *
 * @param weight - what the average keeps of itself at each value, a fraction in [0, 1); 0 gives the values back.
 */
export function smoothed(values: Float64Array, length: number, weight: number): Float64Array {
  if (weight <= 0) return values
  const result = new Float64Array(length)
  let average = 0
  let unseen = 1
  for (let at = 0; at < length; at++) {
    const value = values[at] ?? Number.NaN
    // Not isFinite: the difference of a value that is not finite to itself is NaN.
    if (value - value !== 0) {
      result[at] = value
      continue
    }
    average = average * weight + value * (1 - weight)
    unseen *= weight
    result[at] = average / (1 - unseen)
  }
  return result
}
