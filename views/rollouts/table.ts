import type { RolloutRow } from '../model.ts'
import { successRate } from '../../src/tree/score.ts'
import { concat, safeText } from '../../src/lib/safe-text.ts'
import { percent, rateBar } from '../paint/bar.ts'
import type { ListWindow } from '../paint/list-window.ts'
import { fitRow, type Row, selectRow, span } from '../paint/row.ts'
import { type Cell, type Column, columnLayout, tableRows } from '../paint/table.ts'
import { clipStart } from '../paint/width.ts'
import { contextUse, counted, durationText, idleText, tokensText } from './figures.ts'
import type { Group, Listing } from './listing.ts'
import type { RolloutSort } from './ordering.ts'
import { hasEnded, isActive, standingOf, WORD_CELLS } from './standing.ts'
import { tallyOf } from './tally.ts'

/** What is drawn of the list of rollouts. */
export interface RolloutTable {
  readonly listing: Listing
  readonly window: ListWindow
  readonly sort: RolloutSort
  readonly grouped: boolean
  readonly folded: ReadonlySet<string>
  readonly focused: boolean
  /** Milliseconds since the epoch, in whole seconds. */
  readonly nowMs: number
  readonly width: number
  /** Lines, the title line included. */
  readonly height: number
}

const MAX_TEXT = 300
const BAR = 7
/** Marks the row whose detail has the keys. */
const POINTER = '› '
const INDENT = '  '
const STEP_CELLS = 6

/** The title line and the visible rollouts; groups have lines of their own. Widths depend on the screen only, never on what is shown. */
export function rolloutTable(parts: RolloutTable): Row[] {
  const { listing, window, focused, width, height, sort } = parts
  const shown = columns(sort, width)
  const taskCells = columnLayout(shown, width).find(({ column }) => column === 0)?.width ?? 0
  const rows = tableRows({
    columns: shown,
    count: listing.count,
    first: window.first,
    ...(focused ? { selected: window.cursor } : {}),
    width,
    height,
    cell: (line, column) => cell(parts, line, column, taskCells),
  })
  return rows.map((row, index) => {
    const line = window.first + index - 1
    const group = index === 0 ? undefined : listing.groupAt(line)
    if (group === undefined) return row
    const groupRow = rowOfGroup(group, parts.folded.has(group.task), width)
    return line === window.cursor && focused ? selectRow(groupRow, width) : groupRow
  })
}

function columns(sort: RolloutSort, width: number): Column[] {
  const sorted = (by: readonly RolloutSort[], way: 'up' | 'down') => (by.includes(sort) ? { sorted: way } : {})
  return [
    { title: 'TASK', flex: 1, min: 16, ...sorted(['task'], 'up') },
    { title: 'RUN', width: 4 },
    { title: 'STEP', width: STEP_CELLS, align: 'right', ...sorted(['step'], 'down') },
    { title: 'TOKENS', width: 7, align: 'right', drop: 3, ...sorted(['tokens'], 'down') },
    { title: 'CTX', width: 5, align: 'right', drop: 5 },
    { title: 'STATE', width: WORD_CELLS + 2, ...sorted(['state', 'stuck'], 'up') },
    { title: 'IDLE', width: 4, align: 'right', drop: 2, ...sorted(['idle'], 'down') },
    { title: 'TIME', width: 5, align: 'right', drop: 4 },
    { title: 'LAST ACTION', flex: width < 90 ? 1 : 2, min: 11 },
  ]
}

function cell(
  { listing, window, focused, grouped, nowMs }: RolloutTable,
  line: number,
  column: number,
  taskCells: number,
): Cell {
  const row = listing.rowAt(line)
  if (row === undefined) return { text: safeText('') }
  const isShown = !focused && line === window.cursor
  switch (column) {
    case 0:
      return taskCell(row, grouped, isShown, taskCells)
    case 1:
      return { text: safeText(row.run, MAX_TEXT) }
    case 2:
      return { text: safeText(stepText(row)) }
    case 3:
      return { text: safeText(tokensText(row.promptTokens + row.completionTokens)), style: 'muted' }
    case 4:
      return contextCell(row)
    case 5: {
      const { mark, word, style } = standingOf(row)
      return { text: safeText(`${mark} ${word}`), style }
    }
    case 6:
      return { text: safeText(isActive(row) ? idleText(row.activeMs, nowMs) : ''), style: 'muted' }
    case 7:
      return { text: safeText(elapsedText(row, nowMs)), style: 'muted' }
    default:
      return { text: safeText(lastAction(row), MAX_TEXT), ...(hasEnded(row) ? { style: 'muted' } : {}) }
  }
}

/** How long a rollout took or has taken; empty before it starts. */
export function elapsedText({ startedMs, endedMs }: RolloutRow, nowMs: number): string {
  return startedMs === undefined ? '' : durationText((endedMs ?? nowMs) - startedMs)
}

/** Under its group's line a task need not be named again. */
function taskCell(row: RolloutRow, grouped: boolean, isShown: boolean, room: number): Cell {
  const lead = safeText(isShown ? POINTER : grouped ? INDENT : '')
  const name = safeText(grouped ? (row.model ?? '') : row.task, MAX_TEXT)
  // The names of a benchmark's tasks begin alike and end differently.
  return {
    text: concat(lead, clipStart(name, room - lead.length)),
    style: isShown ? 'accent' : grouped ? 'muted' : 'plain',
  }
}

function stepText({ step, turns }: RolloutRow): string {
  const both = `${step}/${turns}`
  return both.length > STEP_CELLS ? String(step) : both
}

function contextCell({ contextTokens, contextLimit }: RolloutRow): Cell {
  const use = contextUse(contextTokens, contextLimit)
  if (use === undefined) return { text: safeText('') }
  return { text: percent(use), style: use >= 0.9 ? 'warn' : 'muted' }
}

/** The newest Action; before it, what keeps a rollout waiting or why it ended. */
function lastAction({ state, end, phase, phaseNote, stuck, action, infrastructure }: RolloutRow): string {
  const why =
    state === 'done' && infrastructure !== undefined
      ? infrastructure
      : state === 'running' && stuck !== undefined
        ? stuck.says
        : end !== undefined && end !== 'finished'
          ? end
          : (state === 'starting' || phase === 'retry') && phaseNote !== undefined && !hasEnded({ state } as RolloutRow)
            ? phaseNote
            : ''
  return why === '' || action === '' ? why + action : `${why} · ${action}`
}

function rowOfGroup({ task, rows }: Group, isFolded: boolean, width: number): Row {
  const { running, stuck, judged, resolved, infrastructure } = tallyOf(rows)
  const rate = successRate(judged, resolved)
  const facts = [
    counted(rows.length, 'run'),
    `${running} running`,
    ...(stuck === 0 ? [] : [`${stuck} stuck`]),
    ...(infrastructure === 0 ? [] : [`${infrastructure} infra`]),
  ]
  const figures = `${rateBar(rate, BAR)} ${percent(rate)}  ${resolved} of ${judged} resolved · ${facts.join(' · ')}`
  const name = Math.max(16, Math.floor(width * 0.3))
  return fitRow(
    [
      ...fitRow([span(isFolded ? '▸ ' : '▾ ', 'muted'), { text: safeText(task, MAX_TEXT), style: 'bold' }], name),
      span(`  ${figures}`),
    ],
    width,
  )
}
