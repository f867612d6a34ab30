import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Pace } from '../../../views/shell/pace.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }))
afterEach(() => void vi.useRealTimers())

describe('redraws that no key asked for', () => {
  test('the first change is drawn at once, a flood of them ten times a second, and the last one is not lost', () => {
    let draws = 0
    const pace = new Pace(() => draws++)
    pace.changed()
    expect(draws).toBe(1)
    for (let at = 0; at < 1_000; at += 5) {
      vi.advanceTimersByTime(5)
      pace.changed()
    }
    expect(draws).toBeGreaterThanOrEqual(9)
    expect(draws).toBeLessThanOrEqual(11)
    const before = draws
    pace.changed()
    vi.advanceTimersByTime(200)
    expect(draws).toBe(before + 1)
    vi.advanceTimersByTime(5_000)
    expect(draws).toBe(before + 1)
  })

  test('a clock on the screen is drawn when it moves on, unless something else was drawn meanwhile', () => {
    let draws = 0
    const pace = new Pace(() => draws++)
    pace.wakeIn(1_000)
    vi.advanceTimersByTime(999)
    expect(draws).toBe(0)
    pace.wakeIn(500)
    vi.advanceTimersByTime(499)
    expect(draws).toBe(0)
    vi.advanceTimersByTime(1)
    expect(draws).toBe(1)
    pace.wakeIn(undefined)
    vi.advanceTimersByTime(10_000)
    expect(draws).toBe(1)
  })
})
