import { safeText } from '../../src/lib/safe-text.ts'
import { type Axis, clockAxis, countAxis, linearAxis, logAxis, partAxis } from './axis.ts'
import { isAsciiOnly } from './bar.ts'
import { DotCanvas, DOTS_HIGH, DOTS_WIDE, dotsText } from './braille.ts'
import { CellRow, cutRow } from './cell-row.ts'
import { type CurveTrace, drawCurve, nearestPoint, type Points } from './curve.ts'
import { figureText } from './figure-text.ts'
import { fitRow, fitRows, type Row, rowCells, type Span, span, spreadRow } from './row.ts'
import { smoothed } from './smoothing.ts'
import type { StyleName } from './style.ts'
import { isNarrow, pad } from './width.ts'

/** One curve of a chart; texts are raw. */
export interface ChartSeries extends Points {
  /** Its word in the legend. */
  readonly label: string
  readonly style: StyleName
}

/** Something that happened at a count: a `line` through the chart with a word at its top, a `tick` on the axis, or an `alarm` there. */
export interface ChartMark {
  readonly x: number
  readonly type: 'line' | 'tick' | 'alarm'
  readonly label?: string
}

/** Signs a chart is drawn with. */
export interface ChartGlyphs {
  readonly ascii: boolean
  readonly side: string
  readonly tick: string
  readonly corner: string
  readonly floor: string
  readonly mark: string
  readonly event: string
  readonly alarm: string
  readonly cursor: string
  readonly pointer: string
}

/** What is drawn, on exactly `width` × `height` cells: a title with the legend, the curves, and the axis of counts. */
export interface Chart {
  readonly title: string
  readonly series: readonly ChartSeries[]
  readonly width: number
  readonly height: number
  /** Ends of the axis of counts. */
  readonly from: number
  readonly to: number
  /** What lies along it: counts (absent), parts of them, or seconds. */
  readonly along?: 'counts' | 'parts' | 'seconds'
  readonly log?: boolean
  /** What the moving average keeps of itself, a fraction in [0, 1); the curve as it was stays behind it, faint. */
  readonly smoothing?: number
  readonly marks?: readonly ChartMark[]
  /** The count whose values the legend says; absent: the last ones. */
  readonly cursor?: number
  readonly selected?: boolean
  readonly glyphs?: ChartGlyphs
}

const BRAILLE: ChartGlyphs = {
  ascii: false,
  side: '│',
  tick: '┤',
  corner: '└',
  floor: '─',
  mark: '┆',
  event: '┴',
  alarm: '▲',
  cursor: '│',
  pointer: '›',
}
const ASCII: ChartGlyphs = {
  ascii: true,
  side: '|',
  tick: '+',
  corner: '+',
  floor: '-',
  mark: ':',
  event: '^',
  alarm: '!',
  cursor: '|',
  pointer: '>',
}

const ALONG = { counts: countAxis, parts: partAxis, seconds: clockAxis }

/** Cells left of the curves: a label and the axis. */
const LABEL = 7
const GUTTER = LABEL + 1
/** Cells of curve between two letters on it. */
const LETTER_EVERY = 16
const TICK_CELLS = 9
/** Fewest cells for each tick of something that happened. */
const MIN_EVENT_CELLS = 3
/** Curves that letters tell apart. */
const MAX_LETTERS = 26

/** Braille, or ASCII where the locale is not UTF-8. */
export function chartGlyphs(env: Readonly<Record<string, string | undefined>>): ChartGlyphs {
  return isAsciiOnly(env) ? ASCII : BRAILLE
}

/** A chart as rows; pure, and the cost grows with the number of points, not with the size. */
export function chartRows(chart: Chart): Row[] {
  const { width, height, glyphs = BRAILLE } = chart
  const lines = Math.max(0, height - 2)
  const columns = Math.max(0, width - GUTTER)
  const range = valueRange(chart)
  const xAxis = ALONG[chart.along ?? 'counts'](chart.from, chart.to, Math.max(1, Math.floor(columns / TICK_CELLS)))
  const rows = [titleRow(chart, range.hidden)]
  if (lines > 0 && columns > 0) {
    const ticks = Math.max(2, Math.floor(lines / 3))
    const yAxis = (chart.log === true ? logAxis : linearAxis)(range.low, range.high, ticks)
    rows.push(...plotRows(chart, new Picture(chart, xAxis, yAxis, columns, lines), range))
  }
  rows.push(axisRow(chart, xAxis, columns, glyphs))
  return fitRows(rows, height).map((row) => fitRow(row, width))
}

/** The point nearest to the cursor, or the last one. */
export function readOut(
  series: Points,
  cursor: number | undefined,
): { readonly x: number; readonly y: number } | undefined {
  const at = cursor === undefined ? series.length - 1 : nearestPoint(series, cursor)
  const [x, y] = [series.x[at], series.y[at]]
  return x === undefined || y === undefined ? undefined : { x, y }
}

