import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { StepDraft } from '../../src/domain/trajectory.ts'
import { createStuckFinder } from '../../src/rollout/stuck-watch.ts'
import { ran, said, unreadable } from './stuck-steps.ts'

/** One Step as letters; what follows a call's letter says what it printed and whether it failed. */
interface Did {
  readonly kind: 'call' | 'wait' | 'poll' | 'message' | 'malformed' | 'infrastructure'
  readonly action: string
  readonly output: string
  readonly failed: boolean
}

const did: fc.Arbitrary<Did> = fc.record({
  kind: fc.constantFrom(
    ...(['call', 'call', 'call', 'call', 'wait', 'poll', 'message', 'malformed', 'infrastructure'] as const),
  ),
  action: fc.constantFrom('a', 'a', 'b', 'c'),
  output: fc.constantFrom('x', 'x', 'x', 'y'),
  failed: fc.constantFrom(false, false, true),
})

/** Repetitive on purpose: pieces of up to six Steps, each up to five times. */
const history = fc
  .array(fc.tuple(fc.array(did, { minLength: 1, maxLength: 6 }), fc.integer({ min: 1, max: 5 })), { maxLength: 5 })
  .map((pieces) => pieces.flatMap(([steps, n]) => Array.from({ length: n }, () => steps).flat()))

function stepOf({ kind, action, output, failed }: Did): StepDraft {
  const exitCode = failed ? 1 : 0
  if (kind === 'message') return said(action, output)
  if (kind === 'malformed') return unreadable(action)
  if (kind === 'wait') return ran(`sleep 5; ${action}`, output, { exitCode })
  if (kind === 'poll') return ran('', output, { exitCode })
  return ran(action, output, { exitCode })
}

/** What is compared of a Step, written anew. */
const isCall = ({ kind }: Did): boolean => kind === 'call' || kind === 'wait' || kind === 'poll'
const waits = ({ kind, failed }: Did): boolean => kind === 'wait' || (kind === 'poll' && !failed)
const actionOf = ({ kind, action }: Did): string => (kind === 'poll' ? 'poll' : `${kind} ${action}`)
const roundOf = (step: Did): string => (isCall(step) ? `${actionOf(step)} ${step.output}` : actionOf(step))

/** Length of the longest end of the list that satisfies `test`, with the newest Step to compare with. */
function tail(steps: readonly Did[], test: (step: Did, newest: Did) => boolean): number {
  const newest = steps.at(-1)
  if (newest === undefined) return 0
  const back = steps.toReversed().findIndex((step) => !test(step, newest))
  return back < 0 ? steps.length : back
}

/** Every rule over the whole history: `rule repeats period`. */
function rescan(all: readonly Did[]): string[] {
  const steps = all.slice(all.findLastIndex(({ kind }) => kind === 'infrastructure') + 1)
  const newest = steps.at(-1)
  if (newest === undefined) return []
  const found: string[] = []
  const rule = (name: string, threshold: number, length: number) => {
    if (length >= (waits(newest) ? Math.max(threshold, 10) : threshold)) found.push(`${name} ${length} 1`)
  }
  const sameRound = tail(steps, (step, last) => roundOf(step) === roundOf(last))
  rule('action-observation', 4, isCall(newest) ? sameRound : 0)
  rule(
    'action-error',
    3,
    tail(steps, (step, last) => isCall(step) && step.failed && actionOf(step) === actionOf(last)),
  )
  rule(
    'malformed',
    3,
    tail(steps, ({ kind }) => kind === 'malformed'),
  )
  rule('message', 3, newest.kind === 'message' ? sameRound : 0)
  const rounds = steps.map(roundOf)
  for (const period of [2, 3, 4, 5]) {
    let agreed = 0
    while (rounds.length - 1 - agreed - period >= 0 && rounds.at(-1 - agreed) === rounds.at(-1 - agreed - period))
      agreed++
    const newestRound = steps.slice(-period)
    if (agreed === 0 || new Set(newestRound.map(roundOf)).size === 1) continue
    if (agreed + period < period * (newestRound.some(waits) ? 10 : 3)) continue
    found.push(`cycle ${Math.floor((agreed + period) / period)} ${period}`)
    break
  }
  return found
}

describe('the counts kept Step by Step', () => {
  it('are those of the whole history read again', () => {
    const seen = new Set<string>()
    fc.assert(
      fc.property(history, (steps) => {
        const finder = createStuckFinder('sealign')
        for (const [at, step] of steps.entries()) {
          const findings = finder?.push(stepOf(step), at + 1, { infrastructure: step.kind === 'infrastructure' }) ?? []
          const expected = rescan(steps.slice(0, at + 1))
          expect(findings.map(({ detection }) => `${detection.rule} ${detection.repeats} ${detection.period}`)).toEqual(
            expected,
          )
          for (const { detection } of findings) {
            seen.add(`${detection.rule} ${detection.period}`)
            expect(detection.to).toBe(at + 1)
            expect(detection.to - detection.from + 1).toBe(detection.period * detection.repeats)
          }
        }
      }),
      { numRuns: 600 },
    )
    expect([...seen].sort()).toEqual([
      'action-error 1',
      'action-observation 1',
      'cycle 2',
      'cycle 3',
      'cycle 4',
      'cycle 5',
      'malformed 1',
      'message 1',
    ])
  })
})
