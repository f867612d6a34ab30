import { describe, expect, test } from 'vitest'
import { marginNote, PairMargins } from '../../sessions/pair-margins.ts'
import type { RunEvent } from '../../src/training/run-event.ts'
import { startEvent } from '../training/run-events.ts'

function step(at: number, margins: Readonly<Record<string, number | null>>): RunEvent {
  const batch = Object.keys(margins)
  return {
    type: 'step',
    stage: 'dpo',
    step: at,
    epoch: 1,
    metrics: {},
    batch,
    margins: Object.values(margins),
    etaSeconds: null,
  }
}

function evaluation(at: number, margins: Readonly<Record<string, number | null>>): RunEvent {
  const pairs = Object.entries(margins).map(([id, margin]) => ({ id, margin }))
  return { type: 'eval', stage: 'dpo', step: at, metrics: {}, best: false, pairs }
}

function heard(...events: readonly RunEvent[]): PairMargins {
  const margins = new PairMargins()
  for (const event of events) margins.hear(event)
  return margins
}

const marginOf = (pair: number): [string, number] => [`p${pair}`, (pair % 10) - 2.5]
const ids = (margins: PairMargins) => margins.wrong().map(({ id }) => id)

describe('pairs that are preferred the wrong way round', () => {
  test('have three newest margins that are all negative; the worst comes first', () => {
    const margins = heard(
      step(2, { a: 1, b: -1, c: -0.1 }),
      step(3, { a: -1, b: -1, c: -0.1 }),
      step(4, { a: -1, b: 0.2, c: -0.1 }),
    )
    expect(ids(margins)).toEqual(['c'])
    margins.hear(step(5, { a: -1 }))
    expect(ids(margins)).toEqual(['a', 'c'])
    expect(margins.wrong()[0]).toEqual({
      id: 'a',
      last: -1,
      mean: -1,
      times: 4,
      negative: 3,
      recent: [1, -1, -1, -1],
      heldOut: false,
    })
    margins.hear(step(6, { a: 0 }))
    expect(ids(margins)).toEqual(['c'])
    expect(margins.wrong()).toBe(margins.wrong())
  })

  test('are judged by evaluations too, not before anything was learnt, and not by what is no number', () => {
    const margins = heard(
      evaluation(0, { a: -1e-5, b: -1e-5 }),
      step(1, { b: -1e-5 }),
      evaluation(10, { a: -1, b: -1 }),
      evaluation(20, { a: -1, b: null }),
      evaluation(30, { a: -2, b: -1 }),
    )
    expect(margins.wrong().map(({ id, heldOut }) => [id, heldOut])).toEqual([['a', true]])
  })

  test('are forgotten with the steps that are done again', () => {
    const again: RunEvent = { ...startEvent('dpo', 10), resume: { step: 3 } }
    const margins = heard(step(2, { a: -1 }), step(3, { a: -1 }), step(4, { a: -1 }))
    expect(ids(margins)).toEqual(['a'])
    margins.hear(again)
    expect(ids(margins)).toEqual([])
    margins.hear(step(4, { a: -3 }))
    expect(margins.wrong()[0]?.times).toBe(3)
  })

  test('cost each event its batch, however many pairs and steps there are', () => {
    const margins = new PairMargins()
    const events = Array.from({ length: 2_000 }, (_, at) =>
      step(at + 2, Object.fromEntries(Array.from({ length: 16 }, (_, k) => marginOf((at * 16 + k) % 1_000)))),
    )
    const start = performance.now()
    for (const event of events) {
      margins.hear(event)
      margins.wrong()
    }
    expect((performance.now() - start) / events.length).toBeLessThan(2)
    expect(margins.wrong().length).toBe(300)
  })
})

test('a note says the newest margin and how often it was negative', () => {
  const wrong = { id: 'a', last: -0.424, mean: -0.3, times: 7, negative: 5, recent: [], heldOut: false }
  expect(marginNote(wrong, 'r3')).toBe('margin −0.42 in r3, negative 5 of 7 times')
  expect(marginNote({ ...wrong, last: -0.00042 }, 'r3')).toContain('margin −0.0004 ')
})
