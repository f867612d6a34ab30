import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Trie } from '../src/trie.js'

const trieOf = (...words) => {
  const trie = new Trie()
  for (const word of words) trie.add(word)
  return trie
}

test('Trie.has knows words that were added', () => {
  const trie = trieOf('cart', 'dog')
  assert.equal(trie.has('cart'), true)
  assert.equal(trie.has('dog'), true)
  assert.equal(trie.has('cow'), false)
})

test('Trie.has does not know the beginning of a word', () => {
  assert.equal(trieOf('cart').has('car'), false)
})

test('Trie.countOf counts words by their beginning', () => {
  const trie = trieOf('bat', 'bar', 'bed')
  assert.equal(trie.countOf('ba'), 2)
  assert.equal(trie.countOf('x'), 0)
})

test('Trie.suggest of an unknown beginning is empty', () => {
  assert.deepEqual(trieOf('cart').suggest('do'), [])
})

test('Trie is empty at first', () => {
  assert.equal(new Trie().has(''), false)
  assert.deepEqual(new Trie().suggest(''), [])
})

test('Trie.suggest finds whole words only, in order', () => {
  assert.deepEqual(trieOf('cart', 'cat', 'car', 'dog').suggest('ca'), ['car', 'cart', 'cat'])
})

test('Trie.add of a word that begins another', () => {
  const trie = trieOf('cart')
  trie.add('car')
  assert.equal(trie.countOf('car'), 2)
  assert.equal(trie.has('ca'), false)
})

test('Trie.suggest ends at the limit', () => {
  assert.deepEqual(trieOf('a', 'ab', 'abc').suggest('a', 2), ['a', 'ab'])
})
