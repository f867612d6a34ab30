import { clamp } from '../paint/list-window.ts'
import type { Row } from '../paint/row.ts'

/** Text in blocks (messages, Steps, lines of a log) that become rows only where they are looked at. */
export interface BlockSource {
  /** At least 1. */
  readonly blocks: number
  /** The rows of a block, at least one; asked for again and again, so it is best kept. */
  lines(block: number): readonly Row[]
}

/** A row: of which block, and which of its rows. */
export interface Place {
  readonly block: number
  readonly line: number
}

/** A row that is seen. */
export interface SeenRow extends Place {
  readonly row: Row
  readonly isCursor: boolean
}

const MARGIN = 2

/**
 * A cursor and a window on blocks that grow at their end. Only blocks near the window are ever asked for, so that a long transcript
 * costs no more than a short one; where the window stands is told from its blocks, so that it stays put while more arrives below.
 */
export class Scroller {
  #cursor: Place = { block: 0, line: 0 }
  #top: Place = { block: 0, line: 0 }
  #following: boolean

  /** @param following - whether it starts at the end and stays there. */
  constructor(following: boolean) {
    this.#following = following
  }

  get following(): boolean {
    return this.#following
  }

  /** The block the cursor is in. */
  get block(): number {
    return this.#cursor.block
  }

  /** At most `height` rows; the cursor is among them. */
  seen(source: BlockSource, height: number): SeenRow[] {
    this.#settle(source, height)
    const rows: SeenRow[] = []
    const { block: first, line: skipped } = this.#top
    for (let block = first; block < source.blocks && rows.length < height; block++) {
      const lines = source.lines(block)
      for (let line = block === first ? skipped : 0; line < lines.length && rows.length < height; line++) {
        const isCursor = block === this.#cursor.block && line === this.#cursor.line
        rows.push({ block, line, row: lines[line] ?? [], isCursor })
      }
    }
    return rows
  }

  /** Moves the cursor by rows, ±Infinity to an end. Going up ends following, arriving at the end begins it. */
  move(source: BlockSource, by: number, height: number): void {
    this.#settle(source, height)
    this.#cursor = walked(source, this.#cursor, by)
    const end = lastPlace(source)
    this.#following = by > 0 && !isBefore(this.#cursor, end)
    this.#settle(source, height)
  }

  /** Puts the first row of a block near the top. */
  toBlock(source: BlockSource, block: number, height: number): void {
    this.#following = false
    this.#cursor = { block: clamp(block, 0, source.blocks - 1), line: 0 }
    this.#top = walked(source, this.#cursor, -1)
    this.#settle(source, height)
  }

  /** Stays at the end from now on. */
  follow(): void {
    this.#following = true
  }

  /** Brings cursor and window to rows that are there, the window no further away than needed. */
  #settle(source: BlockSource, height: number): void {
    const end = lastPlace(source)
    this.#cursor = this.#following ? end : within(source, this.#cursor)
    const margin = Math.min(MARGIN, Math.max(0, Math.floor((height - 1) / 2)))
    const highest = walked(source, end, 1 - height)
    const lowest = walked(source, this.#cursor, 1 + margin - height)
    let top = this.#following ? highest : within(source, this.#top)
    if (isBefore(top, lowest)) top = lowest
    const above = walked(source, this.#cursor, -margin)
    if (isBefore(above, top)) top = above
    this.#top = isBefore(highest, top) ? highest : top
  }
}

/** The place `by` rows further; stops at both ends. */
function walked(source: BlockSource, from: Place, by: number): Place {
  if (by === Number.POSITIVE_INFINITY) return lastPlace(source)
  if (by === Number.NEGATIVE_INFINITY) return { block: 0, line: 0 }
  let { block, line } = from
  let left = line + by
  while (left < 0 && block > 0) {
    block--
    left += source.lines(block).length
  }
  while (left >= 0 && block < source.blocks - 1) {
    const { length } = source.lines(block)
    if (left < length) break
    left -= length
    block++
  }
  line = clamp(left, 0, source.lines(block).length - 1)
  return { block, line }
}

function within(source: BlockSource, { block, line }: Place): Place {
  const at = clamp(block, 0, source.blocks - 1)
  return { block: at, line: clamp(line, 0, source.lines(at).length - 1) }
}

function lastPlace(source: BlockSource): Place {
  const block = source.blocks - 1
  return { block, line: source.lines(block).length - 1 }
}

function isBefore(a: Place, b: Place): boolean {
  return a.block < b.block || (a.block === b.block && a.line < b.line)
}
