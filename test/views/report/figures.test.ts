import { expect, test } from 'vitest'
import { pointsText, pText } from '../../../src/evaluation/figure-words.ts'
import { intervalBar, RATE_CELLS, rateText } from '../../../views/report/figures.ts'

test('a rate with its interval always takes the same cells', () => {
  const rate = (low: number, value: number, high: number, total = 48) => ({ count: 0, total, rate: value, low, high })
  const texts = [rate(0, 0, 0.07), rate(0.29, 0.42, 0.56), rate(0.93, 1, 1), rate(0, 0, 1, 0)].map(rateText)
  expect(texts).toEqual(['  0 % [0, 7]   ', ' 42 % [29, 56] ', '100 % [93, 100]', '  –            '])
  expect(texts.every((text) => text.length === RATE_CELLS)).toBe(true)
})

test('an interval is drawn on its scale, with a mark for zero where that lies inside', () => {
  expect(intervalBar({ low: 0.2, value: 0.4, high: 0.8 }, 11)).toBe('··──●────··')
  expect(intervalBar({ low: 0, value: 0, high: 0.1 }, 11)).toBe('●─·········')
  const points = { from: -1, to: 1 }
  expect(intervalBar({ low: 0.2, value: 0.4, high: 0.8 }, 11, points)).toBe('·····│─●──·')
  expect(intervalBar({ low: -0.2, value: 0.2, high: 0.4 }, 11, points)).toBe('····─┼●─···')
})

test('p is never rounded into certainty, differences have their sign', () => {
  expect([1, 0.034, 0.0004, 0.9999, 0.5].map(pText)).toEqual(['p = 1', 'p = .034', 'p < .001', 'p = 1', 'p = .500'])
  expect(pointsText({ delta: 0.42, low: 0.21, high: 0.58 })).toBe('+42 points [21, 58]')
  expect(pointsText({ delta: -0.05, low: -0.2, high: 0.1 })).toBe('-5 points [-20, 10]')
})
