import { expect, test } from 'vitest'
import { signTest } from '../../src/evaluation/sign-test.ts'

// scipy 1.17.1: binomtest(better, better + worse).pvalue
test.each([
  [1, 0, 1],
  [0, 5, 0.0625],
  [2, 14, 0.004180908203125],
  [14, 2, 0.004180908203125],
  [3, 7, 0.34375],
  [40, 60, 0.05688793364098089],
  [450, 550, 0.0017305360849763027],
  [900, 1100, 8.45708953550381e-6],
])('%i better, %i worse: p is what scipy says', (better, worse, p) => {
  expect(signTest(better, worse) / p).toBeCloseTo(1, 9)
})

test('by hand: 5 of 5 one way is 2 · (1/2)⁵, an even split is certain, and so is nothing at all', () => {
  expect(signTest(5, 0)).toBe(2 / 32)
  expect(signTest(4, 4)).toBe(1)
  expect(signTest(0, 0)).toBe(1)
})
