import assert from 'node:assert/strict'
import { test } from 'node:test'
import { counts, difference, minus, summary } from '../src/diff-arrays.js'

test('counts tells how often an item is there', () => {
  assert.deepEqual([...counts(['a', 'b', 'a'])], [['a', 2], ['b', 1]])
})

test('minus takes items away as often as they are named', () => {
  assert.deepEqual(minus(['a', 'a', 'b'], ['a']), ['a', 'b'])
})

test('difference tells what was added and removed', () => {
  const { added, removed } = difference(['a', 'b'], ['b', 'c'])
  assert.deepEqual(added, ['c'])
  assert.deepEqual(removed, ['a'])
})

test('difference of equal lists keeps all', () => {
  assert.deepEqual(difference([1, 2], [1, 2]), { added: [], removed: [], kept: [1, 2] })
})

test('difference keeps what is in both lists', () => {
  assert.deepEqual(difference(['a', 'b', 'c'], ['a', 'c']).kept, ['a', 'c'])
})

test('summary counts', () => {
  assert.equal(summary(['a'], ['a', 'b', 'c']), '+2 -0 =1')
})
