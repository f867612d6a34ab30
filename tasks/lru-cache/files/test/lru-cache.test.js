import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LruCache } from '../src/lru-cache.js'

test('LruCache.get returns what was set', () => {
  const cache = new LruCache(2).set('a', 1)
  assert.equal(cache.get('a'), 1)
  assert.equal(cache.get('x'), undefined)
})

test('LruCache counts hits and misses', () => {
  const cache = new LruCache(2).set('a', 1)
  cache.get('a')
  cache.get('b')
  cache.get('a')
  assert.equal(cache.hits, 2)
  assert.equal(cache.misses, 1)
})

test('LruCache never holds more than its limit', () => {
  const cache = new LruCache(2).set('a', 1).set('b', 2).set('c', 3)
  assert.equal(cache.size, 2)
  assert.equal(cache.has('a'), false)
})

test('LruCache.set of a known key makes it the newest', () => {
  const cache = new LruCache(2).set('a', 1).set('b', 2).set('a', 3)
  assert.deepEqual(cache.keys(), ['b', 'a'])
})

test('LruCache.get makes a key the one used last', () => {
  const cache = new LruCache(2).set('a', 1).set('b', 2)
  cache.get('a')
  cache.set('c', 3)
  assert.equal(cache.has('a'), true)
  assert.equal(cache.has('b'), false)
})
