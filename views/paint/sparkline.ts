import { type SafeText, safeText } from '../../src/lib/safe-text.ts'

const BLOCKS = '▁▂▃▄▅▆▇█'
const ASCII = '_.-=*%#@'

/** The newest `width` values as one line of bars between the lowest and the highest of them; values that are not finite are blanks. */
export function sparkline(values: readonly number[], width: number, ascii: boolean): SafeText {
  const shown = values.slice(-Math.max(0, width))
  const finite = shown.filter((value) => Number.isFinite(value))
  const [low, high] = [Math.min(...finite), Math.max(...finite)]
  const levels = ascii ? ASCII : BLOCKS
  const bars = shown.map((value) => {
    if (!Number.isFinite(value)) return ' '
    const part = high > low ? (value - low) / (high - low) : 0.5
    return levels.charAt(Math.round(part * (levels.length - 1)))
  })
  return safeText(bars.join(''))
}
