import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RateLimiter } from '../src/rate-limiter.js'

const setup = (options) => {
  const clock = { now: 0 }
  return { clock, limiter: new RateLimiter({ capacity: 3, perSecond: 2, now: () => clock.now, ...options }) }
}

test('RateLimiter.tryTake lets a burst of the capacity through', () => {
  const { limiter } = setup()
  assert.deepEqual([1, 2, 3, 4].map(() => limiter.tryTake('a')), [true, true, true, false])
})

test('RateLimiter.tryTake refuses more than there is', () => {
  const { limiter } = setup()
  assert.equal(limiter.tryTake('a', 5), false)
})

test('RateLimiter keeps keys apart', () => {
  const { limiter } = setup({ capacity: 2 })
  limiter.tryTake('a', 1.5)
  assert.equal(limiter.tryTake('b'), true)
  assert.equal(limiter.tryTake('a'), false)
})

test('RateLimiter.waitFor is 0 while there are tokens', () => {
  const { limiter } = setup()
  assert.equal(limiter.waitFor('a'), 0)
})

test('RateLimiter.waitFor tells the time until the next token', () => {
  const { limiter } = setup()
  assert.equal(limiter.waitFor('a', 4), 500)
})
