import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mean, median, mode, quartiles, variance } from '../src/stats.js'

test('mean is the sum by the number', () => {
  assert.equal(mean([1, 2, 6]), 3)
  assert.equal(mean([]), undefined)
})

test('median of an odd number of values', () => {
  assert.equal(median([10, 1, 3]), 3)
  assert.equal(median([]), undefined)
})

test('median of an even number of values', () => {
  assert.equal(median([10, 2, 1, 3]), 2.5)
})

test('mode is the most frequent value', () => {
  assert.equal(mode([3, 1, 3, 1, 2]), 1)
})

test('variance is the mean square distance', () => {
  assert.equal(variance([2, 4, 6]), 8 / 3)
})

test('quartiles of seven values', () => {
  assert.deepEqual(quartiles([7, 1, 2, 3, 4, 5, 6]), [2, 4, 6])
})
