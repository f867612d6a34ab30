import { describe, expect, test } from 'vitest'
import {
  ABLATION_TABLES,
  ABLATION_VARIANTS,
  type AblationResult,
  ablationRows,
  WHOLE_METHOD,
} from '../../src/evaluation/ablation.ts'

/** Two tasks with two rollouts each: `resolved` of the four. */
function result(seed: number, variant: string, resolved: readonly [number, number], pairs = 10): AblationResult {
  const counts = (numbers: readonly number[]) => numbers.map((count, at) => ({ task: `task ${at}`, count, total: 2 }))
  return {
    seed,
    variant,
    pairs,
    resolvedTrajectories: 20,
    counts: {
      resolved: counts(resolved),
      emptyPatch: counts([1, 0]),
      stuck: counts([0, 0]),
      invalidCall: counts([2, 2]),
    },
    seconds: 1,
  }
}

describe('the variants', () => {
  test('have names of their own, and every table holds the whole method', () => {
    expect(new Set(ABLATION_VARIANTS.map(({ name }) => name)).size).toBe(ABLATION_VARIANTS.length)
    for (const table of ABLATION_TABLES)
      expect(ABLATION_VARIANTS.some(({ name, tables }) => name === WHOLE_METHOD && tables.includes(table))).toBe(true)
  })

  test('carry what the paper prints in tables 5 and 6', () => {
    const paper = Object.fromEntries(ABLATION_VARIANTS.flatMap(({ name, paper: row }) => (row ? [[name, row]] : [])))
    expect(paper).toEqual({
      base: { emptyPatch: 50.3, resolved: 3.7 },
      'SFT only': { emptyPatch: 22, resolved: 13 },
      'DPO only': { emptyPatch: 24.3, resolved: 10.7 },
      'SFT + whole-trajectory DPO': { emptyPatch: 41.3, resolved: 5.3 },
      '25 % of the tasks': { emptyPatch: 35, resolved: 9 },
      '50 % of the tasks': { emptyPatch: 28.7, resolved: 13.7 },
      '75 % of the tasks': { emptyPatch: 22, resolved: 16 },
      'SFT + DPO': { emptyPatch: 17, resolved: 17.7 },
      '+50 % on-policy': { emptyPatch: 17, resolved: 16.3 },
    })
  })
})

describe('a table', () => {
  const results = [
    result(1, 'base', [0, 0], 0),
    result(2, 'base', [0, 1], 0),
    result(1, WHOLE_METHOD, [2, 1]),
    result(2, WHOLE_METHOD, [2, 2], 20),
    result(3, WHOLE_METHOD, [2, 2]),
  ]

  test('pools the seeds of each variant that was measured, in the order of the variants', () => {
    const rows = ablationRows(results, 'parts')
    expect(rows.map(({ variant, seeds }) => [variant.name, seeds])).toEqual([
      ['base', 2],
      [WHOLE_METHOD, 3],
    ])
    expect(rows[0]?.resolved).toMatchObject({ count: 1, total: 8, rate: 0.125 })
    expect(rows[1]).toMatchObject({ pairs: 40 / 3, resolvedTrajectories: 20 })
    expect(rows[1]?.stuck).toMatchObject({ count: 0, total: 12 })
    expect(rows[1]?.emptyPatch.rate).toBe(0.25)
  })

  test('compares with the whole method seed by seed and task by task', () => {
    const [base, whole] = ablationRows(results, 'parts')
    // Seed 1: −1 and −0.5; seed 2: −1 and −0.5.
    expect(base?.against?.delta).toBe(-0.75)
    expect(base?.against?.low).toBeLessThanOrEqual(-0.75)
    expect(whole?.against).toBeUndefined()
  })

  test('takes the newest of a result that was measured twice', () => {
    const [base] = ablationRows([...results, result(2, 'base', [2, 2], 0)], 'parts')
    expect(base?.resolved).toMatchObject({ count: 4, total: 8 })
  })

  test('is empty where nothing was measured', () => {
    expect(ablationRows([], 'merge')).toEqual([])
  })
})
