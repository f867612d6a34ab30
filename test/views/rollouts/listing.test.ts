import { describe, expect, test } from 'vitest'
import type { RolloutRow } from '../../../views/model.ts'
import { Listing, type ListingWish } from '../../../views/rollouts/listing.ts'
import { rolloutMatcher } from '../../../views/rollouts/matching.ts'
import { LOOP, queuedRow, rolloutRow } from './live-model.ts'

const WISH: ListingWish = {
  sort: 'task',
  sortedAgain: 0,
  filter: '',
  grouped: false,
  folded: new Set(),
  selected: undefined,
}

function ids(listing: Listing): (number | string | undefined)[] {
  return Array.from(
    { length: listing.count },
    (_, line) => listing.rowAt(line)?.id ?? `[${listing.groupAt(line)?.task}]`,
  )
}

function listed(rows: readonly RolloutRow[], wish: Partial<ListingWish> = {}): Listing {
  const listing = new Listing()
  listing.follow(rows, { ...WISH, ...wish })
  return listing
}

const task = (id: number, name: string, run: string, change: Partial<RolloutRow> = {}) =>
  rolloutRow(id, { task: name, run, ...change })

describe('the order of rollouts', () => {
  test('is by task and run as people count', () => {
    const rows = [task(1, 'b', '1'), task(2, 'a-10', '2'), task(3, 'a-10', '10'), task(4, 'a-9', '1')]
    expect(ids(listed(rows))).toEqual([4, 2, 3, 1])
  })

  test.each([
    ['state', [4, 2, 1, 3]],
    ['step', [3, 1, 2, 4]],
    ['tokens', [2, 1, 3, 4]],
    ['idle', [2, 1, 4, 3]],
    ['stuck', [4, 1, 2, 3]],
  ] as const)('by %s', (sort, order) => {
    const rows = [
      task(1, 'a', '1', { step: 5, activeMs: 50 }),
      task(2, 'a', '2', { step: 4, state: 'paused', promptTokens: 99_000, activeMs: 10 }),
      task(3, 'a', '3', { step: 9, state: 'done', outcome: 'resolved', promptTokens: 10, endedMs: 5, activeMs: 5 }),
      task(4, 'a', '4', { step: 2, stuck: LOOP, promptTokens: 0, activeMs: 70 }),
    ]
    expect(ids(listed(rows, { sort }))).toEqual(order)
  })

  test('holds while the rollouts change, until it is asked for anew', () => {
    const rows = [task(1, 'a', '1', { step: 5 }), task(2, 'a', '2', { step: 4 })]
    const listing = listed(rows, { sort: 'step' })
    const later = rows.map((row) => ({ ...row, step: row.id === 2 ? 9 : row.step }))
    listing.follow(later, { ...WISH, sort: 'step' })
    expect(ids(listing)).toEqual([1, 2])
    expect(listing.rowAt(1)?.step).toBe(9)
    listing.follow(later, { ...WISH, sort: 'step', sortedAgain: 1 })
    expect(ids(listing)).toEqual([2, 1])
  })

  test('new rollouts follow those that are there, in the order by task they find their place', () => {
    const rows = [task(1, 'b', '1', { step: 1 }), task(2, 'c', '1', { step: 2 })]
    const more = [...rows, task(3, 'a', '1', { step: 9 })]
    const byStep = listed(rows, { sort: 'step' })
    byStep.follow(more, { ...WISH, sort: 'step' })
    expect(ids(byStep)).toEqual([2, 1, 3])
    const byTask = listed(rows)
    byTask.follow(more, WISH)
    expect(ids(byTask)).toEqual([3, 1, 2])
  })
})

describe('the filter', () => {
  const rows = [
    task(1, 'django-1', '1', { action: 'bash pytest -x', stuck: LOOP }),
    task(2, 'django-2', '1', { action: 'edit core.py', state: 'done', outcome: 'resolved', end: 'finished' }),
    task(3, 'flask-1', '1', { action: 'bash ls', state: 'done', outcome: 'unresolved', end: 'turn-limit' }),
    task(4, 'flask-2', '1', { state: 'done', infrastructure: 'Docker is gone.', model: 'Qwen' }),
    queuedRow(5),
  ]
  test.each([
    ['', [1, 2, 3, 4, 5]],
    ['DJANGO', [1, 2]],
    ['django edit', [2]],
    ['state:stuck', [1]],
    ['state:running', [1]],
    ['state:resolved task:django', [2]],
    ['end:turn', [3]],
    ['state:infra', [4]],
    ['model:qwen django', [1, 2]],
    ['state:unresolved', [3]],
    ['!state:done', [1, 5]],
    ['!django !queued', [3, 4]],
    ['!', [1, 2, 3, 4, 5]],
    ['constructor:x', []],
  ])('/%s', (filter, kept) => {
    const matches = rolloutMatcher(filter) ?? (() => true)
    expect(rows.filter(matches).map(({ id }) => id)).toEqual(kept)
  })

  test('the rollout under the cursor stays when it stops matching, and goes when something else is asked for', () => {
    const listing = listed(rows, { filter: 'state:stuck' })
    const { stuck: _, ...free } = rows[0] ?? rolloutRow(1)
    const later = [free, ...rows.slice(1)]
    listing.follow(later, { ...WISH, filter: 'state:stuck', selected: 1 })
    expect(ids(listing)).toEqual([1])
    listing.follow(later, { ...WISH, filter: 'state:stuc', selected: 1 })
    expect(ids(listing)).toEqual([])
  })
})

describe('groups', () => {
  const rows = [task(1, 'a', '1'), task(2, 'b', '1'), task(3, 'a', '2')]

  test('have a line of their own and can be folded', () => {
    const listing = listed(rows, { grouped: true })
    expect(ids(listing)).toEqual(['[a]', 1, 3, '[b]', 2])
    listing.follow(rows, { ...WISH, grouped: true, folded: new Set(['a']) })
    expect(ids(listing)).toEqual(['[a]', '[b]', 2])
    expect(listing.groupAt(0)?.rows.map(({ id }) => id)).toEqual([1, 3])
    expect(listing.lineOfGroup('b')).toBe(1)
    expect(listing.lineOf(3)).toBe(-1)
  })

  test('show what changed although no line moved', () => {
    const listing = listed(rows, { grouped: true })
    listing.follow(
      rows.map((row) => ({ ...row, step: 8 })),
      { ...WISH, grouped: true },
    )
    expect(listing.groupAt(0)?.rows.map(({ step }) => step)).toEqual([8, 8])
  })
})

test('following 5,000 rollouts that only changed compares ids and looks at nothing else', () => {
  const reads = { count: 0 }
  const watched = (id: number): RolloutRow => {
    const row = rolloutRow(id)
    return new Proxy(row, {
      get: (target, key, receiver): unknown => {
        if (key !== 'id') reads.count++
        return Reflect.get(target, key, receiver)
      },
    })
  }
  const listing = new Listing()
  listing.follow(
    Array.from({ length: 5_000 }, (_, id) => watched(id)),
    WISH,
  )
  expect(reads.count).toBeGreaterThan(5_000)
  reads.count = 0
  listing.follow(
    Array.from({ length: 5_000 }, (_, id) => watched(id)),
    WISH,
  )
  expect(reads.count).toBe(0)
  expect(listing.count).toBe(5_000)
})
