import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { rowText, textRow } from '../../../views/paint/row.ts'
import { type BlockSource, Scroller } from '../../../views/rollouts/scroller.ts'

/** Blocks of given heights; counts how often rows are asked for. */
class Heights implements BlockSource {
  asked = new Set<number>()
  heights: readonly number[]

  constructor(heights: readonly number[]) {
    this.heights = heights
  }

  get blocks(): number {
    return this.heights.length
  }

  lines(block: number): ReturnType<BlockSource['lines']> {
    this.asked.add(block)
    return Array.from({ length: this.heights[block] ?? 1 }, (_, line) => textRow(`${block}.${line}`))
  }
}

function texts(scroller: Scroller, source: BlockSource, height: number): string[] {
  return scroller.seen(source, height).map(({ row, isCursor }) => `${isCursor ? '>' : ''}${rowText(row)}`)
}

describe('a window on blocks', () => {
  test('that follows stands at the end and stays there while blocks grow and are added', () => {
    const source = new Heights([3, 2])
    const scroller = new Scroller(true)
    expect(texts(scroller, source, 3)).toEqual(['0.2', '1.0', '>1.1'])
    source.heights = [3, 4]
    expect(texts(scroller, source, 3)).toEqual(['1.1', '1.2', '>1.3'])
    source.heights = [3, 1, 1]
    expect(texts(scroller, source, 3)).toEqual(['0.2', '1.0', '>2.0'])
  })

  test('that a person moved up stays where it is until it is at the end again', () => {
    const source = new Heights([4, 4])
    const scroller = new Scroller(true)
    texts(scroller, source, 4)
    scroller.move(source, -4, 4)
    expect(scroller.following).toBe(false)
    const before = texts(scroller, source, 4)
    source.heights = [4, 4, 9]
    expect(texts(scroller, source, 4)).toEqual(before)
    scroller.move(source, Number.POSITIVE_INFINITY, 4)
    expect(scroller.following).toBe(true)
    source.heights = [4, 4, 12]
    expect(texts(scroller, source, 4).at(-1)).toBe('>2.11')
  })

  test('shows a block near its top when it is gone to', () => {
    const scroller = new Scroller(false)
    expect(texts(scroller, new Heights([5]), 3)).toEqual(['>0.0', '0.1', '0.2'])
    const source = new Heights([2, 2, 2, 9])
    scroller.toBlock(source, 2, 4)
    expect(texts(scroller, source, 4)).toEqual(['1.1', '>2.0', '2.1', '3.0'])
  })

  test('asks only for blocks near it, however many there are', () => {
    const source = new Heights(Array.from({ length: 10_000 }, () => 3))
    const scroller = new Scroller(true)
    texts(scroller, source, 30)
    scroller.move(source, -1, 30)
    texts(scroller, source, 30)
    expect(source.asked.size).toBeLessThan(25)
  })

  test('is always full where there is enough, holds the cursor, and its rows follow each other', () => {
    const heights = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 12 })
    const act = fc.oneof(
      fc.record({ move: fc.constantFrom(1, -1, 3, -3, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY) }),
      fc.record({ to: fc.integer({ min: -1, max: 14 }) }),
      fc.record({ become: heights }),
      fc.record({ follow: fc.constant(true) }),
    )
    fc.assert(
      fc.property(
        heights,
        fc.boolean(),
        fc.integer({ min: 1, max: 9 }),
        fc.array(act),
        (start, follow, height, acts) => {
          const source = new Heights(start)
          const scroller = new Scroller(follow)
          for (const each of [...acts, { move: 0 }]) {
            if ('move' in each) scroller.move(source, each.move, height)
            else if ('to' in each) scroller.toBlock(source, each.to, height)
            else if ('become' in each) source.heights = each.become
            else scroller.follow()
            const seen = scroller.seen(source, height)
            const all = source.heights.flatMap((count, block) =>
              Array.from({ length: count }, (_, line) => `${block}.${line}`),
            )
            expect(seen.length).toBe(Math.min(height, all.length))
            expect(seen.filter(({ isCursor }) => isCursor).length).toBe(1)
            const first = all.indexOf(`${seen[0]?.block}.${seen[0]?.line}`)
            expect(seen.map(({ block, line }) => `${block}.${line}`)).toEqual(all.slice(first, first + seen.length))
          }
        },
      ),
    )
  })
})
