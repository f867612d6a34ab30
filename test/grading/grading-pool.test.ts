import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { defaultConcurrency, GradingPool } from '../../src/grading/grading-pool.ts'

test('a quarter of the cores stays free, and one grading always runs', () => {
  expect([1, 2, 4, 16].map((cores) => defaultConcurrency(cores))).toEqual([1, 1, 3, 12])
})

test('never more at once than allowed, and every place is given back, also by work that fails', async () => {
  const pool = new GradingPool(3)
  let most = 0
  const results = await Promise.allSettled(
    Array.from({ length: 20 }, (_, n) =>
      pool.run(async () => {
        most = Math.max(most, pool.running)
        await sleep(2)
        if (n % 5 === 0) throw new Error(`work ${n}`)
        return n
      }),
    ),
  )
  expect(most).toBe(3)
  expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(4)
  expect([pool.running, pool.waiting]).toEqual([0, 0])
})

test('the longest work begins first, equal work in order of arrival', async () => {
  const pool = new GradingPool(1)
  const begun: string[] = []
  const work = (name: string, seconds?: number): Promise<void> =>
    pool.run(
      async () => {
        begun.push(name)
        await sleep(1)
      },
      undefined,
      seconds,
    )
  await Promise.all([work('first'), work('a', 5), work('b', 60), work('c', 5), work('d'), work('e')])
  expect(begun).toEqual(['first', 'b', 'a', 'c', 'd', 'e'])
})

test('who is aborted while waiting leaves at once; who works ends on its own', async () => {
  const pool = new GradingPool(1)
  const gate = Promise.withResolvers<string>()
  const working = pool.run(() => gate.promise)
  const abort = new AbortController()
  const waiting = pool.run(async () => 'never', abort.signal)
  const after = pool.run(async () => 'after')
  abort.abort(new Error('cancelled'))
  await expect(waiting).rejects.toThrow('cancelled')
  expect(pool.waiting).toBe(1)
  gate.resolve('done')
  expect(await working).toBe('done')
  expect(await after).toBe('after')
  await expect(pool.run(async () => 'never', abort.signal)).rejects.toThrow('cancelled')
  expect(pool.running).toBe(0)
})
