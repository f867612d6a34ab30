import assert from 'node:assert/strict'
import { test } from 'node:test'
import { delayBefore } from '../src/back-off.js'
import { retry } from '../src/retry.js'

const clock = () => {
  const waits = []
  return { waits, sleep: async (ms) => void waits.push(ms) }
}

test('delayBefore doubles up to a limit', () => {
  assert.deepEqual([1, 2, 3, 4].map((attempt) => delayBefore(attempt, { most: 300 })), [0, 100, 200, 300])
})

test('retry returns the value of the first success', async () => {
  const { waits, sleep } = clock()
  assert.equal(await retry(async () => 'page', { sleep }), 'page')
  assert.deepEqual(waits, [])
})

test('retry tries a function that throws again', async () => {
  const { waits, sleep } = clock()
  const value = await retry(
    (attempt) => {
      if (attempt < 3) throw new Error('not yet')
      return attempt
    },
    { sleep },
  )
  assert.equal(value, 3)
  assert.deepEqual(waits, [100, 200])
})

test('retry tries an async function that fails again', async () => {
  const { waits, sleep } = clock()
  const value = await retry(
    async (attempt) => {
      if (attempt === 1) throw new Error('not yet')
      return 'page'
    },
    { sleep },
  )
  assert.equal(value, 'page')
  assert.deepEqual(waits, [100])
})

test('retry gives up after the last attempt', async () => {
  const { sleep } = clock()
  await assert.rejects(
    retry(async () => Promise.reject(new Error('down')), { attempts: 2, sleep }),
    /down/,
  )
})

test('retry uses all attempts of an async function', async () => {
  const { waits, sleep } = clock()
  let calls = 0
  const operation = async () => {
    calls++
    throw new Error('down')
  }
  await assert.rejects(retry(operation, { attempts: 4, sleep, first: 10 }), /down/)
  assert.equal(calls, 4)
  assert.deepEqual(waits, [10, 20, 40])
})

test('retry stops at a final error', async () => {
  const { sleep } = clock()
  let calls = 0
  const operation = async () => {
    calls++
    throw new Error('forbidden')
  }
  await assert.rejects(retry(operation, { sleep, isFinal: (error) => error.message === 'forbidden' }))
  assert.equal(calls, 1)
})
