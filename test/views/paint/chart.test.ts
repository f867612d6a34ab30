import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Chart, chartGlyphs, chartRows, type ChartSeries, readOut } from '../../../views/paint/chart.ts'
import { rowCells, rowText } from '../../../views/paint/row.ts'
import { ATTACKS } from './attacks.ts'

function series(y: readonly number[], change: Partial<ChartSeries> = {}): ChartSeries {
  return {
    label: 'train',
    style: 'curveA',
    x: Float64Array.from(y, (_, at) => at),
    y: Float64Array.from(y),
    length: y.length,
    ...change,
  }
}

function draw(change: Partial<Chart>): string[] {
  const chart: Chart = { title: 'loss', series: [], width: 30, height: 7, from: 0, to: 20, ...change }
  return chartRows(chart).map((row) => rowText(row).trimEnd())
}

const falling = Array.from({ length: 21 }, (_, at) => 2 * 0.85 ** at)

describe('a chart', () => {
  test('has its title with the last value, the curve, ticks, and the axis of steps', () => {
    expect(draw({ series: [series(falling)] })).toEqual([
      ' loss  0.07752',
      '      2┤⠱⡀',
      '       │ ⠈⠢⡀',
      '      1┤   ⠈⠑⢄',
      '       │      ⠉⠒⠤⣀⣀⡀',
      '      0┤           ⠈⠉⠑⠒⠒⠢⠤⠤⠤⠤⠤',
      '       └0──────────10───────20',
    ])
  })

  test('a log scale says that it is one, and how many values it cannot show', () => {
    expect(draw({ series: [series([...falling.slice(0, 19), 0, -1])], log: true })).toEqual([
      ' loss  -1  log, 2 ≤ 0 left out',
      '      2┤⠢⢄⡀',
      '      1┤  ⠈⠉⠒⠤⣀',
      '    0.5┤       ⠉⠒⠤⢄⡀',
      '    0.2┤           ⠈⠑⠢⢄⡀',
      '    0.1┤               ⠈⠑⠒⠤⣀',
      '       └0──────────10───────20',
    ])
    expect(draw({ series: [series([0, -1])], log: true })[3]).toContain('nothing above 0')
  })

  test('several curves have letters on them and in the legend', () => {
    const rising = falling.map((value) => 2 - value)
    expect(
      draw({
        series: [series(falling), series(rising, { label: 'eval', style: 'curveB' })],
        width: 40,
        marks: [{ x: 10, type: 'line', label: 'dpo' }],
      }),
    ).toEqual([
      ' loss  a train 0.07752  b eval 1.922',
      '      2┤⠑⢄              ┆⣀⣀⣀⠤⠤⠤⠤⠔⠒⠒⠒b⠒⠒b',
      '       │  ⠉⠢a    ⣀⡠⠤b⠊⠉⠉⠉',
      '      1┤     ⢉⡲⠶⣉       ┆',
      '       │  ⣀⠔⠊⠁   ⠉⠑⠒⠤⢄⣀⣀⣀',
      '      0┤⡠⠊              ┆⠉⠉⠉a⠒⠒⠒⠢⠤⠤⠤⠤⠤⠤a',
      '       └0───────────────10────────────20',
    ])
  })

  test('smoothing draws the average, and the curve as it was stays behind it', () => {
    const noisy = Array.from({ length: 21 }, (_, at) => 1 + (at % 2))
    const rows = chartRows({
      title: 'loss',
      series: [series(noisy)],
      width: 30,
      height: 7,
      from: 0,
      to: 20,
      smoothing: 0.9,
    })
    const styles = new Set(
      rows
        .slice(1, -1)
        .flatMap((row) => row.slice(1).flatMap(({ text, style }) => (text.trim() === '' ? [] : [style]))),
    )
    expect(styles).toEqual(new Set(['muted', 'curveA']))
  })

  test('the cursor reads every curve at its nearest step and is seen without colour', () => {
    const sparse = series([1, 0.5], { label: 'eval', x: Float64Array.of(4, 16) })
    const chart: Chart = {
      title: 'loss',
      series: [series(falling), sparse],
      width: 44,
      height: 7,
      from: 0,
      to: 20,
      cursor: 6,
      selected: true,
    }
    const rows = chartRows(chart)
    expect(rowText(rows[0] ?? [])).toBe('›loss  a train 0.7543  b eval 1            '.padEnd(44))
    expect(rows.at(-1)?.some(({ selected }) => selected)).toBe(true)
    expect(
      rows
        .slice(1, -1)
        .every((row) => row.slice(1).some(({ text, selected }) => text.includes('│') || selected === true)),
    ).toBe(true)
    expect(readOut(sparse, 11)).toEqual({ x: 16, y: 0.5 })
    expect(readOut(series([]), 3)).toBeUndefined()
  })

  test('what happened is marked on the axis while that says something', () => {
    const marks = [3, 6, 9].map((x) => ({ x, type: 'tick' as const }))
    expect(draw({ series: [series(falling)], marks }).at(-1)).toBe('       └0──┴──┴──┴─10───────20')
    const many = falling.map((_, x) => ({ x, type: 'tick' as const }))
    expect(draw({ series: [series(falling)], marks: many }).at(-1)).not.toContain('┴')
  })

  test('where the locale is not UTF-8 nothing but ASCII is drawn', () => {
    const glyphs = chartGlyphs({ LANG: 'C' })
    const one = draw({ series: [series(falling)], glyphs, cursor: 10, selected: true })
    expect(one).toEqual([
      '>loss  0.3937',
      '      2+:.         |',
      "       | ':.       |",
      "      1+   ''.     |",
      "       |      ''....",
      "      0+           ''''':.....",
      '       +0----------10-------20',
    ])
    const two = draw({ series: [series(falling), series([1, 1], { label: 'eval' })], glyphs })
    expect(two.join('')).toMatch(/^[\x20-\x7e]*$/)
    expect(two.slice(1, 5).join('')).toContain('aa')
  })

  test('empty, constant, single, huge and missing values are no trouble', () => {
    expect(draw({ series: [] })[3]).toContain('no values yet')
    expect(draw({ series: [series([Number.NaN, Number.NaN])] })[3]).toContain('no values yet')
    expect(draw({ series: [series([0.5, 0.5, 0.5])] }).join('\n')).toMatch(/0\.50?┤/)
    expect(
      draw({ series: [series([0.69])] })
        .slice(1, -1)
        .join(''),
    ).toMatch(/[\u2801-\u28ff]/)
    expect(
      draw({ series: [series([1e308, -1e308, 1])] })
        .slice(1, -1)
        .join(''),
    ).toMatch(/[\u2801-\u28ff]/)
    expect(draw({ series: [series([1, Number.NaN, Number.POSITIVE_INFINITY, 2])] })[0]).toBe(' loss  2')
  })

  test('fills exactly its cells at any size, with any numbers, names and cursor', () => {
    const any = fc.oneof(fc.double(), fc.double({ min: -5, max: 5 }))
    fc.assert(
      fc.property(
        fc.array(any, { maxLength: 50 }),
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 14 }),
        fc.record({
          log: fc.boolean(),
          smoothing: fc.constantFrom(0, 0.6, 0.98),
          cursor: fc.integer({ min: -5, max: 60 }),
          title: fc.constantFrom('loss', '日本語', ...ATTACKS),
        }),
        (y, width, height, change) => {
          const chart: Chart = {
            ...change,
            series: [series(y), series(y.toReversed(), { label: change.title })],
            width,
            height,
            from: 0,
            to: 40,
            marks: [{ x: 12, type: 'line', label: change.title }],
          }
          const rows = chartRows(chart)
          expect(rows.length).toBe(height)
          for (const row of rows) expect(rowCells(row)).toBe(width)
          for (const row of rows) expect(rowText(row)).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u)
        },
      ),
    )
  })
})
