import type { Rect, Row, Span } from './row.ts'
import type { SafeText } from '../../src/lib/safe-text.ts'
import { styleId } from './style.ts'
import { graphemes, isNarrow } from './width.ts'

/** The cell holds the second half of the wide character to its left. */
export const CONTINUATION = 0xffffffff
/** The cell holds nobody knows what. */
const UNKNOWN = 0xfffffffe
/** Codes from here on stand for graphemes of several code points. */
const INTERNED = 0x110000
const MAX_INTERNED = 50_000
const BLANK = 0x20

/** Graphemes of several code points, by code; shared by all grids so that equal codes mean equal text. */
const interned = new Map<string, number>()
const internedTexts: string[] = []

/** A screenful of cells in typed arrays: a character code and a style id (style.ts) each. */
export class Grid {
  readonly columns: number
  readonly rows: number
  readonly #codes: Uint32Array
  readonly #styles: Uint8Array

  constructor(columns: number, rows: number) {
    this.columns = Math.max(0, columns)
    this.rows = Math.max(0, rows)
    this.#codes = new Uint32Array(this.columns * this.rows).fill(BLANK)
    this.#styles = new Uint8Array(this.columns * this.rows)
  }

  /** Makes every cell blank. */
  clear(): void {
    this.#codes.fill(BLANK)
    this.#styles.fill(0)
  }

  /** Makes every cell differ from any cell of another grid. */
  forget(): void {
    this.#codes.fill(UNKNOWN)
  }

  at(x: number, y: number): number {
    return x < this.columns ? (this.#codes[y * this.columns + x] ?? BLANK) : BLANK
  }

  styleAt(x: number, y: number): number {
    return this.#styles[y * this.columns + x] ?? 0
  }

  textAt(x: number, y: number): string {
    return textOf(this.at(x, y))
  }

  differsAt(other: Grid, x: number, y: number): boolean {
    const index = y * this.columns + x
    return this.#codes[index] !== other.#codes[index] || this.#styles[index] !== other.#styles[index]
  }

  /** Whether terminals differ about how wide the cell's character is. */
  unsureAt(x: number, y: number): boolean {
    const code = this.at(x, y)
    return code > 0x2ff && code < UNKNOWN && !hasAgreedWidth(code)
  }

  /** Draws rows into a rectangle; what is beyond it or beyond the grid is cut, what they leave free becomes blank. */
  place(rect: Rect, rows: readonly Row[]): void {
    const right = Math.min(rect.x + rect.width, this.columns)
    const bottom = Math.min(rect.y + rect.height, this.rows)
    for (let y = Math.max(0, rect.y); y < bottom; y++) this.#placeRow(rows[y - rect.y] ?? [], rect.x, right, y)
  }

  #placeRow(row: Row, left: number, right: number, y: number): void {
    let x = left
    this.#mend(left, y)
    for (const part of row) x = this.#placeSpan(part, x, right, y)
    for (; x < right; x++) this.#set(x, y, BLANK, 0)
    this.#mend(right, y)
  }

  #placeSpan(part: Span, from: number, right: number, y: number): number {
    const style = styleId(part.style, part.selected === true)
    return !isNarrow(part.text)
      ? this.#placeWide(part.text, style, from, right, y)
      : this.#placeNarrow(part.text, style, from, right, y)
  }

  #placeNarrow(text: SafeText, style: number, from: number, right: number, y: number): number {
    const end = Math.min(from + text.length, right)
    for (let x = from; x < end; x++) this.#set(x, y, text.charCodeAt(x - from), style)
    return Math.max(from, end)
  }

  #placeWide(text: SafeText, style: number, from: number, right: number, y: number): number {
    let x = from
    for (const grapheme of graphemes(text)) {
      if (x >= right) break
      // A wide character that only half fits gives its place to a blank.
      const fits = x + grapheme.cells <= right
      this.#set(x, y, fits ? codeOf(grapheme.text) : BLANK, style)
      for (let half = 1; fits && half < grapheme.cells; half++) this.#set(x + half, y, CONTINUATION, style)
      x += fits ? grapheme.cells : 1
    }
    return x
  }

  /** Blanks what would be left of a wide character cut in two at column `x`. */
  #mend(x: number, y: number): void {
    if (x <= 0 || this.at(x, y) !== CONTINUATION) return
    this.#set(x, y, BLANK, 0)
    let start = x - 1
    while (start > 0 && this.at(start, y) === CONTINUATION) start--
    for (let cell = start; cell < x; cell++) this.#set(cell, y, BLANK, 0)
  }

  #set(x: number, y: number, code: number, style: number): void {
    if (x < 0 || x >= this.columns) return
    const index = y * this.columns + x
    this.#codes[index] = code
    this.#styles[index] = style
  }
}

function codeOf(grapheme: string): number {
  const code = grapheme.codePointAt(0) ?? BLANK
  if (grapheme.length === (code > 0xffff ? 2 : 1)) return code
  const known = interned.get(grapheme)
  if (known !== undefined) return known
  // Hostile text can hold endless different ones; past a bound only the base is drawn.
  if (internedTexts.length >= MAX_INTERNED) return code
  interned.set(grapheme, INTERNED + internedTexts.length)
  return INTERNED + internedTexts.push(grapheme) - 1
}

function textOf(code: number): string {
  if (code < INTERNED) return String.fromCodePoint(code)
  return internedTexts[code - INTERNED] ?? ' '
}

function hasAgreedWidth(code: number): boolean {
  return (
    (code >= 0x370 && code <= 0x52f) ||
    (code >= 0x2010 && code <= 0x22ff) ||
    (code >= 0x2400 && code <= 0x25ff && code !== 0x25fd && code !== 0x25fe) ||
    (code >= 0x2801 && code <= 0x28ff) ||
    (code >= 0x3041 && code <= 0x30ff) ||
    (code >= 0x4e00 && code <= 0x9fff) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    code === 0x2605
  )
}
