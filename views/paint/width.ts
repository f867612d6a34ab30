import stringWidth from 'string-width'
import { repeat, type SafeText, safeText } from '../../src/lib/safe-text.ts'

/**
 * Anything but characters of one UTF-16 unit and one cell that never join a neighbour: ASCII, Latin, Greek, punctuation, arrows,
 * mathematical signs, control pictures, box drawing, blocks, ★, braille. Nearly all that is drawn needs no segmenter.
 */
const notNarrow =
  /[^\x20-\x7e\u00a1-\u00ac\u00ae-\u02ff\u0391-\u03c9\u2010-\u2027\u2030-\u205e\u2190-\u22ff\u2400-\u2426\u2500-\u25fc\u2605\u2801-\u28ff]/
const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' })
const ELLIPSIS = safeText('…')
const SPACE = safeText(' ')

/** One grapheme and the terminal cells it takes (1 or 2). */
export interface Grapheme {
  readonly text: string
  readonly cells: number
}

/** Whether every UTF-16 unit of a safe text is one character in one cell. */
export function isNarrow(text: SafeText): boolean {
  return !notNarrow.test(text)
}

/** Terminal cells a safe text takes. */
export function cells(text: SafeText): number {
  return notNarrow.test(text) ? stringWidth(text) : text.length
}

/** The graphemes of a safe text with their widths, in order; a grapheme of width 0 is given a cell, so that it cannot hide. */
export function* graphemes(text: SafeText): Generator<Grapheme> {
  for (const { segment } of segmenter.segment(text)) yield { text: segment, cells: Math.max(1, stringWidth(segment)) }
}

/** The longest beginning of a text that fits `width` cells; ends in `…` when something was left out. */
export function clip(text: SafeText, width: number): SafeText {
  if (width <= 0) return safeText('')
  if (!notNarrow.test(text)) return text.length <= width ? text : (`${text.slice(0, width - 1)}…` as SafeText)
  // Each grapheme has at least one cell, so a short text needs no measuring of its far end.
  let kept = ''
  let used = 0
  let end = 0
  for (const grapheme of graphemes(text)) {
    used += grapheme.cells
    if (used > width) return (kept.slice(0, end) + ELLIPSIS) as SafeText
    kept += grapheme.text
    if (used <= width - 1) end = kept.length
  }
  return kept as SafeText
}

/** The end of a text that fits `width` cells, for paths and other texts whose end says more; starts with `…` when cut. */
export function clipStart(text: SafeText, width: number): SafeText {
  if (cells(text) <= width) return text
  if (width <= 0) return safeText('')
  let kept = ''
  let used = 0
  for (const grapheme of [...graphemes(text)].reverse()) {
    used += grapheme.cells
    if (used > width - 1) break
    kept = grapheme.text + kept
  }
  return (ELLIPSIS + kept) as SafeText
}

/** A text of exactly `width` cells: clipped, or filled with spaces on the side away from `align`. */
export function pad(text: SafeText, width: number, align: 'left' | 'right' = 'left'): SafeText {
  const clipped = clip(text, width)
  const fill = repeat(SPACE, width - cells(clipped))
  return (align === 'left' ? clipped + fill : fill + clipped) as SafeText
}

/** A text broken into lines of at most `width` cells, at spaces where there are any; never empty. */
export function wrap(text: SafeText, width: number): SafeText[] {
  const room = Math.max(1, width)
  const lines: string[] = []
  let line = ''
  let used = 0
  for (const word of text.split(/(?<= )(?=[^ ])/)) {
    const size = cells(word as SafeText)
    if (used > 0 && used + cells(word.trimEnd() as SafeText) > room) {
      lines.push(line)
      line = ''
      used = 0
    }
    if (size <= room - used) {
      line += word
      used += size
      continue
    }
    for (const grapheme of graphemes(word as SafeText)) {
      if (used + grapheme.cells > room) {
        lines.push(line)
        line = ''
        used = 0
      }
      line += grapheme.text
      used += grapheme.cells
    }
  }
  return [...lines, line] as SafeText[]
}
