import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import type { RolloutEvent } from '../../src/rollout/events.ts'
import { answers, bash, eventsOf, FINISH, rollOut } from './loop-runs.ts'
import { needs } from '../needs.ts'

needs('bubblewrap', 'git')

const EDIT = bash('sed -i s/-/+/ core.py')

describe('a person', () => {
  test('cancels during a query: the Step in flight is lost, the others and the patch stay', async () => {
    const abort = new AbortController()
    const since = performance.now()
    const run = await rollOut({
      script: [EDIT, { content: 'never', delayMs: 60_000 }],
      control: { signal: abort.signal },
      hear: (event) => {
        if (event.type === 'step') setTimeout(() => abort.abort(), 100)
      },
    })
    expect(run).toMatchObject({ end: 'cancelled' })
    expect(run.steps).toHaveLength(1)
    expect(run.patch).toContain('+    return a + b')
    expect(performance.now() - since).toBeLessThan(20_000)
  })

  test('cancels during a command', async () => {
    const abort = new AbortController()
    const run = await rollOut({
      script: [EDIT, bash('echo begun; sleep 60'), FINISH],
      control: { signal: abort.signal },
      hear: (event) => {
        if (event.type === 'reply' && event.t === 2) setTimeout(() => abort.abort(), 300)
      },
    })
    expect(run).toMatchObject({ end: 'cancelled' })
    expect(run.steps).toHaveLength(1)
    expect(run.patch).toContain('+    return a + b')
  })

  test('cancels before anything began', async () => {
    const run = await rollOut({ script: [EDIT], control: { signal: AbortSignal.abort() } })
    expect(run).toMatchObject({ end: 'cancelled', steps: [] })
  })

  test('pauses between two Steps: nothing is asked meanwhile, and the wall time stands', async () => {
    let gate: PromiseWithResolvers<void> | undefined
    const heard: RolloutEvent['type'][] = []
    const running = rollOut({
      script: [EDIT, FINISH],
      limits: { wallMs: 3000 },
      control: { gate: () => gate?.promise },
      hear: (event) => {
        heard.push(event.type)
        if (event.type === 'step' && event.t === 1) gate = Promise.withResolvers()
      },
    })
    while (gate === undefined) await sleep(10)
    await sleep(3500)
    const before = heard.filter((type) => type !== 'patch').length
    await sleep(200)
    expect(heard.filter((type) => type !== 'patch')).toHaveLength(before)
    expect(heard.filter((type) => type === 'step')).toHaveLength(1)
    gate.resolve()
    gate = undefined
    const run = await running
    expect(run.end).toBe('finished')
    expect(eventsOf(run, 'step')[1]?.timing.overheadMs).toBeLessThan(1000)
  })

  test('cancels a paused rollout', async () => {
    const abort = new AbortController()
    const never = new Promise<void>(() => undefined)
    let stored = false
    const running = rollOut({
      script: [EDIT, FINISH],
      control: { signal: abort.signal, gate: () => (stored ? never : undefined) },
      hear: (event) => {
        if (event.type === 'step') {
          stored = true
          setTimeout(() => abort.abort(), 50)
        }
      },
    })
    expect((await running).end).toBe('cancelled')
  })

  test('nudges: the words become part of the newest Step, stored and read by the next query', async () => {
    const words = ['Look at the minus sign.']
    const run = await rollOut({
      script: [bash('ls'), EDIT, FINISH],
      control: { takeNudge: () => words.pop() },
    })
    expect(run.steps[0]?.observation.at(-1)).toEqual({ role: 'user', content: 'Look at the minus sign.' })
    expect(eventsOf(run, 'nudge')).toEqual([{ type: 'nudge', text: 'Look at the minus sign.', by: 'person' }])
    expect(answers(run.steps[1])).toHaveLength(1)
  })

  test('nudges during a pause: the newest Step is told again with the words, before the next query', async () => {
    let gate: PromiseWithResolvers<void> | undefined
    let words: string | undefined
    const read: string[] = []
    const running = rollOut({
      script: ({ messages }, { turn }) => {
        read.push(messages.at(-1)?.content ?? '')
        return turn === 0 ? EDIT : FINISH
      },
      control: {
        gate: () => gate?.promise,
        takeNudge: () => {
          const taken = words
          words = undefined
          return taken
        },
      },
      hear: (event) => {
        if (event.type === 'step' && event.t === 1 && !event.amends) gate = Promise.withResolvers()
      },
    })
    while (gate === undefined) await sleep(10)
    await sleep(50)
    words = 'That will do.'
    gate.resolve()
    gate = undefined
    const run = await running
    expect(run.end).toBe('finished')
    expect(read[1]).toBe('That will do.')
    expect(run.steps[0]?.observation.at(-1)?.content).toBe('That will do.')
    expect(eventsOf(run, 'step').map(({ t, amends }) => [t, amends])).toEqual([
      [1, undefined],
      [1, true],
      [2, undefined],
    ])
  })
})
