/** Milliseconds to wait before an attempt; doubles each time, up to `most`. */
export function delayBefore(attempt, { first = 100, most = 5_000 } = {}) {
  if (attempt <= 1) return 0
  return Math.min(most, first * 2 ** (attempt - 2))
}
