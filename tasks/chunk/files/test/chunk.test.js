import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chunk, splitBefore, splitInto, windows } from '../src/chunk.js'

test('chunk cuts a list', () => {
  assert.deepEqual(chunk([1, 2, 3, 4, 5], 2), [[1, 2], [3, 4], [5]])
})

test('chunk refuses a size of 0', () => {
  assert.throws(() => chunk([1], 0), RangeError)
})

test('windows slides over a list', () => {
  assert.deepEqual(windows([1, 2, 3, 4], 2), [[1, 2], [2, 3], [3, 4]])
})

test('windows of a list that is too short are none', () => {
  assert.deepEqual(windows([1], 2), [])
})

test('splitInto makes equal parts', () => {
  assert.deepEqual(splitInto([1, 2, 3, 4, 5], 3), [[1, 2], [3, 4], [5]])
})

test('splitBefore begins parts', () => {
  assert.deepEqual(splitBefore([1, 0, 2, 0], (item) => item === 0), [[1], [0, 2], [0]])
})
