/** Dots of a braille character by row and column: U+2800 plus these bits. */
const BITS = Uint8Array.of(0x01, 0x08, 0x02, 0x10, 0x04, 0x20, 0x40, 0x80)
const UPPER_HALF = 0x1b

/** Dots in a cell, sideways and downwards. */
export const DOTS_WIDE = 2
export const DOTS_HIGH = 4

/**
 * A field of cells with 2×4 dots each, drawn on with inks: small numbers from 1. In one cell the dots of several curves mix and show
 * the ink that came last; dots of a background ink vanish where a curve is drawn over them.
 */
export class DotCanvas {
  readonly width: number
  readonly height: number
  readonly #dots: Uint8Array
  readonly #inks: Uint8Array
  readonly #backgrounds: number

  /** @param backgrounds - inks 1 … `backgrounds` lie behind all others. */
  constructor(width: number, height: number, backgrounds = 0) {
    this.width = Math.max(0, width)
    this.height = Math.max(0, height)
    this.#dots = new Uint8Array(this.width * this.height)
    this.#inks = new Uint8Array(this.width * this.height)
    this.#backgrounds = backgrounds
  }

  /** Sets the dots of column `x` from row `from` to row `to`, in either order; what lies outside is left out. */
  stroke(x: number, from: number, to: number, ink: number): void {
    if (x < 0 || x >= this.width * DOTS_WIDE) return
    const top = Math.max(0, Math.min(from, to))
    const bottom = Math.min(this.height * DOTS_HIGH - 1, Math.max(from, to))
    for (let y = top; y <= bottom; y++) this.#set(x, y, ink)
  }

  /** The dots of a cell as bits; 0: it is empty. */
  dotsAt(column: number, row: number): number {
    return this.#dots[row * this.width + column] ?? 0
  }

  /** The ink of a cell; 0: it is empty. */
  inkAt(column: number, row: number): number {
    return this.#inks[row * this.width + column] ?? 0
  }

  #set(x: number, y: number, ink: number): void {
    const index = (y >> 2) * this.width + (x >> 1)
    const before = this.#inks[index] ?? 0
    if (ink <= this.#backgrounds && before > this.#backgrounds) return
    const covers = before !== 0 && before <= this.#backgrounds && ink > this.#backgrounds
    const kept = covers ? 0 : (this.#dots[index] ?? 0)
    this.#dots[index] = kept | (BITS[(y & 3) * DOTS_WIDE + (x & 1)] ?? 0)
    this.#inks[index] = ink
  }
}

/** The dots of a cell as a braille character, or in ASCII by the half of the cell they are in. */
export function dotsText(dots: number, ascii: boolean): string {
  if (dots === 0) return ' '
  if (!ascii) return String.fromCharCode(0x2800 + dots)
  const isUpper = (dots & UPPER_HALF) !== 0
  if ((dots & ~UPPER_HALF & 0xff) === 0) return "'"
  return isUpper ? ':' : '.'
}
