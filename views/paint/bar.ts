import { type SafeText, safeText } from '../../src/lib/safe-text.ts'
import type { Row } from './row.ts'

/** Characters of a bar: filled, and empty. */
export interface BarGlyphs {
  readonly full: string
  readonly empty: string
}

const BLOCKS: BarGlyphs = { full: '█', empty: '░' }
const ASCII: BarGlyphs = { full: '#', empty: '.' }

/** Block glyphs, or ASCII where the locale is not UTF-8. */
export function barGlyphs(env: Readonly<Record<string, string | undefined>>): BarGlyphs {
  return isAsciiOnly(env) ? ASCII : BLOCKS
}

/** Whether the locale says that the terminal shows no UTF-8. */
export function isAsciiOnly(env: Readonly<Record<string, string | undefined>>): boolean {
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || ''
  return locale === 'C' || locale === 'POSIX' || /iso-?8859|ascii/i.test(locale)
}

/**
 * A rate as a bar of exactly `width` cells, e.g. `███░░░░`. A rate above 0 shows at least one full cell and one below 1 at least
 * one empty cell, so that "all" and "none" are never rounded into existence.
 *
 * @param rate - a fraction in [0, 1]; `undefined` = unknown, drawn as dots.
 */
export function rateBar(rate: number | undefined, width: number, glyphs: BarGlyphs = BLOCKS): SafeText {
  if (width <= 0) return safeText('')
  if (rate === undefined || Number.isNaN(rate)) return safeText('·'.repeat(width))
  const full = rate <= 0 ? 0 : rate >= 1 ? width : Math.max(1, Math.min(width - 1, Math.round(rate * width)))
  return safeText(glyphs.full.repeat(full) + glyphs.empty.repeat(width - full))
}

/** A rate as `41 %`, right-aligned in 5 cells; `–` when unknown. */
export function percent(rate: number | undefined): SafeText {
  if (rate === undefined || Number.isNaN(rate)) return safeText('  –  ')
  const rounded = rate > 0 && rate < 0.005 ? 1 : rate < 1 && rate > 0.995 ? 99 : Math.round(rate * 100)
  return safeText(`${String(rounded).padStart(3)} %`)
}

/** Parts of a whole as one bar of exactly `width` cells (review progress): each part at least one cell when it is not 0 and there is room. */
export function stackedBar(parts: readonly StackedPart[], width: number): Row {
  const total = parts.reduce((sum, part) => sum + part.count, 0)
  const row: { text: SafeText; style: StackedPart['style'] }[] = []
  let used = 0
  let seen = 0
  let after = parts.filter((part) => part.count > 0).length
  for (const part of parts) {
    if (part.count === 0) continue
    seen += part.count
    after--
    // Rounding must not take the last cell of a part that is still to come.
    const size = Math.max(1, Math.min(Math.round((seen / total) * width), width - after) - used)
    row.push({ text: safeText(part.glyph.repeat(size)), style: part.style })
    used += size
  }
  return used < width ? [...row, { text: safeText(' '.repeat(width - used)), style: 'plain' }] : row
}

/** One part of a stacked bar; `glyph` tells it apart without colour. */
export interface StackedPart {
  readonly count: number
  readonly glyph: string
  readonly style: Row[number]['style']
}
