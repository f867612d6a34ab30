import { describe, expect, test } from 'vitest'
import { batchLogs, batchOf, logitSlopes } from '../../../src/training/embedded/batch.ts'
import type { Example, LearntSituation } from '../../../src/training/embedded/example.ts'
import { dpoObjective, sftObjective, sidesOf } from '../../../src/training/embedded/objective.ts'

/** Two proposals of one feature each, alike by habit. */
function situation(): LearntSituation {
  return { features: new Float32Array(2), habits: new Float64Array(2) }
}

/** A Situation in which the first proposal has this probability, as logits. */
function oddsOf(share: number): readonly number[] {
  return [Math.log(share / (1 - share)), 0]
}

function exampleOf(chosen: readonly LearntSituation[], rejected: readonly LearntSituation[], weight = 1): Example {
  return {
    id: 'e',
    task: 't',
    sources: [],
    weight,
    chosen: chosen.map((of) => ({ situation: of, proposal: 0 })),
    rejected: rejected.map((of) => ({ situation: of, proposal: 1 })),
  }
}

const [a, b] = [situation(), situation()]

function logsOf(examples: readonly Example[], ...shares: readonly number[]) {
  const batch = batchOf(examples)
  return { batch, logs: batchLogs(batch, Float32Array.from(shares.flatMap(oddsOf))) }
}

describe('the loss of SFT', () => {
  test('is the mean of −log P over actions, each as often as it was taken', () => {
    const { batch, logs } = logsOf([exampleOf([a], [], 3), exampleOf([b], [])], 0.8, 0.25)
    const { weight, figures } = sftObjective(batch, logs)
    expect(weight).toBe(4)
    expect(figures['loss']).toBeCloseTo((3 * -Math.log(0.8) - Math.log(0.25)) / 4, 6)
    expect(figures['mean_token_accuracy']).toBe(3 / 4)
    const entropy = (p: number) => -p * Math.log(p) - (1 - p) * Math.log(1 - p)
    expect(figures['entropy']).toBeCloseTo((3 * entropy(0.8) + entropy(0.25)) / 4, 6)
  })

  test('slopes by the logits are (P − taken) by weight', () => {
    const { batch, logs } = logsOf([exampleOf([a], [], 3), exampleOf([b], [])], 0.8, 0.25)
    const slopes = logitSlopes(batch, logs, sftObjective(batch, logs).slopes)
    for (const [at, expected] of [-0.2 * 0.75, 0.2 * 0.75, -0.75 * 0.25, 0.75 * 0.25].entries()) {
      expect(slopes[at]).toBeCloseTo(expected, 6)
    }
  })
})

describe('the loss of DPO', () => {
  const pair = exampleOf([a], [a])
  const reference = new Map([[pair, { chosen: Math.log(0.5), rejected: Math.log(0.5) }]])

  test('is ln 2 where the policy is the reference', () => {
    const { batch, logs } = logsOf([pair], 0.3)
    const { figures } = dpoObjective(0.1, new Map([[pair, sidesOf(pair, logs)]]))(batch, logs)
    expect(figures).toMatchObject({ loss: Math.LN2, 'rewards/margins': 0, 'rewards/accuracies': 0 })
  })

  test('on numbers worked by hand: P from 1/2 to 0.8 against 0.2', () => {
    const { batch, logs } = logsOf([pair], 0.8)
    const { figures, slopes } = dpoObjective(0.5, reference)(batch, logs)
    // Margin 0.5·(ln 1.6 − ln 0.4) = 0.5·ln 4 = ln 2; σ(ln 2) = 2/3.
    expect(figures['loss']).toBeCloseTo(-Math.log(2 / 3), 6)
    expect(figures['rewards/chosen']).toBeCloseTo(0.5 * Math.log(1.6), 6)
    expect(figures['rewards/rejected']).toBeCloseTo(0.5 * Math.log(0.4), 6)
    expect(figures['rewards/margins']).toBeCloseTo(Math.LN2, 6)
    expect(figures['rewards/accuracies']).toBe(1)
    expect(figures['logps/chosen']).toBeCloseTo(Math.log(0.8), 6)
    expect(figures['logps/rejected']).toBeCloseTo(Math.log(0.2), 6)
    expect(slopes[0]?.chosen).toBeCloseTo(-0.5 / 3, 6)
    expect(slopes[0]?.rejected).toBeCloseTo(0.5 / 3, 6)
  })

  test('sums the log-probabilities of whole trajectories; what both sides share cancels', () => {
    const whole = exampleOf([a, b], [a])
    const { batch, logs } = logsOf([whole], 0.8, 0.25)
    const start = new Map([[whole, { chosen: 2 * Math.log(0.5), rejected: Math.log(0.5) }]])
    const { figures } = dpoObjective(1, start)(batch, logs)
    expect(figures['rewards/chosen']).toBeCloseTo(Math.log(1.6) + Math.log(0.5), 6)
    expect(figures['rewards/rejected']).toBeCloseTo(Math.log(0.4), 6)
    const both: Example = { ...whole, rejected: whole.chosen }
    const sides = sidesOf(both, logs)
    expect(sides.chosen).toBe(sides.rejected)
    const { slopes } = dpoObjective(1, new Map([[both, { chosen: -2, rejected: -3 }]]))(batchOf([both]), logs)
    expect([...logitSlopes(batchOf([both]), logs, slopes)].every((slope) => Math.abs(slope) < 1e-7)).toBe(true)
  })

  test('a pair met three times counts as one of weight three', () => {
    const other = exampleOf([b], [b])
    const both = { chosen: -1, rejected: -0.5 }
    const copies = [pair, { ...pair }, { ...pair }]
    const thrice = logsOf([...copies, other], 0.8, 0.4)
    const heavy = { ...pair, weight: 3 }
    const once = logsOf([heavy, other], 0.8, 0.4)
    const found = [
      dpoObjective(0.5, new Map([...copies, other].map((example) => [example, both])))(thrice.batch, thrice.logs),
      dpoObjective(0.5, new Map([heavy, other].map((example) => [example, both])))(once.batch, once.logs),
    ]
    for (const [name, value] of Object.entries(found[0]?.figures ?? {})) {
      expect(found[1]?.figures[name]).toBeCloseTo(value, 12)
    }
    const slopes = [
      logitSlopes(thrice.batch, thrice.logs, found[0]?.slopes ?? []),
      logitSlopes(once.batch, once.logs, found[1]?.slopes ?? []),
    ]
    for (const [at, slope] of (slopes[0] ?? []).entries()) expect(slopes[1]?.[at]).toBeCloseTo(slope, 7)
  })

  test('does not overflow at margins far from 0', () => {
    for (const [before, loss] of [
      [-5000, 0],
      [5000, 5000],
    ] as const) {
      const { batch, logs } = logsOf([pair], 0.5)
      const far = new Map([[pair, { chosen: before, rejected: 0 }]])
      expect(dpoObjective(1, far)(batch, logs).figures['loss']).toBeCloseTo(loss, 6)
    }
  })
})
