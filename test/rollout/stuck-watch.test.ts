import { describe, expect, it } from 'vitest'
import { SealignError } from '../../src/domain/errors.ts'
import { createStuckWatch } from '../../src/rollout/stuck-watch.ts'
import { effects, failed, first, ran, said, times, unreadable, watched } from './stuck-steps.ts'

describe('a loop that goes on', () => {
  it('is nudged once, shown while it lasts, and stopped when it has had its threshold again', () => {
    expect(effects(times(8, ran('ls')))).toEqual([
      '',
      '',
      '',
      'nudged action-observation 1–4',
      'flagged action-observation 1–5',
      'flagged action-observation 1–6',
      'flagged action-observation 1–7',
      'stopped action-observation 1–8',
    ])
  })

  it('is stopped by the strictest of its rules', () => {
    expect(effects(times(6, failed('ls'))).slice(2)).toEqual([
      'nudged action-error 1–3',
      'flagged action-error 1–4',
      'flagged action-error 1–5',
      'stopped action-error 1–6',
    ])
  })

  it('is stopped after as many rounds more as `again` says', () => {
    expect(effects(times(5, ran('ls')), 'sealign', { again: 1 }).at(-1)).toBe('stopped action-observation 1–5')
    expect(effects(times(4, ran('ls')), 'sealign', { again: 0 }).at(-1)).toBe('stopped action-observation 1–4')
  })

  it('counts a cycle in rounds', () => {
    const reports = effects(times(6, ran('a'), ran('b')))
    expect(reports.findIndex((effect) => effect.startsWith('nudged'))).toBe(5)
    expect(reports.findIndex((effect) => effect.startsWith('stopped'))).toBe(11)
  })
})

describe('a Policy that recovers', () => {
  it('begins at the first round again, with a nudge for the next loop', () => {
    expect(effects([...times(6, ran('ls')), ran('pwd'), ...times(4, ran('ls'))]).slice(4)).toEqual([
      'flagged action-observation 1–5',
      'flagged action-observation 1–6',
      '',
      '',
      '',
      '',
      'nudged action-observation 8–11',
    ])
  })

  it('is stopped at the threshold of a loop when its nudges are used up', () => {
    const loops = ['a', 'b', 'c', 'd'].flatMap((letter) => times(3, failed(letter)))
    expect(effects(loops).filter((effect) => effect !== '')).toEqual([
      'nudged action-error 1–3',
      'nudged action-error 4–6',
      'nudged action-error 7–9',
      'stopped action-error 10–12',
    ])
    expect(effects(loops, 'sealign', { nudges: 1 }).filter((effect) => effect !== '')).toEqual([
      'nudged action-error 1–3',
      'stopped action-error 4–6',
      'stopped action-error 7–9',
      'stopped action-error 10–12',
    ])
  })

  it('is given a new beginning by a person', () => {
    const watch = createStuckWatch()
    const push = (from: number, n: number) => times(n, ran('ls')).map((step, at) => watch.push(step, from + at)?.effect)
    expect(push(1, 3)).toEqual([undefined, undefined, undefined])
    watch.reset()
    expect(push(4, 4)).toEqual([undefined, undefined, undefined, 'nudged'])
    expect(watch.push(ran('ls'), 8)?.detection).toMatchObject({ from: 4, to: 8 })
  })
})

