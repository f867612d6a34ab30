import { expect, test } from 'vitest'
import { chosenBase, evaluationOrder, listedEvaluations } from '../../../views/report/evaluation-listing.ts'
import { REPORT_START, updateReport } from '../../../views/report/state.ts'
import { kept, taskLines, taskOrder } from '../../../views/report/task-listing.ts'
import { facts } from '../../evaluation/trajectories.ts'
import { evaluation, threeEvaluations } from './report-model.ts'

test('c marks what the others are compared with, and takes the mark off', () => {
  const [before, sft, dpo] = threeEvaluations().evaluations
  if (!before || !sft || !dpo) throw new Error('three')
  const all = [before, sft, dpo]
  const marked = updateReport(REPORT_START, { type: 'base', id: 'e2' })
  expect(chosenBase(all, dpo, REPORT_START.base)).toBe(before)
  expect(chosenBase(all, dpo, marked.base)).toBe(sft)
  expect(chosenBase(all, sft, marked.base)).toBe(before)
  expect(updateReport(marked, { type: 'base', id: 'e2' }).base).toBeUndefined()
})

test('an order holds until another one is asked for; new things follow', () => {
  const { evaluations } = threeEvaluations()
  const order = evaluationOrder(evaluations, 'resolved')
  expect(order).toEqual(['e3', 'e2', 'e1'])
  const later = [...evaluations, evaluation(4, 'later', 24)]
  expect(listedEvaluations(later, { filter: '', order }).map(({ id }) => id)).toEqual(['e3', 'e2', 'e1', 'e4'])
  expect(listedEvaluations(later, { filter: 'sft', order }).map(({ id }) => id)).toEqual(['e3', 'e2'])
  expect(kept(['a', 'b', 'c'], ['c', 'a'], (each) => each)).toEqual(['c', 'a', 'b'])
})

test('tasks that moved come first when that is asked for', () => {
  const before = evaluation(1, 'before', 0, {}, [facts(1, 't9', true), facts(2, 't10', false), facts(3, 't2', true)])
  const after = evaluation(2, 'after', 0, {}, [facts(4, 't9', false), facts(5, 't10', true), facts(6, 't2', true)])
  const lines = taskLines({ evaluation: after, after, base: before }, '')
  expect(lines).toEqual([
    { task: 't2', way: 'same' },
    { task: 't9', way: 'worse' },
    { task: 't10', way: 'better' },
  ])
  expect(taskOrder(lines, 'moved')).toEqual(['t10', 't9', 't2'])
  expect(taskOrder(lines, 'name')).toEqual([])
})
