import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { countAxis, linearAxis, logAxis, roundAbove } from '../../../views/paint/axis.ts'
import { figureText, tickTexts } from '../../../views/paint/figure-text.ts'

const texts = (axis: { readonly ticks: readonly { readonly text: string }[] }): string[] =>
  axis.ticks.map(({ text }) => text)

describe('axes', () => {
  test('ticks are round numbers with short labels', () => {
    expect(texts(linearAxis(0.12, 0.69, 4))).toEqual(['0.2', '0.4', '0.6'])
    expect(texts(linearAxis(-2.4, 0.4, 3))).toEqual(['-2', '-1', '0'])
    expect(texts(linearAxis(0, 12_000, 3))).toEqual(['0', '5k', '10k'])
    expect(texts(linearAxis(1e-8, 4.8e-7, 3))).toEqual(['0', '2e-7', '4e-7'])
    expect(texts(linearAxis(0.6931, 0.69314, 3))).toEqual(['0.69310', '0.69312', '0.69314'])
  })

  test('powers of ten where there are enough of them, else round numbers between', () => {
    expect(texts(logAxis(1e-7, 1e-3, 4))).toEqual(['1e-7', '1e-6', '1e-5', '1e-4', '0.001'])
    expect(texts(logAxis(1e-12, 1, 4))).toEqual(['1e-12', '1e-9', '1e-6', '0.001', '1'])
    expect(texts(logAxis(0.25, 2.1, 4))).toEqual(['0.5', '1', '2'])
    expect(texts(logAxis(0.55, 0.9, 4))).toEqual(['0.6', '0.7', '0.8', '0.9'])
  })

  test('counts have whole ticks', () => {
    expect(texts(countAxis(0, 3, 9))).toEqual(['0', '1', '2', '3'])
    expect(texts(countAxis(0, 30_000, 3))).toEqual(['0', '10k', '20k', '30k'])
    expect(texts(countAxis(7, 7, 3))).toEqual(['7', '8'])
  })

  test('hold every value between their ends, ticks inside, whatever the range', () => {
    const finite = fc.double({ noNaN: true, min: -1e300, max: 1e300 })
    fc.assert(
      fc.property(finite, finite, fc.integer({ min: 1, max: 12 }), (a, b, count) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)]
        const axis = linearAxis(low, high, count)
        expect(axis.low).toBeLessThan(axis.high)
        for (const each of [low, high]) {
          expect(axis.place(each)).toBeGreaterThanOrEqual(-1e-3)
          expect(axis.place(each)).toBeLessThanOrEqual(1 + 1e-3)
        }
        expect(axis.ticks.length).toBeLessThanOrEqual(count + 2)
        for (const { value } of axis.ticks) expect(axis.place(value)).toBeGreaterThanOrEqual(-1e-3)
      }),
    )
  })

  test('an end that is rounded up stays where it is while a run makes a few steps', () => {
    expect([0, 1, 7, 101, 120, 151, 240, 299, 301, 9_999].map(roundAbove)).toEqual([
      1, 1, 8, 150, 150, 200, 300, 300, 400, 10_000,
    ])
  })
})

test('figures in a few cells', () => {
  const figures = [0.693147, 2, -0.25, 1234.5, 12_345, 3.2e6, 1.5e-7, 0, 9_999.96, 5e13, Number.NaN, undefined, -1 / 0]
  expect(figures.map(figureText)).toEqual([
    '0.6931',
    '2',
    '-0.2500',
    '1235',
    '12.35k',
    '3.200M',
    '1.5e-7',
    '0',
    '10000',
    '5e13',
    '–',
    '–',
    '-∞',
  ])
  fc.assert(
    fc.property(fc.double(), (value) => {
      expect(figureText(value).length).toBeLessThanOrEqual(10)
    }),
  )
  expect(tickTexts([1e-4, 1.5e-4], 5e-5)).toEqual(['1e-4', '1.5e-4'])
})
