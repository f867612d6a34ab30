import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bullet, indent, wrap } from '../src/text-wrap.js'

test('wrap leaves short text alone', () => {
  assert.deepEqual(wrap('one two', 20), ['one two'])
})

test('wrap breaks between words', () => {
  assert.deepEqual(wrap('one two three', 8), ['one two', 'three'])
})

test('wrap fills a line to its last character', () => {
  assert.deepEqual(wrap('the quick fox', 9), ['the quick', 'fox'])
})

test('wrap gives a long word a line of its own', () => {
  assert.deepEqual(wrap('an internationalised word', 10), ['an', 'internationalised', 'word'])
})

test('wrap keeps empty lines', () => {
  assert.deepEqual(wrap('a\n\nb', 10), ['a', '', 'b'])
})

test('indent has its own first prefix', () => {
  assert.deepEqual(indent(['a', 'b'], '  ', '> '), ['> a', '  b'])
})

test('wrap puts single letters side by side', () => {
  assert.deepEqual(wrap('a b c d', 3), ['a b', 'c d'])
})

test('wrap does not go beyond the width', () => {
  assert.deepEqual(wrap('aaa bbb', 6), ['aaa', 'bbb'])
})

test('bullet indents further lines', () => {
  assert.equal(bullet('milk and bread and eggs', 10), '- milk and\n  bread\n  and eggs')
})
