import assert from 'node:assert/strict'
import { test } from 'node:test'
import { countOf, indexOf, insert, lowerBound, upperBound } from '../src/binary-search.js'

test('lowerBound is the first place for a value', () => {
  assert.equal(lowerBound([1, 3, 3, 3, 7], 3), 1)
  assert.equal(lowerBound([1, 3], 9), 2)
})

test('upperBound is the place behind equal values', () => {
  assert.equal(upperBound([1, 3, 3, 3, 7], 3), 4)
})

test('upperBound of a value that is not there', () => {
  assert.equal(upperBound([1, 3, 7], 5), 2)
  assert.equal(upperBound([], 5), 0)
})

test('indexOf finds a value', () => {
  assert.equal(indexOf([1, 3, 7], 7), 2)
  assert.equal(indexOf([1, 3, 7], 4), -1)
})

test('countOf of a value that is not there is 0', () => {
  assert.equal(countOf([1, 3, 7], 4), 0)
})

test('insert keeps the list sorted', () => {
  assert.deepEqual(insert([1, 3, 7], 5), [1, 3, 5, 7])
})

test('countOf counts equal values', () => {
  assert.equal(countOf([1, 3, 3, 3, 7], 3), 3)
  assert.equal(countOf([2], 2), 1)
})

test('upperBound of the greatest value is the end', () => {
  assert.equal(upperBound([1, 2, 2], 2), 3)
  assert.equal(upperBound(['a', 'b'], 'b'), 2)
})
