import assert from 'node:assert/strict'
import { test } from 'node:test'
import { debounce } from '../src/debounce.js'
import { fakeTimers } from '../src/fake-timers.js'

const setup = () => {
  const timers = fakeTimers()
  const calls = []
  return { timers, calls, save: debounce((...values) => calls.push(values.join(' ')), 100, timers) }
}

test('debounce waits', () => {
  const { timers, calls, save } = setup()
  save('a')
  timers.pass(99)
  assert.deepEqual(calls, [])
  timers.pass(1)
  assert.deepEqual(calls, ['a'])
})

test('debounce takes the values of the last call', () => {
  const { timers, calls, save } = setup()
  save('a')
  timers.pass(50)
  save('b', 'c')
  timers.pass(100)
  assert.deepEqual(calls, ['b c'])
})

test('debounce.cancel forgets the call', () => {
  const { timers, calls, save } = setup()
  save('a')
  save.cancel()
  timers.pass(200)
  assert.deepEqual(calls, [])
})

test('debounce.flush runs at once, and once', () => {
  const { timers, calls, save } = setup()
  save('a')
  save.flush()
  assert.deepEqual(calls, ['a'])
  assert.equal(timers.count(), 0)
  timers.pass(200)
  assert.deepEqual(calls, ['a'])
})

test('debounce.flush with nothing pending does nothing', () => {
  const { calls, save } = setup()
  save.flush()
  assert.deepEqual(calls, [])
})
