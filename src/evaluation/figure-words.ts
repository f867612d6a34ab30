import type { Difference } from './paired-difference.ts'

/** `p = .034`; a p that is no certainty never reads as one. */
export function pText(p: number): string {
  if (p < 0.001) return 'p < .001'
  return p >= 0.9995 ? 'p = 1' : `p = ${p.toFixed(3).replace(/^0/, '')}`
}

/** A difference of rates in percentage points with its interval: `+42 points [21, 58]`. */
export function pointsText({ delta, low, high }: Difference): string {
  const points = Math.round(delta * 100)
  return `${points > 0 ? '+' : ''}${points} points [${Math.round(low * 100)}, ${Math.round(high * 100)}]`
}
