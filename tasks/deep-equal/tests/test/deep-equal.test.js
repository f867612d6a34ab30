import assert from 'node:assert/strict'
import { test } from 'node:test'
import { differences, includesEqual, isEqual } from '../src/deep-equal.js'

test('isEqual compares plain values', () => {
  assert.equal(isEqual(1, 1), true)
  assert.equal(isEqual(NaN, NaN), true)
  assert.equal(isEqual(1, '1'), false)
  assert.equal(isEqual(null, {}), false)
})

test('isEqual compares content', () => {
  assert.equal(isEqual({ a: [1, { b: 2 }] }, { a: [1, { b: 2 }] }), true)
  assert.equal(isEqual({ a: [1, { b: 2 }] }, { a: [1, { b: 3 }] }), false)
})

test('isEqual compares dates', () => {
  assert.equal(isEqual(new Date(5), new Date(5)), true)
  assert.equal(isEqual(new Date(5), new Date(6)), false)
})

test('isEqual tells lists from objects', () => {
  assert.equal(isEqual([], {}), false)
})

test('isEqual sees additional properties on both sides', () => {
  assert.equal(isEqual({ a: 1, b: 2 }, { a: 1 }), false)
  assert.equal(isEqual({ a: 1 }, { a: 1, b: 2 }), false)
})

test('includesEqual finds an equal value', () => {
  assert.equal(includesEqual([{ a: 1 }, { a: 2 }], { a: 2 }), true)
})

test('isEqual sees additional items', () => {
  assert.equal(isEqual([1], [1, 2]), false)
  assert.equal(isEqual([], [undefined]), false)
})

test('isEqual sees additional properties further down', () => {
  assert.equal(isEqual({ a: { b: 1 } }, { a: { b: 1, c: undefined } }), false)
})

test('differences names additional properties', () => {
  assert.deepEqual(differences({ a: { b: 1 } }, { a: { b: 1, c: 2 } }), ['a.c'])
  assert.deepEqual(differences({ a: 1 }, { a: 1 }), [])
})
