import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RingBuffer } from '../src/ring-buffer.js'

const filled = (capacity, values) => {
  const buffer = new RingBuffer(capacity)
  for (const value of values) buffer.push(value)
  return buffer
}

test('RingBuffer keeps values in order', () => {
  assert.deepEqual(filled(3, ['a', 'b']).toArray(), ['a', 'b'])
})

test('RingBuffer drops the oldest value when full', () => {
  const buffer = filled(2, ['a', 'b'])
  assert.equal(buffer.push('c'), 'a')
  assert.deepEqual(buffer.toArray(), ['b', 'c'])
})

test('RingBuffer.at is undefined outside', () => {
  const buffer = filled(3, ['a'])
  assert.equal(buffer.at(0), 'a')
  assert.equal(buffer.at(1), undefined)
  assert.equal(buffer.at(-1), undefined)
})

test('RingBuffer.shift takes values out in order', () => {
  const buffer = filled(4, ['a', 'b', 'c'])
  assert.equal(buffer.shift(), 'a')
  assert.equal(buffer.shift(), 'b')
  assert.equal(buffer.shift(), 'c')
  assert.equal(buffer.shift(), undefined)
})

test('RingBuffer refuses a capacity of 0', () => {
  assert.throws(() => new RingBuffer(0), RangeError)
})
