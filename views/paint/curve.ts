import type { Axis } from './axis.ts'
import { type DotCanvas, DOTS_HIGH, DOTS_WIDE } from './braille.ts'

/** Values over ascending counts; the first `length` of both arrays count, and a value that is not finite is a gap. */
export interface Points {
  readonly x: Float64Array
  readonly y: Float64Array
  readonly length: number
}

/** Where values are drawn on a canvas. */
export interface Plot {
  readonly canvas: DotCanvas
  readonly xAxis: Axis
  readonly yAxis: Axis
}

/** Where a curve came to lie: per column of cells the row of its last dot, in dots; -1 where it is not. */
export type CurveTrace = Int16Array

/**
 * Draws a curve: each column of dots holds everything from the lowest to the highest of its values, so that no spike is lost however
 * many points share a column, and neighbours are joined by a line. Each point is looked at once.
 */
export function drawCurve(plot: Plot, points: Points, ink: number): CurveTrace {
  const { canvas, xAxis, yAxis } = plot
  const trace = new Int16Array(canvas.width).fill(-1)
  const right = canvas.width * DOTS_WIDE - 1
  const bottom = canvas.height * DOTS_HIGH - 1
  const { x, y, length } = points
  const scale = right / (xAxis.high - xAxis.low)
  const isLog = Number.isNaN(yAxis.place(-1))
  const pen = new Pen(canvas, ink, trace, (value) => bottom - Math.round(clamp01(yAxis.place(value)) * bottom))
  for (let at = 0; at < length; at++) {
    const value = y[at] ?? Number.NaN
    if (value - value !== 0 || (isLog && value <= 0)) {
      pen.lift()
      continue
    }
    const column = Math.round(((x[at] ?? Number.NaN) - xAxis.low) * scale)
    if (column >= 0 && column <= right) pen.to(column, value)
  }
  pen.lift()
  return trace
}

/** Gathers the values of one column of dots and draws them when the next one begins. */
class Pen {
  readonly #canvas: DotCanvas
  readonly #ink: number
  readonly #trace: CurveTrace
  readonly #rowOf: (value: number) => number
  #column = -1
  #first = 0
  #last = 0
  #low = 0
  #high = 0
  /** The last dot drawn, while the line goes on from there. */
  #from: { readonly column: number; readonly row: number } | undefined

  constructor(canvas: DotCanvas, ink: number, trace: CurveTrace, rowOf: (value: number) => number) {
    this.#canvas = canvas
    this.#ink = ink
    this.#trace = trace
    this.#rowOf = rowOf
  }

  to(column: number, value: number): void {
    if (column !== this.#column) {
      this.#draw()
      this.#column = column
      this.#first = value
      this.#low = value
      this.#high = value
    } else {
      if (value < this.#low) this.#low = value
      if (value > this.#high) this.#high = value
    }
    this.#last = value
  }

  /** Ends the line: what follows is not joined to it. */
  lift(): void {
    this.#draw()
    this.#column = -1
    this.#from = undefined
  }

  #draw(): void {
    if (this.#column < 0) return
    if (this.#from !== undefined) this.#join(this.#from, this.#rowOf(this.#first))
    this.#stroke(this.#column, this.#rowOf(this.#high), this.#rowOf(this.#low))
    const row = this.#rowOf(this.#last)
    this.#trace[this.#column >> 1] = row
    this.#from = { column: this.#column, row }
  }

  /** The line from an earlier column to the first value of this one. */
  #join(from: { readonly column: number; readonly row: number }, row: number): void {
    const slope = (row - from.row) / (this.#column - from.column)
    let before = from.row
    for (let column = from.column + 1; column <= this.#column; column++) {
      const next = Math.round(from.row + slope * (column - from.column))
      // One dot short of where the line already is: a slope is a line, not a staircase of blocks.
      this.#stroke(column, before + Math.sign(next - before), next)
      this.#trace[column >> 1] = next
      before = next
    }
  }

  #stroke(column: number, from: number, to: number): void {
    this.#canvas.stroke(column, from, to, this.#ink)
  }
}

/** The position of the point nearest to a count; -1: there are no points. */
export function nearestPoint({ x, length }: Points, count: number): number {
  if (length === 0) return -1
  let low = 0
  let high = length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((x[middle] ?? 0) < count) low = middle + 1
    else high = middle
  }
  if (low === 0) return 0
  if (low === length) return length - 1
  return count - (x[low - 1] ?? 0) <= (x[low] ?? 0) - count ? low - 1 : low
}

function clamp01(part: number): number {
  return part < 0 ? 0 : part > 1 ? 1 : part
}
