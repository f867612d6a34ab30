/** A 95 % interval; what it is of says whether it is of rates or of differences. */
export interface Interval {
  readonly low: number
  readonly high: number
}

/** Resamples of every bootstrap. */
export const DRAWS = 2_000
/** The one seed: the same data have the same interval, whoever asks, whenever. */
const SEED = 0x5ea1
/** Shares of the resamples left out at either end. */
const TAILS = [0.025, 0.975] as const

/** Uniform numbers in [0, 1), the same ones for the same seed (mulberry32). */
export function seededNumbers(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/**
 * Percentile bootstrap: a statistic of 2,000 resamples of things of one or more sorts, each drawn with replacement apart from the other
 * sorts.
 * @param sizes - how many things there are of each sort; each > 0.
 * @param statistic - given the places drawn of each sort; the arrays are used again for the next resample.
 */
export function bootstrap(
  sizes: readonly number[],
  statistic: (drawn: readonly Uint32Array[]) => number,
  draws = DRAWS,
): Interval {
  const random = seededNumbers(SEED)
  const drawn = sizes.map((size) => new Uint32Array(size))
  const values = new Float64Array(draws)
  for (let draw = 0; draw < draws; draw++) {
    for (const places of drawn)
      for (let at = 0; at < places.length; at++) places[at] = Math.floor(random() * places.length)
    values[draw] = statistic(drawn)
  }
  values.sort()
  return { low: quantile(values, TAILS[0]), high: quantile(values, TAILS[1]) }
}

/** The value below which a share of sorted values lies, interpolated (type 7 of Hyndman and Fan, what numpy and R do). */
export function quantile(sorted: Float64Array, share: number): number {
  const at = (sorted.length - 1) * share
  const below = sorted[Math.floor(at)] ?? 0
  return below + ((sorted[Math.ceil(at)] ?? below) - below) * (at - Math.floor(at))
}
