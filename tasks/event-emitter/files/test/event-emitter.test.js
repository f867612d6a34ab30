import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EventEmitter } from '../src/event-emitter.js'

test('EventEmitter.emit calls listeners with the values', () => {
  const emitter = new EventEmitter()
  const seen = []
  emitter.on('data', (...values) => seen.push(values))
  assert.equal(emitter.emit('data', 1, 2), 1)
  assert.deepEqual(seen, [[1, 2]])
})

test('EventEmitter.emit without listeners calls none', () => {
  assert.equal(new EventEmitter().emit('nothing'), 0)
})

test('EventEmitter.off of a stranger says false', () => {
  const emitter = new EventEmitter()
  emitter.on('data', () => {})
  assert.equal(emitter.off('data', () => {}), false)
  assert.equal(emitter.count('data'), 1)
})

test('EventEmitter.off removes the only listener', () => {
  const emitter = new EventEmitter()
  const listener = () => assert.fail('called')
  emitter.on('data', listener)
  assert.equal(emitter.off('data', listener), true)
  emitter.emit('data')
})

test('EventEmitter.off removes the second listener', () => {
  const emitter = new EventEmitter()
  const second = () => {}
  emitter.on('data', () => {})
  emitter.on('data', second)
  assert.equal(emitter.off('data', second), true)
  assert.equal(emitter.count('data'), 1)
})

test('EventEmitter.on refuses what is no function', () => {
  assert.throws(() => new EventEmitter().on('data', 5), TypeError)
})