describe('a nudge', () => {
  const nudgeOf = (steps: Parameters<typeof watched>[0]) => watched(steps).find((report) => report?.nudge)?.nudge

  it('names what repeats and what to do instead', () => {
    expect(nudgeOf(times(4, ran('ls -la')))).toBe(
      'You have made the same call 4 times in a row (bash ls -la), and its result has not changed. Doing it again will not help: use what it returned, or try something different.',
    )
    expect(nudgeOf(times(3, failed('make')))).toContain('(bash make), and it failed each time')
    expect(nudgeOf(['a', 'b', 'c'].map(unreadable))).toContain('Your last 3 replies could not be read')
    expect(nudgeOf(times(3, said('Done.')))).toContain('sent the same message 3 times')
    expect(nudgeOf(times(3, ran('a'), ran('b')))).toContain('the same 2 actions repeated 3 times')
  })

  it('stays short however long the command is', () => {
    expect(nudgeOf(times(4, ran('x'.repeat(100_000))))?.length).toBeLessThan(500)
  })

  it('is given with effect `nudged` and with no other', () => {
    const reports = watched(times(9, failed('make')))
    expect(reports.every((report) => (report?.effect === 'nudged') === (report?.nudge !== undefined))).toBe(true)
  })
})

describe('options', () => {
  it('switch each rule off', () => {
    const loops = {
      'action-observation': times(4, ran('ls')),
      'action-error': ['a', 'b', 'c'].map((output) => failed('make', output)),
      malformed: ['a', 'b', 'c'].map(unreadable),
      message: times(3, said('Done.')),
      cycle: times(3, ran('a'), ran('b')),
      chanting: [said('I should look at the file again and then decide. '.repeat(60))],
    } as const
    for (const [rule, steps] of Object.entries(loops)) {
      expect(first(steps)).toContain(rule)
      expect(first(steps, 'sealign', { rules: { [rule]: false } })).toBe('')
    }
  })

  it('set other thresholds', () => {
    expect(first(times(9, ran('ls')), 'sealign', { rules: { 'action-observation': 9 } })).toContain('1–9')
    expect(first(times(2, ran('a'), ran('b')), 'sealign', { rules: { cycle: 2 } })).toBe('nudged cycle 1–4')
    expect(first(times(4, ran('')), 'sealign', { waitRounds: 4 })).toBe('nudged action-observation 1–4')
  })

  it('keep it from nudging or stopping', () => {
    const kinds = (upTo: 'flag' | 'nudge') =>
      new Set(watched(times(30, failed('make')), 'sealign', { upTo }).map((report) => report?.effect))
    expect(kinds('flag')).toEqual(new Set([undefined, 'flagged']))
    expect(kinds('nudge')).toEqual(new Set([undefined, 'nudged', 'flagged']))
  })

  it.each([
    ['sealign', { rules: { cycle: 1 } }, "the stuck detector's threshold of cycle is 1, expected 2 to 1000"],
    ['sealign', { rules: { chanting: 0 } }, "the stuck detector's threshold of chanting is 0, expected 1 to 1000"],
    ['sealign', { rules: { malformed: Number.NaN } }, "the stuck detector's threshold of malformed is NaN"],
    ['sealign', { again: -1 }, "the stuck detector's again is -1, expected 0 to 1000"],
    ['sealign', { nudges: 1.5 }, "the stuck detector's nudges is 1.5"],
    ['openhands-v0', { rules: { cycle: 4 } }, 'the rule cycle of openhands-v0 has a threshold of its own'],
  ] as const)('refuse what has no meaning: %s %j', (policy, options, message) => {
    expect(() => createStuckWatch(policy, options)).toThrow(SealignError)
    expect(() => createStuckWatch(policy, options)).toThrow(message)
  })

  it('turn it off', () => {
    expect(effects(times(50, failed('make')), 'off').join('')).toBe('')
  })
})

describe('the work per Step', () => {
  it('does not grow with the number of Steps before it', () => {
    const watch = createStuckWatch()
    const steps = Array.from({ length: 7 }, (_, at) => ran(`command ${at}`))
    const time = (from: number, n: number): number => {
      const start = performance.now()
      for (let t = from; t < from + n; t++) watch.push(steps[t % 7] ?? ran('x'), t)
      return performance.now() - start
    }
    time(1, 5000)
    const early = Math.min(time(5001, 5000), time(10_001, 5000))
    time(15_001, 100_000)
    const late = Math.min(time(115_001, 5000), time(120_001, 5000))
    expect(late).toBeLessThan(early * 3 + 20)
  })
})
