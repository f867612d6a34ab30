import { describe, expect, test } from 'vitest'
import { costText, durationText, idleText, tokensText } from '../../../views/rollouts/figures.ts'

const SECOND = 1_000
const HOUR = 3_600 * SECOND

describe('figures keep to their column', () => {
  test.each([
    [-5, '0s'],
    [59_999, '59s'],
    [4 * 60 * SECOND + 12_400, '4m12s'],
    [10 * 60 * SECOND, '10m'],
    [2 * HOUR + 5 * 60 * SECOND, '2h05'],
    [23 * HOUR + 59 * 60 * SECOND, '23h59'],
    [50 * HOUR, '2d'],
  ])('a duration of %d ms is %s', (ms, text) => expect(durationText(ms)).toBe(text))

  test.each([
    [0, '0'],
    [950, '950'],
    [14_249, '14.2k'],
    [99_949, '99.9k'],
    [310_400, '310k'],
    [999_499, '999k'],
    [1_250_000, '1.25M'],
    [25_000_000, '25M'],
  ])('%d tokens are %s', (tokens, text) => expect(tokensText(tokens)).toBe(text))

  test('none is longer than five cells, whatever the number', () => {
    for (let exponent = 0; exponent < 40; exponent++) {
      const value = 1.7 ** exponent
      expect(tokensText(Math.min(value, 9e9)).length).toBeLessThanOrEqual(5)
      expect(durationText(value).length).toBeLessThanOrEqual(5)
      expect(idleText(0, value).length).toBeLessThanOrEqual(4)
    }
  })

  test('what streams is not idle, and what was never active has no idle time', () => {
    expect(idleText(1_000, 2_500)).toBe('·')
    expect(idleText(1_000, 27_500)).toBe('26s')
    expect(idleText(undefined, 5)).toBe('')
  })

  test('money that was spent is never shown as none', () => {
    expect([0, 0.004, 1.239].map(costText)).toEqual(['', '<$0.01', '$1.24'])
  })
})
