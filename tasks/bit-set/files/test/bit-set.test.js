import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BitSet } from '../src/bit-set.js'

test('BitSet.add and has', () => {
  const set = BitSet.of(0, 31, 64)
  assert.deepEqual([0, 1, 31, 64, 500].map((number) => set.has(number)), [true, false, true, true, false])
})

test('BitSet.values are in order, each once', () => {
  assert.deepEqual(BitSet.of(40, 3, 3).values(), [3, 40])
})

test('BitSet.delete removes one number', () => {
  assert.deepEqual(BitSet.of(1, 5, 9).delete(5).values(), [1, 9])
})

test('BitSet.union holds the numbers of both', () => {
  assert.deepEqual(BitSet.of(1, 2).union(BitSet.of(2, 33)).values(), [1, 2, 33])
})

test('BitSet.intersection holds what both have', () => {
  assert.deepEqual(BitSet.of(1, 2).intersection(BitSet.of(2, 33)).values(), [2])
})

test('BitSet.add refuses negative numbers', () => {
  assert.throws(() => new BitSet().add(-1), RangeError)
})
