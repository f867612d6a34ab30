/** One number a network sees: its name and how it comes about, about -1 to 1. */
export type Feature<Facts> = readonly [name: string, value: (facts: Facts) => number]

/** A share of `most`, at most 1. */
export function upTo(value: number, most: number): number {
  return Math.min(1, Math.max(0, value / most))
}

export function flag(value: boolean): number {
  return value ? 1 : 0
}
