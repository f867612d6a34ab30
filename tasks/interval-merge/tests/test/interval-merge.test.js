import assert from 'node:assert/strict'
import { test } from 'node:test'
import { coveredLength, gaps, mergeIntervals } from '../src/interval-merge.js'

test('mergeIntervals joins intervals that overlap', () => {
  assert.deepEqual(mergeIntervals([[1, 4], [3, 6]]), [[1, 6]])
})

test('mergeIntervals joins intervals that touch', () => {
  assert.deepEqual(mergeIntervals([[1, 3], [3, 6]]), [[1, 6]])
})

test('mergeIntervals sorts', () => {
  assert.deepEqual(mergeIntervals([[8, 9], [1, 2]]), [[1, 2], [8, 9]])
})

test('mergeIntervals keeps an interval that lies within another', () => {
  assert.deepEqual(mergeIntervals([[1, 9], [2, 3]]), [[1, 9]])
})

test('mergeIntervals of nothing is nothing', () => {
  assert.deepEqual(mergeIntervals([]), [])
})

test('coveredLength counts an overlap once', () => {
  assert.equal(coveredLength([[0, 5], [3, 8], [10, 11]]), 9)
})

test('gaps are what is free', () => {
  assert.deepEqual(gaps([[2, 4], [6, 7]], 0, 10), [[0, 2], [4, 6], [7, 10]])
})

test('mergeIntervals joins a chain of touching intervals', () => {
  assert.deepEqual(mergeIntervals([[4, 5], [1, 2], [2, 4]]), [[1, 5]])
})

test('mergeIntervals joins a point with the interval it ends', () => {
  assert.deepEqual(mergeIntervals([[1, 3], [3, 3]]), [[1, 3]])
})

test('mergeIntervals keeps neighbours with a gap apart', () => {
  assert.deepEqual(mergeIntervals([[1, 2], [3, 4]]), [[1, 2], [3, 4]])
})

test('gaps end at the limit', () => {
  assert.deepEqual(gaps([[3, 20]], 0, 10), [[0, 3]])
})
