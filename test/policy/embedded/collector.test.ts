import { describe, expect, test } from 'vitest'
import type { Message } from '../../../src/domain/message.ts'
import { createCollectorPolicy } from '../../../src/policy/embedded/collector.ts'
import { randomOf } from '../../../src/policy/embedded/random.ts'
import { stuckPaper } from '../../../src/rollout/stuck-paper.ts'
import { needs } from '../../needs.ts'
import { rollOut } from '../../rollout/loop-runs.ts'
import { sandboxFor } from '../../rollout/loop-sandbox.ts'
import { packageTask, promptOf, readAll } from './packages.ts'

needs('bubblewrap', 'git')

const { signal } = new AbortController()
const task = packageTask()

async function reply(messages: readonly Message[], seed: number, sampling: { seed?: number } = {}, mistakes = 0.15) {
  return createCollectorPolicy({ seed, mistakes }).reply({ messages, sampling, signal, stop: ['</function'] })
}

describe('the collector', () => {
  test('says the same for the same seeds and conversation, and says it up to the stop text', async () => {
    const [one, other] = [await reply(readAll(task), 1, { seed: 7 }, 0), await reply(readAll(task), 1, { seed: 7 }, 0)]
    expect(one.message).toEqual(other.message)
    expect(one).toMatchObject({ finish: 'stop', estimated: true, stopText: '</function' })
    expect(one.message.content).toMatch(/<\/parameter>\n$/)
  })

  test('either seed changes what it does', async () => {
    const seeds = Array.from({ length: 12 }, (_, seed) => seed)
    const bySampling = await Promise.all(seeds.map((seed) => reply(readAll(task), 1, { seed })))
    const byOption = await Promise.all(seeds.map((seed) => reply(readAll(task), seed)))
    for (const replies of [bySampling, byOption]) {
      expect(new Set(replies.map(({ message }) => message.content)).size).toBeGreaterThan(1)
    }
  })

  test('without a seed each run of a Task goes its own way', async () => {
    const policy = createCollectorPolicy({ seed: 1 })
    const replies = await Promise.all(
      Array.from({ length: 12 }, (_, run) =>
        (policy.forRun?.('shelf', run) ?? policy).reply({ messages: readAll(task), sampling: {}, signal }),
      ),
    )
    expect(new Set(replies.map(({ message }) => message.content)).size).toBeGreaterThan(1)
  })

  test('begins with few alternatives, so that trajectories share prefixes', async () => {
    const replies = await Promise.all(Array.from({ length: 60 }, (_, seed) => reply(promptOf(task), 1, { seed })))
    const counts = Map.groupBy(replies, ({ message }) => message.content)
    expect(counts.size).toBeLessThanOrEqual(8)
    expect(Math.max(...[...counts.values()].map((same) => same.length))).toBeGreaterThan(40)
  })

  test('draws several replies to one prompt, the first as if it were alone', async () => {
    const policy = createCollectorPolicy({ seed: 1 })
    const request = { messages: readAll(task), sampling: { seed: 2 }, signal }
    const [first, ...rest] = await policy.replies(request, 3)
    expect(first?.message).toEqual((await policy.reply(request)).message)
    expect(rest).toHaveLength(2)
  })

  test('solves a package with one bug in a real rollout when it makes no mistakes', async () => {
    const run = await rollOut({
      task,
      sandbox: () => sandboxFor(task),
      policy: createCollectorPolicy({ seed: 1, mistakes: 0 }),
      limits: { turns: 20 },
    })
    expect(run.end).toBe('finished')
    expect(run.patch).toContain('+    if (this.things.length < this.limit)')
    expect(stuckPaper(run.steps)).toBeUndefined()
  })
})

describe('seeded numbers', () => {
  test('are the same for the same parts, in [0, 1), and differ for other parts', () => {
    const draw = (...parts: readonly (string | number)[]) => {
      const random = randomOf(...parts)
      return Array.from({ length: 1000 }, () => random())
    }
    const numbers = draw('a', 1)
    expect(draw('a', 1)).toEqual(numbers)
    expect(draw('a', 2)).not.toEqual(numbers)
    expect(draw('a1')).not.toEqual(numbers)
    expect(numbers.every((number) => number >= 0 && number < 1)).toBe(true)
    const mean = numbers.reduce((sum, number) => sum + number, 0) / numbers.length
    expect(mean).toBeGreaterThan(0.45)
    expect(mean).toBeLessThan(0.55)
  })
})
