import type { Rate } from '../../src/evaluation/report.ts'
import { type SafeText, safeText } from '../../src/lib/safe-text.ts'
import { percent } from '../paint/bar.ts'

/** Cells of `42 % [29, 100]`, right-aligned parts. */
export const RATE_CELLS = 15

/** A rate with its interval in exactly `RATE_CELLS` cells; `–` where nothing is known. */
export function rateText(rate: Rate): SafeText {
  return safeText(`${percent(known(rate))} ${intervalText(rate)}`.padEnd(RATE_CELLS))
}

/** `[29, 56]`, percent. */
export function intervalText({ low, high, total }: Rate): string {
  return total === 0 ? '' : `[${Math.round(low * 100)}, ${Math.round(high * 100)}]`
}

/** The rate, or `undefined` where nothing is known. */
export function known({ rate, total }: Rate): number | undefined {
  return total === 0 ? undefined : rate
}

/**
 * An interval on a scale of `width` cells from `from` to `to`: `··───●──···`; `zero` marks 0 with `│` where it lies inside the scale.
 */
export function intervalBar(
  { low, value, high }: { readonly low: number; readonly value: number; readonly high: number },
  width: number,
  { from, to }: { readonly from: number; readonly to: number } = { from: 0, to: 1 },
): SafeText {
  const cell = (at: number): number =>
    Math.max(0, Math.min(width - 1, Math.round(((at - from) / (to - from)) * (width - 1))))
  const cells = Array.from({ length: Math.max(0, width) }, (_, at): string =>
    at >= cell(low) && at <= cell(high) ? '─' : '·',
  )
  if (from < 0 && to > 0) cells[cell(0)] = cells[cell(0)] === '─' ? '┼' : '│'
  cells[cell(value)] = '●'
  return safeText(cells.join(''))
}
