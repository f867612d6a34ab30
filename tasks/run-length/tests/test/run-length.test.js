import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decode, encode, longestRun, runs } from '../src/run-length.js'

test('decode repeats letters', () => {
  assert.equal(decode('3ab2c'), 'aaabcc')
  assert.equal(decode('12x'), 'xxxxxxxxxxxx')
})

test('decode knows escaped digits', () => {
  assert.equal(decode('2\\7a'), '77a')
})

test('decode refuses a code that ends too early', () => {
  assert.throws(() => decode('a3'), SyntaxError)
})

test('encode counts letters', () => {
  assert.equal(encode('aaab'), '3ab')
})

test('runs of nothing are none', () => {
  assert.deepEqual(runs([]), [])
})

test('longestRun is the item that stays longest', () => {
  assert.equal(longestRun([1, 2, 2, 2, 1, 1])[0], 2)
})

test('runs tell items and counts', () => {
  assert.deepEqual(runs(['x', 'x', 'y']), [['x', 2], ['y', 1]])
})

test('decode undoes encode', () => {
  for (const text of ['', 'a', 'aabbb', '1122\\', 'zzzzzzzzzzzz']) assert.equal(decode(encode(text)), text)
})

test('longestRun counts', () => {
  assert.deepEqual(longestRun('abbbc'), ['b', 3])
})
