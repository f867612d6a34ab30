import assert from 'node:assert/strict'
import { test } from 'node:test'
import { anchorOf, headings, tableOfContents } from '../src/markdown-headings.js'

test('anchorOf writes small letters and dashes', () => {
  assert.equal(anchorOf('What is new?'), 'what-is-new')
})

test('headings knows levels and texts', () => {
  assert.deepEqual(
    headings('# One\ntext\n### Two ##').map(({ level, text }) => [level, text]),
    [[1, 'One'], [3, 'Two']],
  )
})

test('headings numbers equal anchors', () => {
  assert.deepEqual(headings('# Use\n## Use\n## Use').map(({ anchor }) => anchor), ['use', 'use-1', 'use-2'])
})

test('headings leaves code out', () => {
  assert.deepEqual(headings('```\n# comment\n```\n# Title').map(({ text }) => text), ['Title'])
})

test('tableOfContents links to the anchors', () => {
  assert.equal(tableOfContents('# Getting Started'), '- [Getting Started](#getting-started)')
})

test('tableOfContents of a text without headings is empty', () => {
  assert.equal(tableOfContents('just text'), '')
})
