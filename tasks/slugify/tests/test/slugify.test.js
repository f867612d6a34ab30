import assert from 'node:assert/strict'
import { test } from 'node:test'
import { slugify, uniqueSlug } from '../src/slugify.js'

test('slugify writes small letters and dashes', () => {
  assert.equal(slugify('Hello, World!'), 'hello-world')
})

test('slugify drops accents', () => {
  assert.equal(slugify('Crème Brûlée'), 'creme-brulee')
})

test('slugify writes signs as words', () => {
  assert.equal(slugify('100% of R&D'), '100-percent-of-r-and-d')
})

test('slugify writes every sign as a word', () => {
  assert.equal(slugify('Salt & Pepper & Oil'), 'salt-and-pepper-and-oil')
})

test('slugify cuts at a dash', () => {
  assert.equal(slugify('one two three', 9), 'one-two')
})

test('uniqueSlug counts up', () => {
  assert.equal(uniqueSlug('News', new Set(['news', 'news-2'])), 'news-3')
})

test('slugify writes three signs of a kind', () => {
  assert.equal(slugify('a@b@c@d'), 'a-at-b-at-c-at-d')
})

test('slugify of signs alone is their words', () => {
  assert.equal(slugify('&&'), 'and-and')
})

test('slugify has no dash at its ends', () => {
  assert.equal(slugify('  ...Go!  '), 'go')
})
