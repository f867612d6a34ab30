import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Axis, countAxis, linearAxis, logAxis } from '../../../views/paint/axis.ts'
import { DotCanvas, dotsText } from '../../../views/paint/braille.ts'
import { drawCurve, nearestPoint, type Points } from '../../../views/paint/curve.ts'

const WIDTH = 12
const HEIGHT = 5

function pointsOf(y: readonly number[], x = y.map((_, index) => index)): Points {
  return { x: Float64Array.from(x), y: Float64Array.from(y), length: y.length }
}

/** Whether the dot of a value is set: dots as people see them, four rows of two in a character. */
function isDrawn(canvas: DotCanvas, xAxis: Axis, yAxis: Axis, x: number, y: number): boolean {
  const column = Math.round(xAxis.place(x) * (WIDTH * 2 - 1))
  const row = HEIGHT * 4 - 1 - Math.round(yAxis.place(y) * (HEIGHT * 4 - 1))
  const bits = [0x01, 0x08, 0x02, 0x10, 0x04, 0x20, 0x40, 0x80]
  const bit = bits[(row % 4) * 2 + (column % 2)] ?? 0
  return (canvas.dotsAt(column >> 1, row >> 2) & bit) !== 0
}

function dotCount(canvas: DotCanvas): number {
  let count = 0
  for (let row = 0; row < HEIGHT; row++)
    for (let column = 0; column < WIDTH; column++)
      for (let bits = canvas.dotsAt(column, row); bits > 0; bits >>= 1) count += bits & 1
  return count
}

const value = fc.oneof(
  fc.double({ min: -1e6, max: 1e6, noNaN: true }),
  fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 1e-12, -1e300, 1e300),
)

describe('a curve', () => {
  test('every finite value has its dot, however many share a column', () => {
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 400 }), (y) => {
        const finite = y.filter(Number.isFinite)
        const xAxis = countAxis(0, y.length - 1, 3)
        const yAxis = linearAxis(Math.min(0, ...finite), Math.max(1, ...finite), 4)
        const canvas = new DotCanvas(WIDTH, HEIGHT)
        drawCurve({ canvas, xAxis, yAxis }, pointsOf(y), 1)
        const drawn = y.map((each, x) => !Number.isFinite(each) || isDrawn(canvas, xAxis, yAxis, x, each))
        expect(drawn).not.toContain(false)
        expect(dotCount(canvas) > 0).toBe(finite.length > 0)
      }),
    )
  })

  test('on a log scale every positive value has its dot and no other value has one', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -10, max: 1e9, noNaN: true }), { minLength: 1, maxLength: 60 }), (y) => {
        const positive = y.filter((each) => each > 0)
        const xAxis = countAxis(0, y.length - 1, 3)
        const yAxis = logAxis(Math.min(1, ...positive), Math.max(1, ...positive), 4)
        const canvas = new DotCanvas(WIDTH, HEIGHT)
        drawCurve({ canvas, xAxis, yAxis }, pointsOf(y), 1)
        const drawn = y.map((each, x) => each <= 0 || isDrawn(canvas, xAxis, yAxis, x, each))
        expect(drawn).not.toContain(false)
        expect(dotCount(canvas) > 0).toBe(positive.length > 0)
      }),
    )
  })

  test('one spike among ten thousand values is drawn', () => {
    const y = Array.from({ length: 10_000 }, (_, at) => (at === 6_543 ? 9 : 1))
    const xAxis = countAxis(0, 9_999, 3)
    const yAxis = linearAxis(0, 10, 4)
    const canvas = new DotCanvas(WIDTH, HEIGHT)
    drawCurve({ canvas, xAxis, yAxis }, pointsOf(y), 1)
    expect(isDrawn(canvas, xAxis, yAxis, 6_543, 9)).toBe(true)
  })

  test('neighbours are joined, a missing value leaves a gap, and what is out of range is left out', () => {
    const draw = (y: readonly number[], x?: readonly number[]): string => {
      const canvas = new DotCanvas(6, 1)
      const axes = { xAxis: countAxis(0, 11, 2), yAxis: linearAxis(0, 3, 2) }
      drawCurve({ canvas, ...axes }, pointsOf(y, x === undefined ? undefined : [...x]), 1)
      return Array.from({ length: 6 }, (_, column) => dotsText(canvas.dotsAt(column, 0), false)).join('')
    }
    expect(draw([0, 3], [0, 11])).toBe('⣀⠤⠤⠒⠒⠉')
    expect(draw([1, 1, 1, Number.NaN, Number.NaN, Number.NaN, 1, 1, 1, 1, 1, 1])).toBe('⠤⠄ ⠤⠤⠤')
    expect(draw([2, 2, 2], [-4, 5, 40])).toBe('  ⠐   ')
    expect(draw([])).toBe('      ')
  })

  test('a curve covers what lies faint behind it', () => {
    const canvas = new DotCanvas(1, 1, 1)
    canvas.stroke(0, 0, 3, 1)
    canvas.stroke(1, 0, 0, 2)
    canvas.stroke(1, 3, 3, 1)
    expect([canvas.inkAt(0, 0), dotsText(canvas.dotsAt(0, 0), false)]).toEqual([2, '⠈'])
  })

  test('in ASCII the half of the cell is told', () => {
    expect([0, 0x01, 0x80, 0x81].map((dots) => dotsText(dots, true))).toEqual([' ', "'", '.', ':'])
  })
})

test('the nearest point is found, the earlier one of two equally near', () => {
  const points = pointsOf([5, 6, 7, 8], [1, 4, 6, 20])
  expect([-3, 1, 2, 5, 13, 14, 99].map((x) => nearestPoint(points, x))).toEqual([0, 0, 0, 1, 2, 3, 3])
  expect(nearestPoint(pointsOf([]), 1)).toBe(-1)
})
