import assert from 'node:assert/strict'
import { test } from 'node:test'
import { groupBy, matches, select } from '../src/glob-match.js'

test('matches knows stars within a folder', () => {
  assert.equal(matches('a.js', ['*.js']), true)
  assert.equal(matches('src/a.js', ['*.js']), false)
})

test('matches knows stars over folders', () => {
  assert.equal(matches('a.js', ['**/*.js']), true)
  assert.equal(matches('src/x/a.js', ['**/*.js']), true)
})

test('matches knows choices', () => {
  assert.equal(matches('a.ts', ['*.{js,ts}']), true)
  assert.equal(matches('a.css', ['*.{js,ts}']), false)
})

test('select leaves excluded files out', () => {
  assert.deepEqual(select(['a.js', 'a.test.js', 'b.css'], { include: ['*.js'], exclude: ['*.test.js'] }), ['a.js'])
})

test('groupBy collects paths by glob', () => {
  assert.deepEqual(groupBy(['a.js', 'b.md', 'c.js'], ['*.js']), { '*.js': ['a.js', 'c.js'], other: ['b.md'] })
})
