import { describe, expect, test } from 'vitest'
import { startEvent, stepEvent } from '../training/run-events.ts'
import { dpoEvaluation, dpoStep, gpuEvent, heard, torchStart } from './train/torch-run.ts'

const xy = (series: { x: Float64Array; y: Float64Array; length: number } | undefined): [number, number][] =>
  series === undefined ? [] : Array.from({ length: series.length }, (_, at) => [series.x[at] ?? 0, series.y[at] ?? 0])

test('a curve lies over steps, passes of all stages, or seconds', () => {
  const events = [
    startEvent('sft', 2),
    stepEvent('sft', 1, 0.9),
    stepEvent('sft', 2, 0.8),
    startEvent('dpo', 3),
    stepEvent('dpo', 1, 0.7),
  ]
  const figures = heard(events, 10).curves.figures()
  expect(xy(figures.series('loss')).map(([x]) => x)).toEqual([1, 2, 3])
  expect(xy(figures.series('loss', 'epoch')).map(([x]) => x)).toEqual([0.1, 0.2, expect.closeTo(0.3)])
  expect(xy(figures.series('loss', 'time')).map(([x]) => x)).toEqual([10, 20, 40])
})

test('what is told later than it happened lies where it happened', () => {
  const events = [
    { ...startEvent('sft', 2), t: 1000 },
    { ...stepEvent('sft', 1, 0.9), t: 1007 },
    { ...stepEvent('sft', 2, 0.8), t: 1030.5 },
  ]
  const figures = heard(events, 0.01).curves.figures()
  expect(xy(figures.series('loss', 'time')).map(([x]) => x)).toEqual([7, 30.5])
})

test('passes go on from the state a run goes on from', () => {
  const steps = [1, 2, 3].map((step) => stepEvent('sft', step, 1))
  const again = { ...startEvent('sft', 3), resume: { step: 2 } }
  const events = [startEvent('sft', 3), ...steps, again, stepEvent('sft', 3, 0.5)]
  expect(xy(heard(events).curves.figures().series('loss', 'epoch'))).toEqual([
    [0.1, 1],
    [0.2, 1],
    [0.3, 0.5],
  ])
})

test('GPUs are curves over time, of what was said only', () => {
  const silent = gpuEvent(2, { temperature: null, power: null })
  const figures = heard([torchStart('dpo', 9), silent, gpuEvent(2)], 2).curves.figures()
  expect(figures.gpuNames.slice(0, 4)).toEqual([
    'gpu/0/utilization',
    'gpu/0/memory_gib',
    'gpu/1/utilization',
    'gpu/1/memory_gib',
  ])
  expect(xy(figures.gpuSeries('gpu/1/memory_gib'))).toEqual([
    [2, 98],
    [4, 98],
  ])
  expect(xy(figures.gpuSeries('gpu/0/power'))).toEqual([[4, 600]])
  expect(figures.names).toEqual([])
})

describe('a loss that stands out', () => {
  const flat = (count: number, from = 1) =>
    Array.from({ length: count }, (_, at) => dpoStep(from + at, 0.6 + 0.01 * Math.sin(at * 5)))

  test('is a spike, once, compared with the fifty steps before it and never in the first twenty', () => {
    const early = heard([torchStart('dpo', 99), ...flat(10), dpoStep(11, 3)]).curves.figures()
    expect(early.spikes).toEqual([])
    const events = [torchStart('dpo', 99), ...flat(30), dpoStep(31, 2), dpoStep(32, 1.9), ...flat(20, 33)]
    expect(heard(events).curves.figures().spikes).toEqual([
      { x: 31, loss: 2, median: expect.closeTo(0.6, 1) as number },
    ])
  })

  test('is none where a flat curve moves by rounding, or another stage begins', () => {
    const even = Array.from({ length: 60 }, (_, at) => stepEvent('sft', at + 1, 0.5 + (at === 40 ? 1e-3 : 0)))
    const events = [startEvent('sft', 60), ...even, torchStart('dpo', 9), dpoStep(1, 0.693)]
    expect(heard(events).curves.figures().spikes).toEqual([])
  })

  test('is forgotten when its step is done again', () => {
    const again = { ...torchStart('dpo', 99), resume: { step: 25 } }
    const events = [torchStart('dpo', 99), ...flat(30), dpoStep(31, 2), again, ...flat(3, 26)]
    expect(heard(events).curves.figures().spikes).toEqual([])
  })
})

test('steps without a finite loss are counted; evaluations keep their depths, and margins their pairs', () => {
  const events = [
    torchStart('dpo', 9),
    dpoStep(1, null),
    dpoEvaluation(1, 0.5),
    ...[2, 3, 4].map((at) => dpoStep(at, 0.6, [1, -1])),
  ]
  const figures = heard(events).curves.figures()
  expect(figures.lossless).toEqual([1])
  expect(figures.steps[1]?.byDepth?.[1]).toEqual({ from: 1, to: 9, pairs: 3, accuracy: null, margin: -0.2 })
  expect(figures.wrongPairs().map(({ id }) => id)).toEqual(['p1'])
})
