import { describe, expect, it } from 'vitest'
import { createPaperMetric, stuckPaper } from '../../src/rollout/stuck-paper.ts'
import { called, failed, ran, said, thinking, times, unreadable } from './stuck-steps.ts'

describe("the paper's stuck-in-loop metric", () => {
  it('is the same action in three consecutive rounds, observation and thought left aside', () => {
    expect(stuckPaper(times(2, ran('ls')))).toBeUndefined()
    expect(stuckPaper([ran('pwd'), ran('ls', 'a'), thinking('again', ran('ls', 'b')), failed('ls')])).toEqual({
      from: 2,
      to: 4,
    })
    expect(stuckPaper([])).toBeUndefined()
  })

  it('gives the first range, to its end', () => {
    expect(stuckPaper([...times(5, ran('a')), ran('b'), ...times(9, ran('c'))])).toEqual({ from: 1, to: 5 })
    expect(stuckPaper([...times(2, ran('a')), ran('b'), ...times(3, ran('a')), ran('b')])).toEqual({ from: 4, to: 6 })
  })

  it('keys malformed replies and messages by their text', () => {
    expect(stuckPaper(times(3, unreadable('<function=ls')))).toEqual({ from: 1, to: 3 })
    expect(stuckPaper(['a', 'b', 'c'].map(unreadable))).toBeUndefined()
    expect(stuckPaper(times(3, said('Done.')))).toEqual({ from: 1, to: 3 })
  })

  it('makes no exemption for waiting', () => {
    expect(stuckPaper(times(3, called('execute_bash', { command: '' }, 'running')))).toEqual({ from: 1, to: 3 })
  })

  it('can be followed Step by Step', () => {
    const metric = createPaperMetric()
    const seen = times(4, ran('ls')).map((step) => {
      metric.push(step)
      return metric.stuck
    })
    expect(seen).toEqual([undefined, undefined, { from: 1, to: 3 }, { from: 1, to: 4 }])
  })
})
