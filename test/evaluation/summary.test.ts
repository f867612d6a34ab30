import { expect, test } from 'vitest'
import { compareEvaluations, reportOf } from '../../src/evaluation/comparison.ts'
import { fittingTables, PAPER_ROWS, PAPER_TABLES } from '../../src/evaluation/paper-rows.ts'
import { wilson } from '../../src/evaluation/rate.ts'
import type { EvaluationSummary } from '../../src/evaluation/report.ts'
import type { RolloutFacts } from '../../src/evaluation/rollout-facts.ts'
import { failureKinds, summarize } from '../../src/evaluation/summary.ts'
import { facts } from './trajectories.ts'

let made = 0
function evaluation(name: string, list: readonly RolloutFacts[]): EvaluationSummary {
  made++
  const head = { id: `e${made}`, job: `j${made}`, state: 'done', rollouts: list.length, tasks: 4 } as const
  return summarize({ ...head, name, model: name }, list)
}

const LOOP = { kind: 'loop', step: 2, says: 'the same action ×3' } as const
const TOOL = { kind: 'tool', step: 1, says: 'malformed call' } as const

test('infrastructure failures are counted and left out of every rate and mean', () => {
  const summary = evaluation('base', [
    facts(1, 'a', true, { turns: 4, tokens: 100 }),
    facts(2, 'b', false, { turns: 8, tokens: 300, emptyPatch: true, stuck: true, invalidCalls: 2 }),
    facts(3, 'c', false, { outcome: 'unknown', infrastructure: 'The sandbox is gone.', turns: 90, tokens: 9000 }),
  ])
  expect(summary).toMatchObject({ ended: 3, infrastructure: 1, intervals: 'wilson', turns: 6, tokens: 200 })
  expect(summary.resolved).toEqual({ count: 1, total: 2, rate: 0.5, ...wilson(1, 2) })
  for (const rate of [summary.emptyPatch, summary.stuck, summary.invalidCall])
    expect(rate).toMatchObject({ count: 1, total: 2 })
})

test('a rollout that was not graded counts in all rates but resolved', () => {
  const summary = evaluation('base', [facts(1, 'a', true), facts(2, 'b', false, { outcome: 'unknown', stuck: true })])
  expect(summary.resolved).toMatchObject({ count: 1, total: 1 })
  expect(summary.stuck).toMatchObject({ count: 1, total: 2 })
})

test('unresolved rollouts are counted by what went wrong, other only alone', () => {
  const list = [
    facts(1, 'a', false, { signs: [LOOP, TOOL] }),
    facts(2, 'b', false, { signs: [LOOP] }),
    facts(3, 'c', false),
    facts(4, 'd', true, { signs: [TOOL] }),
    facts(5, 'e', false, { signs: [TOOL], infrastructure: 'lost' }),
  ]
  expect(evaluation('base', list).failures).toEqual({ instruction: 0, tool: 1, loop: 2, other: 1 })
  expect(list.map(failureKinds)).toEqual([['tool', 'loop'], ['loop'], ['other'], [], []])
})

test('two evaluations are compared task by task', () => {
  const before = evaluation('before', [
    facts(1, 'a', false),
    facts(2, 'b', false),
    facts(3, 'c', true),
    facts(4, 'd', true),
    facts(5, 'only-before', true),
  ])
  const after = evaluation('after', [
    facts(6, 'a', true),
    facts(7, 'b', true),
    facts(8, 'c', true),
    facts(9, 'd', false),
    facts(10, 'lost', false, { infrastructure: 'gone' }),
  ])
  const comparison = compareEvaluations(before, after)
  // 2 of 3 moved tasks got better: p = P(X ≤ 1) · 2 = 2 · (1 + 3) / 8 = 1.
  expect(comparison).toMatchObject({
    before: before.id,
    after: after.id,
    tasks: 4,
    better: ['a', 'b'],
    worse: ['d'],
    same: 1,
    p: 1,
    resolved: { delta: 0.25 },
  })
  expect(comparison.resolved.low).toBeLessThan(0)
  expect(compareEvaluations(before, after)).toBe(comparison)
})

test('with several rollouts a task moves by its rate', () => {
  const before = evaluation('before', [facts(1, 'a', false), facts(2, 'a', true), facts(3, 'b', true)])
  const after = evaluation('after', [facts(4, 'a', true), facts(5, 'a', true), facts(6, 'b', true)])
  expect(compareEvaluations(before, after)).toMatchObject({
    tasks: 2,
    better: ['a'],
    same: 1,
    resolved: { delta: 0.25 },
  })
})

test('a report compares each with the first that shares tasks, then with the one before', () => {
  const [base, sft, dpo] = ['base', 'SFT', 'SFT+DPO'].map((name, at) => evaluation(name, [facts(at + 1, 'a', at > 0)]))
  const [fixBase, fixDpo] = ['fix base', 'fix dpo'].map((name, at) =>
    evaluation(name, [facts(at + 9, 'JavaScript/1', true)]),
  )
  if (!base || !sft || !dpo || !fixBase || !fixDpo) throw new Error('made five')
  const report = reportOf([base, sft, fixBase, dpo, fixDpo])
  expect(report.comparisons.map(({ before, after }) => [before, after])).toEqual([
    [base.id, sft.id],
    [base.id, dpo.id],
    [fixBase.id, fixDpo.id],
    [sft.id, dpo.id],
  ])
  expect(report.paper).toBe(PAPER_ROWS)
})

test('the paper’s rows are those of paper.md §7, table by table', () => {
  const row = (table: string, model: string) => PAPER_ROWS.find((each) => each.table === table && each.model === model)
  expect(row(PAPER_TABLES.lite, 'Qwen-14B')).toMatchObject({ emptyPatch: 50.3, stuck: 35, resolved: 3.7 })
  expect(row(PAPER_TABLES.verified, 'SEAlign-14B')).toMatchObject({ emptyPatch: 22.8, stuck: 15.6, resolved: 21.8 })
  expect(row(PAPER_TABLES.ablation, 'whole-trajectory pairs')).toMatchObject({ emptyPatch: 41.3, resolved: 5.3 })
  expect(new Set(PAPER_ROWS.map(({ table }) => table)).size).toBe(8)
  // Whatever several tables print of one system agrees.
  expect(row('SWE-bench Lite, table 3', 'SEAlign 14B')?.resolved).toBe(row(PAPER_TABLES.lite, 'SEAlign-14B')?.resolved)
  expect(row(PAPER_TABLES.ablation, 'SFT + fine-grained DPO')?.resolved).toBe(17.7)
})

test('HumanEvalFix and the ablation stand beside a report only where they fit', () => {
  const { lite, verified, fix, ablation } = PAPER_TABLES
  const one = { name: 'before', model: 'qwen', tasks: ['django__django-1'] }
  expect(fittingTables([one])).toEqual([lite, verified])
  expect(fittingTables([{ ...one, tasks: ['JavaScript/12'] }])).toEqual([lite, verified, fix])
  expect(fittingTables([one, { ...one, name: 'SFT+DPO' }])).toEqual([lite, verified, ablation])
})
