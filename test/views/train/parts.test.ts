import { describe, expect, test } from 'vitest'
import type { StepFigures } from '../../../views/run-model.ts'
import { chartGrid, pageOf } from '../../../views/train/chart-grid.ts'
import { findingsOf } from '../../../views/train/findings.ts'
import { chartMatcher, metricCharts } from '../../../views/train/metric-charts.ts'
import { TRAIN_START, updateTrain } from '../../../views/train/state.ts'
import { stepAt, stepIndex, steppedBy } from '../../../views/train/step-cursor.ts'
import { figuresOf, generatedSteps } from './training-model.ts'

function dpoStep(step: number, metrics: Record<string, number>): StepFigures {
  return { x: step, stage: 'dpo', step, kind: 'step', metrics, batch: [] }
}

describe('what the figures say', () => {
  test('dpo that starts at ln 2 is said to, any other start is a warning', () => {
    expect(findingsOf(figuresOf([dpoStep(1, { loss: 0.69309 })]))).toEqual([
      { kind: 'good', badge: 'ln 2', text: 'dpo starts at ln 2 (0.6931)' },
    ])
    const [finding] = findingsOf(figuresOf([dpoStep(1, { loss: 0.71 })]))
    expect(finding?.kind).toBe('warn')
    expect(finding?.text).toContain('dpo starts at 0.7100, not at ln 2')
    expect(findingsOf(figuresOf([dpoStep(7, { loss: 0.4 })]))).toEqual([])
  })

  test('replies that both become less likely are a warning; a small dip of the chosen one is not', () => {
    const rewards = (chosen: number, rejected: number) =>
      Array.from({ length: 12 }, (_, at) => dpoStep(at + 2, { 'rewards/chosen': chosen, 'rewards/rejected': rejected }))
    const said = (steps: StepFigures[]) => findingsOf(figuresOf(steps)).map(({ text }) => text)
    expect(said(rewards(-0.8, -2.1))[0]).toContain('both become less likely (rewards -0.8000 and -2.100)')
    expect(said(rewards(0.3, -2.1))).toEqual([])
    expect(said(rewards(-0.01, -2.1))).toEqual([])
    const falling = Array.from({ length: 40 }, (_, at) =>
      dpoStep(at + 2, { 'logps/chosen': -40 - at, 'logps/rejected': -42 - 2 * at }),
    )
    expect(said(falling)[0]).toContain('logps/chosen')
    expect(said(generatedSteps(300))).toEqual(['dpo starts at ln 2 (0.6931)'])
  })

  test('warnings of the trainer follow, newest first', () => {
    const figures = figuresOf([], {
      warnings: [
        { x: 3, text: 'one' },
        { x: 9, text: 'two' },
      ],
    })
    expect(findingsOf(figures).map(({ text }) => text)).toEqual(['step 9: two', 'step 3: one'])
  })
})

describe('charts', () => {
  test('held-out figures are drawn with their own, alone where they have none', () => {
    const charts = metricCharts([
      'eval_loss',
      'loss',
      'rewards/rejected',
      'rewards/chosen',
      'eval_rewards/chosen',
      'eval_bleu',
    ])
    expect(charts.map(({ title, parts }) => [title, ...parts.map(({ label }) => label)])).toEqual([
      ['loss', 'train', 'eval'],
      ['rewards', 'chosen', 'rejected', 'eval chosen'],
      ['bleu', 'eval'],
    ])
  })

  test('are found by regular expression, and by text where it is none', () => {
    const charts = metricCharts(['loss', 'rewards/margins', 'grad_norm', 'a(b'])
    const found = (filter: string) => charts.filter(chartMatcher(filter).matches).map(({ title }) => title)
    expect(found('^loss$|NORM')).toEqual(['loss', 'grad_norm'])
    expect(found('a(')).toEqual(['a(b'])
    expect(found('')).toHaveLength(4)
    expect([chartMatcher('a(').literal, chartMatcher('a').literal]).toEqual([true, false])
  })

  test('stand in a grid that fits the screen and what there is to show', () => {
    expect(chartGrid({ width: 60, height: 11 }, 9)).toEqual({ columns: 1, rows: 1 })
    expect(chartGrid({ width: 80, height: 18 }, 9)).toEqual({ columns: 2, rows: 2 })
    expect(chartGrid({ width: 120, height: 20 }, 9)).toEqual({ columns: 3, rows: 2 })
    expect(chartGrid({ width: 200, height: 40 }, 9)).toEqual({ columns: 3, rows: 3 })
    expect(chartGrid({ width: 200, height: 40 }, 2)).toEqual({ columns: 2, rows: 1 })
    expect(pageOf(5, 9, { columns: 2, rows: 2 })).toEqual({ page: 1, pages: 3 })
  })
})

describe('the step cursor', () => {
  const steps = [1, 2, 4, 4, 9].map((x, at): StepFigures => ({ ...dpoStep(x, {}), kind: at === 3 ? 'eval' : 'step' }))

  test('finds steps and evaluations of the same count, and the nearest where one is gone', () => {
    expect(stepIndex(steps, { x: 4, kind: 'eval' })).toBe(3)
    expect(stepIndex(steps, { x: 4, kind: 'step' })).toBe(2)
    expect(stepIndex(steps, { x: 5, kind: 'step' })).toBe(4)
    expect(stepIndex(steps, { x: 50, kind: 'step' })).toBe(4)
    expect(stepIndex(steps, undefined)).toBe(4)
    expect(stepIndex([], undefined)).toBe(-1)
  })

  test('moves by counts but at least to another step, and stays with the newest past the end', () => {
    const at = (x: number) => ({ x, kind: 'step' as const })
    expect(steppedBy(steps, at(2), 1)?.x).toBe(4)
    expect(steppedBy(steps, at(1), 3)?.x).toBe(4)
    expect(steppedBy(steps, at(4), -1)?.x).toBe(2)
    expect(steppedBy(steps, at(9), -6)?.x).toBe(4)
    expect(steppedBy(steps, at(1), -5)?.x).toBe(1)
    expect(steppedBy(steps, at(9), 1)).toBeUndefined()
    expect(steppedBy(steps, undefined, -1)?.x).toBe(4)
    expect(steppedBy([], undefined, -1)).toBeUndefined()
    expect([stepAt(steps, 0), stepAt(steps, 4)]).toEqual([{ x: 1, kind: 'step' }, undefined])
  })
})

test('smoothing steps through its values and comes back; another run begins at its newest step', () => {
  let state = TRAIN_START
  const seen = [0, 1, 2, 3].map(() => (state = updateTrain(state, { type: 'smooth' })).smoothing)
  expect(seen).toEqual([0.6, 0.9, 0.98, 0])
  state = updateTrain({ ...state, view: 'batch', at: { x: 3, kind: 'step' } }, { type: 'run', run: 'r1' })
  expect(state).toMatchObject({ view: 'steps', at: undefined, run: 'r1' })
})
