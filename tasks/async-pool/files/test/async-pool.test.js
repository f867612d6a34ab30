import assert from 'node:assert/strict'
import { test } from 'node:test'
import { filterPool, mapPool } from '../src/async-pool.js'

const tick = () => new Promise((done) => setImmediate(done))

const counter = () => {
  const seen = { now: 0, most: 0 }
  const work = async (item) => {
    seen.now++
    seen.most = Math.max(seen.most, seen.now)
    await tick()
    seen.now--
    return item * 10
  }
  return { seen, work }
}

test('mapPool gives results in order', async () => {
  assert.deepEqual(await mapPool([1, 2, 3], 2, async (item) => item * 10), [10, 20, 30])
})

test('mapPool of nothing is nothing', async () => {
  assert.deepEqual(await mapPool([], 2, tick), [])
})

test('mapPool runs no more than its limit at once', async () => {
  const { seen, work } = counter()
  await mapPool([1, 2, 3, 4, 5, 6], 2, work)
  assert.equal(seen.most, 2)
})

test('mapPool rejects when an item fails', async () => {
  await assert.rejects(mapPool([1, 2], 5, async () => Promise.reject(new Error('broken'))), /broken/)
})

test('mapPool refuses a limit of 0', async () => {
  await assert.rejects(mapPool([1], 0, tick), RangeError)
})

test('filterPool keeps what the test accepts', async () => {
  assert.deepEqual(await filterPool([1, 2, 3, 4], 4, async (item) => item % 2 === 0), [2, 4])
})
