import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { foldReviews, ReviewFold, type Review, VERDICTS, type Verdict } from '../../src/pairs/review.ts'

/** Reviews as `reviewer verdict pair`, in order. */
function reviews(...lines: readonly string[]): Review[] {
  return lines.map((line, i) => {
    const [reviewer = '', verdict, pair = '', note] = line.split(' ')
    return {
      seq: i + 1,
      pair,
      verdict: verdict as Verdict,
      reviewer,
      at: new Date(i * 1000).toISOString(),
      ...(note !== undefined && { note }),
    }
  })
}
const state = (...lines: readonly string[]) => foldReviews(reviews(...lines)).get('p')

describe('where a pair stands', () => {
  it('is what the last verdict says, whoever gave it', () => {
    expect(state('ada accept p', 'bob reject p')).toEqual({
      status: 'rejected',
      swapped: false,
      flagged: false,
      reviewer: 'bob',
      at: 1000,
    })
  })

  it('keeps a swap through the verdicts around it, and two swaps are none', () => {
    expect(state('ada swap p', 'ada accept p')).toMatchObject({ status: 'accepted', swapped: true })
    expect(state('ada swap p', 'ada accept p', 'bob swap p')).toMatchObject({
      status: 'accepted',
      swapped: false,
      reviewer: 'ada',
    })
  })

  it('undo takes back the same reviewer’s last review of that pair, one each time', () => {
    expect(state('ada skip p', 'bob accept p', 'ada accept q', 'ada undo p')).toMatchObject({
      status: 'accepted',
      reviewer: 'bob',
    })
    expect(state('ada accept p', 'ada flag p', 'ada undo p')).toMatchObject({ status: 'accepted', flagged: false })
    expect(state('ada accept p', 'ada flag p', 'ada undo p', 'ada undo p', 'ada undo p')).toEqual({
      status: 'pending',
      swapped: false,
      flagged: false,
    })
  })

  it('has the last note, and none after an empty one', () => {
    expect(state('ada note p first', 'bob note p second')?.note).toBe('second')
    expect(state('ada note p first', 'bob note p second', 'bob undo p')?.note).toBe('first')
    expect(state('ada note p first', 'ada note p')).not.toHaveProperty('note')
  })

  it('is open again, flagged, with the note that says why, until it is decided or that is taken back', () => {
    const reopened = state('ada accept p', 'ada flag p', 'ada note p old', 'ada reopen p margin')
    expect(reopened).toMatchObject({ status: 'pending', flagged: true, note: 'margin', reviewer: 'ada' })
    expect(state('ada accept p', 'ada reopen p', 'bob flag p', 'bob reject p')).toMatchObject({
      status: 'rejected',
      flagged: false,
    })
    expect(state('ada note p old', 'ada reopen p')?.note).toBe('old')
    expect(state('ada accept p', 'ada note p old', 'ada reopen p margin', 'ada undo p')).toMatchObject({
      status: 'accepted',
      flagged: false,
      note: 'old',
    })
  })

  it('does without a time that cannot be read', () => {
    const [row] = reviews('ada accept p')
    expect(foldReviews(row ? [{ ...row, at: 'yesterday' }] : []).get('p')).toEqual({
      status: 'accepted',
      swapped: false,
      flagged: false,
      reviewer: 'ada',
    })
  })
})

describe('as a property', () => {
  const line = fc
    .tuple(fc.constantFrom('ada', 'bob'), fc.constantFrom(...VERDICTS), fc.constantFrom('p', 'q'))
    .map((parts) => parts.join(' '))
  const lines = fc.array(line, { maxLength: 30 })

  it('folding in batches is folding at once', () => {
    fc.assert(
      fc.property(lines, fc.array(fc.nat(30)), (all, cuts) => {
        const rows = reviews(...all)
        const fold = new ReviewFold()
        let from = 0
        for (const to of [...cuts.toSorted((a, b) => a - b), rows.length]) {
          fold.append(rows.slice(from, to))
          from = Math.max(from, Math.min(to, rows.length))
        }
        expect(fold.states()).toEqual(foldReviews(rows))
      }),
    )
  })

  it('a verdict and its undo leave everything as it was', () => {
    const verdict = fc.constantFrom(...VERDICTS.filter((word) => word !== 'undo'))
    fc.assert(
      fc.property(lines, verdict, (all, word) => {
        const before = foldReviews(reviews(...all, 'ada undo nothing'))
        const after = foldReviews(reviews(...all, `ada ${word} p`, 'ada undo p'))
        expect(after.get('p') ?? {}).toEqual(before.get('p') ?? state('ada accept p', 'ada undo p'))
        expect(after.get('q')).toEqual(before.get('q'))
      }),
    )
  })
})
