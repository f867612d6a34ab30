import { clamp, type ListWindow, placeCursor } from '../paint/list-window.ts'
import type { Listing } from './listing.ts'
import type { RolloutsState, Selected } from './state.ts'

/** Where the cursor stands: the line, and what is on it. */
export interface CursorPlace {
  readonly window: ListWindow
  readonly selected: Selected | undefined
}

/** The cursor after the list changed: on the same rollout or group while it is listed, else on the same line. */
export function keptCursor({ window, selected }: RolloutsState, listing: Listing, height: number): CursorPlace {
  const line = selected === undefined ? 0 : lineOf(selected, listing, window.cursor)
  return cursorAt(line < 0 ? window.cursor : line, window, listing, height)
}

/** The cursor on a line, as near as there is one. */
export function cursorAt(line: number, window: ListWindow, listing: Listing, height: number): CursorPlace {
  const at = clamp(line, 0, listing.count - 1)
  return { window: placeCursor(window, at, listing.count, height), selected: selectedAt(at, listing) }
}

/** The next (1) or previous (−1) line with a rollout; the same line when there is none. */
export function nextRow(listing: Listing, from: number, way: 1 | -1): number {
  for (let line = from + way; line >= 0 && line < listing.count; line += way)
    if (listing.rowAt(line) !== undefined) return line
  return from
}

/** Whether two places are the same. */
export function samePlace(a: CursorPlace, b: CursorPlace): boolean {
  return (
    a.window.cursor === b.window.cursor && a.window.first === b.window.first && keyOf(a.selected) === keyOf(b.selected)
  )
}

function lineOf(selected: Selected, listing: Listing, expected: number): number {
  if ('id' in selected) return listing.lineOf(selected.id, expected)
  return listing.lineOfGroup(selected.task)
}

function selectedAt(line: number, listing: Listing): Selected | undefined {
  const row = listing.rowAt(line)
  if (row !== undefined) return { id: row.id }
  const group = listing.groupAt(line)
  return group === undefined ? undefined : { task: group.task }
}

function keyOf(selected: Selected | undefined): string | number | undefined {
  if (selected === undefined) return undefined
  return 'id' in selected ? selected.id : selected.task
}
