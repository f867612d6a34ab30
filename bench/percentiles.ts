/** Half and nearly all of the measured times are below these, in milliseconds. */
export interface Percentiles {
  readonly p50: number
  readonly p99: number
}

/** @param times - milliseconds. */
export function percentiles(times: readonly number[]): Percentiles {
  const sorted = times.toSorted((a, b) => a - b)
  const at = (part: number) => round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0)
  return { p50: at(0.5), p99: at(0.99) }
}

/** To two decimals. */
export function round(value: number): number {
  return Math.round(value * 100) / 100
}
