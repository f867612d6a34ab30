import { describe, expect, it } from 'vitest'
import { rowCells, rowText } from '../../views/paint/row.ts'
import { createPairsPane } from '../../views/pairs/pane.ts'
import { hasMint } from '../importers/mint-drafts.ts'
import { MintReview } from './mint-review.ts'

describe.skipIf(!hasMint)(
  `the review queue over real MINT runs${hasMint ? '' : ' (skipped: needs ../shared/data)'}`,
  () => {
    const model = new MintReview()

    it('holds hundreds of pairs of all 41 tasks that have any', () => {
      expect(model.list.length).toBeGreaterThan(300)
      expect(new Set(model.list.map(({ pair }) => pair.task)).size).toBe(41)
    })

    it('draws every pair at any width, both actions and what followed, without a control character', () => {
      const pane = createPairsPane({ model, reviewer: 'grace', later: () => () => undefined })
      const faults: string[] = []
      for (const [index, { pair }] of model.list.entries()) {
        const size = { width: [60, 100, 160][index % 3] ?? 100, height: 16 + (index % 40) }
        const rows = pane.rows(size)
        const text = rows.map(rowText).join('\n')
        if (rows.length !== size.height) faults.push(`${pair.id}: ${rows.length} rows`)
        if (rows.some((row) => rowCells(row) > size.width)) faults.push(`${pair.id}: too wide`)
        if (/[\p{Cc}\p{Bidi_Control}]/u.test(text.replaceAll('\n', ''))) faults.push(`${pair.id}: control character`)
        if (!text.includes(`Pair ${index + 1} of ${model.list.length}`) || !text.includes('afterwards: '))
          faults.push(`${pair.id}: incomplete`)
        pane.run('pair next', size)
      }
      expect(faults).toEqual([])
    })

    it('counts what followed as the trees do', () => {
      const pane = createPairsPane({ model, reviewer: 'grace', later: () => () => undefined })
      for (const { pair } of model.list.slice(0, 40)) {
        const text = pane.rows({ width: 160, height: 50 }).map(rowText).join('\n')
        expect(text).toContain(`${pair.chosen.r} of ${pair.chosen.n} resolved`)
        expect(text).toContain(`${pair.rejected.r} of ${pair.rejected.n} resolved`)
        pane.run('pair next', { width: 160, height: 50 })
      }
    })

    it('answers a key in a frame (median, since other tests run on the same machine)', () => {
      const size = { width: 200, height: 48 }
      const pane = createPairsPane({ model, reviewer: 'grace', later: () => () => undefined })
      const unread: number[] = []
      const read: number[] = []
      for (let step = 0; step < 100; step++) {
        const started = performance.now()
        pane.rows(size)
        unread.push(performance.now() - started)
        const again = performance.now()
        pane.run('cursor next', size)
        pane.rows(size)
        read.push(performance.now() - again)
        pane.run('pair next', size)
      }
      const median = (times: number[]) => Math.round(times.sort((left, right) => left - right)[50] ?? 0)
      expect(median(unread)).toBeLessThan(50)
      expect(median(read)).toBeLessThan(17)
    })
  },
)
