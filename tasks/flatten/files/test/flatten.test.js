import assert from 'node:assert/strict'
import { test } from 'node:test'
import { flattenList, flattenObject, unflattenObject } from '../src/flatten.js'

test('flattenList goes all the way down', () => {
  assert.deepEqual(flattenList([1, [2, [3, [4]]]]), [1, 2, 3, 4])
})

test('flattenList ends at its depth', () => {
  assert.deepEqual(flattenList([1, [2, [3]]], 1), [1, 2, [3]])
})

test('flattenObject joins two levels', () => {
  assert.deepEqual(flattenObject({ a: 1, b: { c: 2 } }), { a: 1, 'b.c': 2 })
})

test('flattenObject joins all levels', () => {
  assert.deepEqual(flattenObject({ server: { http: { port: 80 } } }), { 'server.http.port': 80 })
})

test('flattenObject keeps lists and empty objects', () => {
  assert.deepEqual(flattenObject({ a: [1, 2], b: {} }), { a: [1, 2], b: {} })
})

test('unflattenObject makes objects of paths', () => {
  assert.deepEqual(unflattenObject({ 'a.b.c': 1, 'a.d': 2 }), { a: { b: { c: 1 }, d: 2 } })
})