/** The letter of a curve where a chart has several. */
export function curveLetter(index: number, count: number): string {
  return count > 1 && index < MAX_LETTERS ? String.fromCharCode(0x61 + index) : ''
}

interface ValueRange {
  readonly low: number
  readonly high: number
  /** Values that a logarithm cannot show. */
  readonly hidden: number
  readonly isEmpty: boolean
}

function valueRange({ series, log = false, from, to }: Chart): ValueRange {
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  let hidden = 0
  for (const { x, y, length } of series) {
    for (let at = 0; at < length; at++) {
      const value = y[at] ?? Number.NaN
      const count = x[at] ?? Number.NaN
      if (value - value !== 0 || !(count >= from && count <= to)) continue
      if (log && value <= 0) {
        hidden++
        continue
      }
      if (value < low) low = value
      if (value > high) high = value
    }
  }
  const isEmpty = low > high
  return isEmpty ? { low: log ? 1 : 0, high: log ? 10 : 1, hidden, isEmpty } : { low, high, hidden, isEmpty }
}

/** The curves on their canvas, with everything the cells between them hold. */
class Picture {
  readonly canvas: DotCanvas
  readonly xAxis: Axis
  readonly yAxis: Axis
  /** Styles and letters by ink. */
  readonly styles: StyleName[] = ['plain']
  readonly letters: string[] = ['']
  /** Letters that stand on the curves, by cell. */
  readonly placed = new Map<number, number>()

  constructor(chart: Chart, xAxis: Axis, yAxis: Axis, columns: number, lines: number) {
    const { series, smoothing = 0 } = chart
    const faint = smoothing > 0 ? series.length : 0
    this.canvas = new DotCanvas(columns, lines, faint)
    this.xAxis = xAxis
    this.yAxis = yAxis
    if (faint > 0) for (const each of series) this.#draw(each, 'muted', '')
    series.forEach((each, index) => {
      const letter = curveLetter(index, series.length)
      const y = smoothed(each.y, each.length, smoothing)
      const trace = this.#draw({ ...each, y }, each.style, letter)
      if (letter !== '' && chart.glyphs?.ascii !== true) this.#letter(trace, index, series.length)
    })
  }

  #draw(points: Points, style: StyleName, letter: string): CurveTrace {
    this.styles.push(style)
    this.letters.push(letter)
    return drawCurve(this, points, this.styles.length - 1)
  }

  /** Letters on a curve: at its end, and here and there where no other curve has its own. */
  #letter(trace: CurveTrace, index: number, count: number): void {
    const ink = this.styles.length - 1
    const shift = Math.floor(((index + 0.5) * LETTER_EVERY) / count)
    const end = trace.findLastIndex((row) => row >= 0)
    const columns = [
      ...Array.from({ length: Math.ceil(trace.length / LETTER_EVERY) }, (_, at) => at * LETTER_EVERY + shift),
      end,
    ]
    for (const column of columns) {
      const row = trace[column] ?? -1
      const cell = Math.floor(row / DOTS_HIGH) * this.canvas.width + column
      if (row >= 0 && column <= end && !this.placed.has(cell)) this.placed.set(cell, ink)
    }
  }
}

function plotRows(chart: Chart, picture: Picture, range: ValueRange): Row[] {
  const { glyphs = BRAILLE, marks = [], cursor } = chart
  const { canvas, xAxis, yAxis } = picture
  const columnOf = (x: number) => cellOf(xAxis.place(x), canvas.width, DOTS_WIDE)
  const lines = new Map(marks.filter(({ type }) => type === 'line').map((mark) => [columnOf(mark.x), mark] as const))
  const cursorColumn = cursor === undefined ? -1 : columnOf(cursor)
  const labels = new Map<number, string>()
  for (const { value, text } of yAxis.ticks) {
    const line = canvas.height - 1 - cellOf(yAxis.place(value), canvas.height, DOTS_HIGH)
    if (!labels.has(line)) labels.set(line, text)
  }
  return Array.from({ length: canvas.height }, (_, line): Row => {
    const label = labels.get(line)
    const side = `${(label ?? '').padStart(LABEL)}${label === undefined ? glyphs.side : glyphs.tick}`
    const row = new CellRow()
    for (let column = 0; column < canvas.width; column++) {
      const isCursor = column === cursorColumn
      const dots = canvas.dotsAt(column, line)
      const ink = canvas.inkAt(column, line)
      const letter = picture.placed.get(line * canvas.width + column)
      if (letter !== undefined) row.add(picture.letters[letter] ?? '', picture.styles[letter] ?? 'plain', isCursor)
      else if (dots !== 0) row.add(dotText(picture, dots, ink, glyphs), picture.styles[ink] ?? 'plain', isCursor)
      else if (isCursor) row.add(glyphs.cursor, 'accent', false)
      else row.add(lines.has(column) ? glyphs.mark : ' ', 'muted', false)
    }
    const cells = line === 0 ? withLabels(row.spans(), lines, canvas.width) : row.spans()
    const isMiddle = range.isEmpty && line === Math.floor((canvas.height - 1) / 2)
    return [span(side, 'muted'), ...(isMiddle ? [span(` ${emptyText(range)}`, 'muted')] : cells)]
  })
}

