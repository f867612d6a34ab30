const sum = (values) => values.reduce((total, value) => total + value, 0)

/** All functions return `undefined` for an empty list. */

export function mean(values) {
  return values.length === 0 ? undefined : sum(values) / values.length
}

export function median(values) {
  if (values.length === 0) return undefined
  const sorted = [...values].sort((left, right) => left - right)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle + 1] + sorted[middle]) / 2
}

/** The value that is there most often; the smallest one of several. */
export function mode(values) {
  const counts = new Map()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  const [best] = [...counts].sort(([left, leftCount], [right, rightCount]) => rightCount - leftCount || left - right)
  return best?.[0]
}

/** Population variance. */
export function variance(values) {
  const middle = mean(values)
  return middle === undefined ? undefined : mean(values.map((value) => (value - middle) ** 2))
}

/** Quartiles by the method of the medians of both halves; the middle value belongs to neither. */
export function quartiles(values) {
  if (values.length < 2) return undefined
  const sorted = [...values].sort((left, right) => left - right)
  const half = Math.floor(sorted.length / 2)
  return [median(sorted.slice(0, half)), median(sorted), median(sorted.slice(-half))]
}
