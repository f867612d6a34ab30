import { lineRow } from '../command-line/rows.ts'
import { footerRow } from '../footer.ts'
import { type HeaderState, headerRow } from '../header.ts'
import { helpRows } from '../help/rows.ts'
import { noticeRows } from '../message.ts'
import type { Pane, Size } from '../pane.ts'
import { scrollBy } from '../paint/list-window.ts'
import type { Placed } from '../paint/painter.ts'
import { type Rect, type Row, spreadRow, span, textRow, wrapRows } from '../paint/row.ts'
import { safeLines } from '../../src/lib/safe-text.ts'
import type { OpenLine, ShellState } from './state.ts'

/** Smallest terminal with room for everything, in cells. */
export const MIN_SIZE: Size = { width: 60, height: 16 }

/** A command's answer is cut after this many UTF-16 units on screen; the shell prints all of it. */
const MAX_PAGE = 400_000

/** What a frame is made of. */
export interface FrameParts {
  readonly shell: ShellState
  readonly pane: Pane
  readonly header: Omit<HeaderState, 'shown'>
  /** A line between header and pane. */
  readonly guide?: (width: number) => Row
  readonly size: Size
}

/** Cells a pane has on a terminal: all but the top and the bottom line, and that of a guide. */
export function paneSize(size: Size, guided = false): Size {
  return { width: size.width, height: Math.max(0, size.height - (guided ? 3 : 2)) }
}

/** The whole screen: top line, pane or page, bottom line, and a notice above it. */
export function frame({ shell, pane, header, guide, size }: FrameParts): Placed[] {
  if (size.width < MIN_SIZE.width || size.height < MIN_SIZE.height) return [tooSmall(size)]
  const inner = paneSize(size, guide !== undefined)
  const body: Rect = { x: 0, y: guide === undefined ? 1 : 2, ...inner }
  const bottom: Rect = { x: 0, y: size.height - 1, width: size.width, height: 1 }
  const notice = shell.notice === undefined ? [] : noticeRows(shell.notice, size.width)
  return [
    { rect: { ...bottom, y: 0 }, rows: [headerRow({ ...header, shown: pane.id }, size.width)] },
    ...(guide === undefined ? [] : [{ rect: { ...bottom, y: 1 }, rows: [guide(size.width)] }]),
    { rect: body, rows: shell.page === undefined ? pane.rows(inner) : pageRows(shell.page, pane, inner) },
    { rect: bottom, rows: [bottomRow(shell, pane, size.width)] },
    ...(notice.length === 0 ? [] : [above(bottom, notice)]),
  ]
}

/** Where a page stands after scrolling by `by` lines. */
export function scrolledPage(page: NonNullable<ShellState['page']>, pane: Pane, size: Size, by: number): number {
  return scrollBy(page.offset, by, pageText(page, pane, size.width).length, size.height - 1)
}

function tooSmall(size: Size): Placed {
  const need = `sealign needs ${MIN_SIZE.width}×${MIN_SIZE.height} cells; this terminal has ${size.width}×${size.height}. q quits.`
  return { rect: { x: 0, y: 0, ...size }, rows: [textRow(need, 'bold')] }
}

function above(bottom: Rect, rows: readonly Row[]): Placed {
  return { rect: { ...bottom, y: bottom.y - rows.length, height: rows.length }, rows }
}

function bottomRow(shell: ShellState, pane: Pane, width: number): Row {
  if (shell.line !== undefined) return lineRow(shell.line.label, shell.line.line, width, completionHint(shell.line))
  if (shell.page !== undefined)
    return [span(' Esc', 'key'), span(' back  ', 'muted'), span('j k', 'key'), span(' scroll', 'muted')]
  if (shell.running === undefined) return footerRow(pane, width)
  const { line, progress } = shell.running
  return spreadRow(
    [span(` … :${line}  `, 'accent'), span(progress, 'plain')],
    [span(' Ctrl-C stops it ', 'muted')],
    width,
  )
}

function completionHint(open: OpenLine): string {
  return open.completions.length > 1 ? `  ${open.completion + 1} of ${open.completions.length} (Tab: next)` : ''
}

function pageRows(page: NonNullable<ShellState['page']>, pane: Pane, size: Size): Row[] {
  const rows = pageText(page, pane, size.width)
  const height = size.height - 1
  const offset = scrollBy(page.offset, 0, rows.length, height)
  const more = rows.length > height ? `${offset + 1}–${Math.min(rows.length, offset + height)} of ${rows.length} ` : ''
  return [
    spreadRow([span(` ${page.title}`, 'title')], [span(more, 'muted')], size.width),
    ...rows.slice(offset, offset + height),
  ]
}

function pageText(page: NonNullable<ShellState['page']>, pane: Pane, width: number): readonly Row[] {
  if (page.text === undefined) return helpRows(pane, width)
  return safeLines(page.text.slice(0, MAX_PAGE)).flatMap((line) => wrapRows(line, width))
}