function dotText(picture: Picture, dots: number, ink: number, { ascii }: ChartGlyphs): string {
  const letter = picture.letters[ink] ?? ''
  return ascii && letter !== '' ? letter : dotsText(dots, ascii)
}

function emptyText({ hidden }: ValueRange): string {
  return hidden > 0 ? 'nothing above 0 to show on a log scale' : 'no values yet'
}

/** The words of marks on the top line, where no curve is in their way. */
function withLabels(cells: Row, marks: ReadonlyMap<number, ChartMark>, width: number): Row {
  let row = cells
  for (const [column, { label }] of marks) {
    if (label === undefined) continue
    const text = safeText(label, 12)
    const end = column + 1 + text.length
    if (end > width || !isNarrow(text)) continue
    const [before, under, after] = [cutRow(row, 0, column + 1), cutRow(row, column + 1, end), cutRow(row, end, width)]
    if (under.every((part) => part.text.trim() === '')) row = [...before, { text, style: 'muted' }, ...after]
  }
  return row
}

/** Title, then each curve with its letter and value at the cursor; on the right how the scale hides something. */
function titleRow(chart: Chart, hidden: number): Row {
  const { title, selected = false, log = false, width, glyphs = BRAILLE } = chart
  const name: Span = {
    text: safeText(`${selected ? glyphs.pointer : ' '}${title}`, 200),
    style: selected ? 'title' : 'bold',
  }
  const scale = log ? (hidden > 0 ? ` log, ${hidden} ≤ 0 left out` : ' log') : ''
  const legends = [legend(chart, '  ', true), legend(chart, ' ', true), legend(chart, ' ', false)]
  const room = width - rowCells([name]) - scale.length
  const values = legends.find((each) => rowCells(each) <= room) ?? legends.at(-1) ?? []
  return spreadRow([name, ...values], [span(scale, hidden > 0 ? 'warn' : 'muted')], width)
}

/** Letter, word and value of each curve; the words only where there are several curves. */
function legend({ series, cursor }: Chart, gap: string, labelled: boolean): Row {
  return series.flatMap((each, index): Span[] => {
    const letter = curveLetter(index, series.length)
    const value = figureText(readOut(each, cursor)?.y)
    if (letter === '') return [span(`${gap}${value}`)]
    return [
      span(gap),
      span(letter, each.style),
      { text: safeText(labelled ? ` ${each.label}` : '', 40), style: 'muted' },
      span(` ${value}`),
    ]
  })
}

/** The axis of counts, its labels and the ticks of what happened in it. */
function axisRow({ marks = [], cursor }: Chart, xAxis: Axis, columns: number, glyphs: ChartGlyphs): Row {
  const cells = Array.from({ length: columns }, () => glyphs.floor)
  const events = marks.filter(({ x, type }) => type === 'tick' && x >= xAxis.low && x <= xAxis.high)
  // An axis full of ticks says nothing.
  if (events.length <= columns / MIN_EVENT_CELLS)
    for (const { x } of events) cells[cellOf(xAxis.place(x), columns, DOTS_WIDE)] = glyphs.event
  const alarms = alarmColumns(marks, xAxis, columns)
  for (const column of alarms) cells[column] = glyphs.alarm
  // Few alarms take the place of a label; many would leave none.
  const keepsAlarms = alarms.length <= columns / TICK_CELLS
  let free = 0
  for (const { value, text } of xAxis.ticks) {
    const start = Math.min(columns - text.length, cellOf(xAxis.place(value), columns, DOTS_WIDE))
    const end = start + text.length
    if (start < free || (keepsAlarms && alarms.some((column) => column >= start && column < end))) continue
    cells.splice(start, text.length, ...text.split(''))
    free = end + 1
  }
  const at = cursor === undefined ? -1 : cellOf(xAxis.place(cursor), columns, DOTS_WIDE)
  const line = (from: number, to: number) => span(cells.slice(from, to).join(''), 'muted')
  const gutter: Span = { text: pad(safeText(glyphs.corner), GUTTER, 'right'), style: 'muted' }
  if (at < 0) return [gutter, line(0, columns)]
  return [gutter, line(0, at), { ...span(cells[at] ?? '', 'accent'), selected: true }, line(at + 1, columns)]
}

/** Columns with an alarm, each once. */
function alarmColumns(marks: readonly ChartMark[], axis: Axis, columns: number): number[] {
  const seen = marks.filter(({ x, type }) => type === 'alarm' && x >= axis.low && x <= axis.high)
  return [...new Set(seen.map(({ x }) => cellOf(axis.place(x), columns, DOTS_WIDE)))]
}

/** The cell of a place between 0 and 1, where `cells` cells of `dots` dots each lie between the ends. */
function cellOf(place: number, cells: number, dots: number): number {
  return Math.floor(Math.round(Math.max(0, Math.min(1, place)) * (cells * dots - 1)) / dots)
}
