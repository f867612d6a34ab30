import { existsSync, globSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { mint } from '../../src/importers/mint.ts'
import {
  DEFAULT_FILTERS,
  type FilterCandidate,
  type FilterOptions,
  filterTrajectories,
  NO_FILTERS,
} from '../../src/pairs/filter.ts'
import { actionLabel, keysOf } from '../../src/tree/action-key.ts'
import type { KeyedTrajectory } from '../../src/tree/tree.ts'
import { keyed } from '../tree/trajectories.ts'

const of = (trajectory: KeyedTrajectory, rest: Partial<FilterCandidate> = {}): FilterCandidate => ({
  ...trajectory,
  task: 't',
  ...rest,
})
const reasons = (list: readonly FilterCandidate[], options: Partial<FilterOptions>) => [
  ...filterTrajectories(list, { ...NO_FILTERS, ...options }),
]

describe('a trajectory is left out', () => {
  it('when it repeats another of its task to the outcome; the first stays', () => {
    const list = [
      of(keyed(1, 'resolved', 'a', 'b')),
      of(keyed(2, 'resolved', 'a', ['b', 'other observation'])),
      of(keyed(3, 'unresolved', 'a', 'b')),
      of(keyed(4, 'resolved', 'a', 'b'), { task: 'other' }),
      of(keyed(5, 'resolved', 'a')),
    ]
    expect(reasons(list, { duplicates: true })).toEqual([[2, 'duplicate of trajectory 1']])
  })

  it('when it does the same again and again, whatever that returned', () => {
    const list = [
      of(keyed(1, 'resolved', 'a', 'b', ['b', 'x'], ['b', 'y'], 'b'), { label: (t) => `execute_bash ls ${t}` }),
      of(keyed(2, 'resolved', 'a', 'b', 'b', 'a', 'b')),
      of(keyed(3, 'resolved', 'c', 'c', 'c'), { label: () => '“I am done”' }),
    ]
    expect(reasons(list, { loops: true })).toEqual([
      [1, 'loop: execute_bash ×4 from step 2'],
      [3, 'loop: message ×3 from step 1'],
    ])
    expect(reasons(list, { loops: true, loopRepeats: 5 })).toEqual([])
  })

  it('but not for waiting with empty commands, until the tenth time', () => {
    const waiting = (times: number): FilterCandidate => {
      const reply = {
        role: 'assistant',
        content: '',
        toolCalls: [{ name: 'execute_bash', arguments: { command: ' ', is_input: 'true' } }],
      } as const
      return of({
        id: times,
        outcome: 'resolved',
        keys: keysOf(Array.from({ length: times }, () => ({ reply, observation: [] }))),
      })
    }
    expect(reasons([waiting(9), waiting(10)], { loops: true })).toEqual([[10, 'loop: same action ×10 from step 1']])
  })

  it('when nobody else began the way it did', () => {
    const list = [
      of(keyed(1, 'resolved', 'a')),
      of(keyed(2, 'resolved', 'a', 'b')),
      of(keyed(3, 'resolved', 'b')),
      of(keyed(4, 'resolved')),
      of(keyed(5, 'resolved', 'b'), { task: 'u' }),
    ]
    expect(reasons(list, { noOverlap: true })).toEqual([
      [3, 'no overlap'],
      [4, 'no overlap'],
      [5, 'no overlap'],
    ])
  })

  it('for the first reason that applies, and is then nobody’s overlap', () => {
    const list = [
      of(keyed(1, 'unknown', 'a'), { infrastructure: 'lost', repository: 'django/django' }),
      of(keyed(2, 'unknown', 'a'), { repository: 'django/django' }),
      of(keyed(3, 'unknown', 'a')),
      of(keyed(4, 'resolved', 'a', 'b')),
    ]
    expect(reasons(list, { ...DEFAULT_FILTERS, unknownOutcome: true })).toEqual([
      [1, 'infrastructure failure'],
      [2, 'benchmark repository'],
      [3, 'unknown outcome'],
      [4, 'no overlap'],
    ])
  })

  it('when it was rolled out to measure a policy, unless a person puts it back', () => {
    const list = [
      of(keyed(1, 'resolved', 'a'), { own: true, evaluation: true }),
      of(keyed(2, 'resolved', 'a', 'b'), { own: true, evaluation: true }),
      of(keyed(3, 'resolved', 'a', 'c'), { own: true }),
    ]
    expect(reasons(list, { evaluation: true, noOverlap: true, byHand: new Map([[2, true]]) })).toEqual([
      [1, 'evaluation'],
    ])
  })

  it('never, when every rule is off', () => {
    expect(reasons([of(keyed(1, 'unknown'), { infrastructure: 'x' })], {})).toEqual([])
  })
})

const MINT = '../shared/data/mint-humaneval'

function readMint(): FilterCandidate[] {
  const list: FilterCandidate[] = []
  for (const file of globSync(`${MINT}/**/results.jsonl`).toSorted()) {
    if (/\/max1_/.test(file)) continue
    for (const line of readFileSync(file, 'utf8').split('\n')) {
      if (line === '') continue
      for (const draft of mint.read(JSON.parse(line), { path: file, relativePath: file, warn: () => {} })) {
        const { task, outcome, steps } = draft
        const label = (t: number): string => {
          const step = steps[t - 1]
          return step === undefined ? '' : actionLabel(step)
        }
        list.push({ id: list.length + 1, task, outcome, keys: keysOf(steps), label })
      }
    }
  }
  return list
}

describe.skipIf(!existsSync(MINT))(`the real runs of MINT (skipped when ${MINT} is absent)`, () => {
  it('hold the duplicates, loops and loners that an independent script found', () => {
    const list = readMint()
    expect(list).toHaveLength(810)
    // The script collapses white space inside actions and finds 162; inside code it means something, so one pair of runs stays two.
    expect(reasons(list, { duplicates: true })).toHaveLength(161)
    expect(reasons(list, { loops: true })).toHaveLength(44)
    expect(reasons(list, { noOverlap: true }).length).toBeGreaterThanOrEqual(35)
    expect(reasons(list, { noOverlap: true }).length).toBeLessThanOrEqual(37)
  })
})
