import { expect, test } from 'vitest'
import { clockAxis, partAxis } from '../../../views/paint/axis.ts'
import { chartRows } from '../../../views/paint/chart.ts'
import { rowText } from '../../../views/paint/row.ts'
import { sparkline } from '../../../views/paint/sparkline.ts'

test('a sparkline shows the newest values between the lowest and the highest', () => {
  expect(sparkline([9, 0, 1, 2, 7], 4, false)).toBe('▁▂▃█')
  expect(sparkline([1, 1], 4, false)).toBe('▅▅')
  expect(sparkline([0, Number.NaN, 7], 4, true)).toBe('_ @')
  expect(sparkline([], 4, false)).toBe('')
})

test('seconds have the ticks of a clock, passes those between whole numbers', () => {
  const texts = (low: number, high: number) => clockAxis(low, high, 4).ticks.map(({ text }) => text)
  expect(texts(0, 40)).toEqual(['0', '10s', '20s', '30s', '40s'])
  expect(texts(0, 3_600)).toEqual(['0', '15m', '30m', '45m', '1h'])
  expect(texts(0, 21_600)).toEqual(['0', '2h', '4h', '6h'])
  expect(clockAxis(0, 300, 4).ticks.map(({ text }) => text)).toEqual(['0', '2m', '4m'])
  expect(clockAxis(60, 180, 4).ticks.map(({ text }) => text)).toEqual(['1m', '1m30', '2m', '2m30', '3m'])
  expect(texts(0, 400_000)).toHaveLength(3)
  expect(clockAxis(5, 5, 4).place(5)).toBe(0)
  expect(partAxis(0, 2, 4).ticks.map(({ text }) => text)).toEqual(
    ['0.0', '0.5', '1.0', '1.5', '2.0'].map((text) => (text === '0.0' ? '0' : text)),
  )
})

test('an alarm stands on the axis, and a label gives way to it', () => {
  const series = {
    x: Float64Array.of(0, 100),
    y: Float64Array.of(1, 2),
    length: 2,
    label: 'a',
    style: 'curveA' as const,
  }
  const axis = (x: number) => {
    const rows = chartRows({
      title: 't',
      series: [series],
      width: 58,
      height: 6,
      from: 0,
      to: 100,
      marks: [{ x, type: 'alarm' }],
    })
    return rowText(rows.at(-1) ?? [])
  }
  expect(axis(70)).toMatch(/60─+▲─/)
  expect(axis(40)).not.toContain('40')
  expect(axis(40)).toContain('▲')
})
