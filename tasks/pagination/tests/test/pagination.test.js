import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pageCount, pageLinks, paginate } from '../src/pagination.js'

const numbers = (count) => Array.from({ length: count }, (_, at) => at + 1)

test('pageCount of full pages', () => {
  assert.equal(pageCount(40, 10), 4)
})

test('pageCount of an empty list is 1', () => {
  assert.equal(pageCount(0, 10), 1)
})

test('paginate cuts out a page', () => {
  const page = paginate(numbers(40), 2, 10)
  assert.deepEqual(page.items, [11, 12, 13, 14, 15, 16, 17, 18, 19, 20])
  assert.equal(page.hasPrevious, true)
  assert.equal(page.hasNext, true)
})

test('paginate shows the rest on the last page', () => {
  const page = paginate(numbers(45), 5, 10)
  assert.deepEqual(page.items, [41, 42, 43, 44, 45])
  assert.equal(page.hasNext, false)
})

test('paginate goes to the nearest page', () => {
  assert.equal(paginate(numbers(40), 99, 10).page, 4)
  assert.equal(paginate(numbers(40), -1, 10).page, 1)
})

test('pageLinks leaves pages out', () => {
  assert.deepEqual(pageLinks(5, 10), [1, null, 4, 5, 6, null, 10])
})

test('pageCount counts a page that is not full', () => {
  assert.equal(pageCount(41, 10), 5)
  assert.equal(pageCount(3, 2), 2)
  assert.equal(pageCount(1, 10), 1)
})

test('paginate of a list shorter than a page', () => {
  const page = paginate(numbers(7), 1, 5)
  assert.equal(page.pages, 2)
  assert.equal(page.hasNext, true)
})

test('pageLinks of few pages names all', () => {
  assert.deepEqual(pageLinks(2, 3), [1, 2, 3])
})
