import assert from 'node:assert/strict'
import { test } from 'node:test'
import { add, identity, multiply, power, transpose } from '../src/matrix.js'

test('identity has ones on its diagonal', () => {
  assert.deepEqual(identity(2), [[1, 0], [0, 1]])
})

test('transpose makes rows of columns', () => {
  assert.deepEqual(transpose([[1, 2, 3], [4, 5, 6]]), [[1, 4], [2, 5], [3, 6]])
})

test('add adds number by number', () => {
  assert.deepEqual(add([[1, 2]], [[10, 20]]), [[11, 22]])
})

test('multiply by the identity changes nothing', () => {
  assert.deepEqual(multiply([[1, 2], [3, 4]], identity(2)), [[1, 2], [3, 4]])
})

test('multiply takes rows times columns', () => {
  assert.deepEqual(multiply([[1, 2], [3, 4]], [[0, 1], [2, 3]]), [[4, 7], [8, 15]])
})

test('multiply refuses sizes that do not fit', () => {
  assert.throws(() => multiply([[1, 2]], [[1, 2]]), RangeError)
})

test('power of 0 is the identity', () => {
  assert.deepEqual(power([[2, 1], [0, 3]], 0), identity(2))
})
