import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PriorityQueue } from '../src/priority-queue.js'

const queueOf = (...entries) => {
  const queue = new PriorityQueue()
  for (const [value, priority] of entries) queue.add(value, priority)
  return queue
}

test('PriorityQueue.take of an empty queue is undefined', () => {
  assert.equal(new PriorityQueue().take(), undefined)
})

test('PriorityQueue.size counts what is left', () => {
  const queue = queueOf(['a', 1], ['b', 2])
  queue.take()
  assert.equal(queue.size, 1)
})

test('PriorityQueue.peek leaves the value there', () => {
  const queue = queueOf(['a', 1], ['b', 2])
  assert.equal(queue.peek(), 'a')
  assert.equal(queue.size, 2)
})

test('PriorityQueue.take gives the lowest of two first', () => {
  const queue = queueOf(['write', 5], ['call', 1])
  assert.equal(queue.take(), 'call')
  assert.equal(queue.take(), 'write')
})

test('PriorityQueue.take gives values in order when added in order', () => {
  const queue = queueOf(['a', 1], ['b', 2], ['c', 3])
  assert.deepEqual([queue.take(), queue.take(), queue.take()], ['a', 'b', 'c'])
})
