import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bars, histogram, mode } from '../src/histogram.js'

const countsOf = (...values) => histogram(...values).map(({ count }) => count)

test('histogram of nothing has no bins', () => {
  assert.deepEqual(histogram([], 4), [])
})

test('histogram counts values in bins', () => {
  assert.deepEqual(countsOf([1, 1, 3, 6], 4, { from: 0, to: 8 }), [2, 1, 0, 1])
})

test('histogram puts the greatest value into the last bin', () => {
  assert.deepEqual(countsOf([1, 2, 3, 4, 5], 4), [1, 1, 1, 2])
})

test('histogram leaves out what is outside its limits', () => {
  assert.deepEqual(countsOf([-1, 1, 9], 2, { from: 0, to: 4 }), [1, 0])
})

test('mode is the bin with most values', () => {
  assert.equal(mode(histogram([1, 5, 5], 4, { from: 0, to: 8 })).from, 4)
})

test('bars are as long as the counts', () => {
  assert.deepEqual(bars([{ from: 0, count: 1 }, { from: 5, count: 2 }], 4), ['0 ##', '5 ####'])
})
