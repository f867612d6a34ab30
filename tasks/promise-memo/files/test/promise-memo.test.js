import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PromiseMemo } from '../src/promise-memo.js'

const setup = (options) => {
  const calls = []
  const clock = { now: 0 }
  const load = async (key) => {
    calls.push(key)
    if (key === 'flaky' && calls.length === 1) throw new Error('restarting')
    return `${key}#${calls.length}`
  }
  return { calls, clock, memo: new PromiseMemo(load, { now: () => clock.now, ...options }) }
}

test('PromiseMemo.get asks once per key', async () => {
  const { calls, memo } = setup()
  assert.equal(await memo.get('a'), 'a#1')
  assert.equal(await memo.get('a'), 'a#1')
  assert.deepEqual(calls, ['a'])
})

test('PromiseMemo.get shares a request that is under way', async () => {
  const { calls, memo } = setup()
  await Promise.all([memo.get('a'), memo.get('a'), memo.get('b')])
  assert.deepEqual(calls, ['a', 'b'])
})

test('PromiseMemo.get rejects as the load does', async () => {
  const { memo } = setup()
  await assert.rejects(memo.get('flaky'), /restarting/)
})

test('PromiseMemo.get asks again after a failure', async () => {
  const { memo } = setup()
  await assert.rejects(memo.get('flaky'))
  assert.equal(await memo.get('flaky'), 'flaky#2')
})

test('PromiseMemo.forget makes the next call ask', async () => {
  const { calls, memo } = setup()
  await memo.get('a')
  assert.equal(memo.forget('a'), true)
  await memo.get('a')
  assert.deepEqual(calls, ['a', 'a'])
})
