import type { EvaluationSummary, Rate } from '../../src/evaluation/report.ts'
import { concat, safeText } from '../../src/lib/safe-text.ts'
import { percent } from '../paint/bar.ts'
import type { ListWindow } from '../paint/list-window.ts'
import type { Row } from '../paint/row.ts'
import { type Cell, type Column, tableRows } from '../paint/table.ts'
import { tokensText } from '../rollouts/figures.ts'
import { intervalBar, known, RATE_CELLS, rateText } from './figures.ts'
import type { EvaluationSort } from './state.ts'

/** What is drawn of the list of Evaluations. */
export interface EvaluationTable {
  readonly evaluations: readonly EvaluationSummary[]
  readonly window: ListWindow
  readonly sort: EvaluationSort
  /** Id of the one the chosen one is compared with. */
  readonly base: string | undefined
  readonly focused: boolean
  readonly width: number
  /** Lines, the title line included. */
  readonly height: number
}

/** Marks the Evaluation that the chosen one is compared with. */
export const BASE_MARK = '◆ '
const MAX_TEXT = 200
const BAR = 12
/** Widths from which all rates have their intervals, and a bar of them too. */
const INTERVALS_FROM = 96
const BARS_FROM = 150
const TITLES = ['  NAME', 'RESOLVED', 'EMPTY', 'STUCK', 'INVALID', 'TURNS', 'TOKENS', 'ENDED', 'MODEL'] as const
const SORTED = { 'as made': -1, name: 0, resolved: 1, 'empty patch': 2, stuck: 3, 'invalid call': 4 } as const

/** The title line and the visible Evaluations. Widths depend on the screen only, never on what is shown. */
export function evaluationTable(parts: EvaluationTable): Row[] {
  const { evaluations, window, focused, width, height } = parts
  return tableRows({
    columns: columns(parts),
    count: evaluations.length,
    first: window.first,
    ...(focused ? { selected: window.cursor } : {}),
    width,
    height,
    cell: (line, column) => cell(parts, evaluations[line], line, column),
  })
}

function columns({ sort, width }: EvaluationTable): Column[] {
  const rate = (measure: number): number => {
    if (width >= BARS_FROM) return BAR + 1 + RATE_CELLS
    if (width >= INTERVALS_FROM || measure === 1) return RATE_CELLS
    return TITLES[measure]?.length ?? 5
  }
  const sorted = (column: number) =>
    SORTED[sort] === column ? ({ sorted: column <= 1 ? (column === 0 ? 'up' : 'down') : 'up' } as const) : {}
  return [
    { title: TITLES[0], flex: 1, min: 9, ...sorted(0) },
    ...[1, 2, 3, 4].map(
      (measure): Column => ({ title: TITLES[measure] ?? '', width: rate(measure), ...sorted(measure) }),
    ),
    { title: TITLES[5], width: 5, align: 'right', drop: 3 },
    { title: TITLES[6], width: 6, align: 'right', drop: 4 },
    { title: TITLES[7], width: 9, align: 'right' },
    { title: TITLES[8], flex: 1, min: 12, drop: 5 },
  ]
}

function cell(parts: EvaluationTable, evaluation: EvaluationSummary | undefined, line: number, column: number): Cell {
  if (evaluation === undefined) return { text: safeText('') }
  const { resolved, emptyPatch, stuck, invalidCall, turns, tokens, ended, model } = evaluation
  switch (column) {
    case 0:
      return nameCell(parts, evaluation, line)
    case 1:
    case 2:
    case 3:
    case 4:
      return rateCell([resolved, emptyPatch, stuck, invalidCall][column - 1] ?? resolved, column, parts.width)
    case 5:
      return { text: safeText(ended === 0 ? '' : turns.toFixed(1)), style: 'muted' }
    case 6:
      return { text: safeText(ended === 0 ? '' : tokensText(tokens)), style: 'muted' }
    case 7:
      return progressCell(evaluation)
    default:
      return { text: safeText(model, MAX_TEXT), style: 'muted' }
  }
}

function nameCell({ base, focused, window }: EvaluationTable, { id, name }: EvaluationSummary, line: number): Cell {
  const shown = !focused && line === window.cursor
  const mark = id === base ? BASE_MARK : shown ? '› ' : '  '
  return { text: safeText(`${mark}${name}`, MAX_TEXT), style: shown || id === base ? 'accent' : 'bold' }
}

function rateCell(rate: Rate, column: number, width: number): Cell {
  if (width >= BARS_FROM) {
    const bar = known(rate) === undefined ? safeText('·'.repeat(BAR)) : intervalBar({ ...rate, value: rate.rate }, BAR)
    return { text: concat(bar, safeText(' '), rateText(rate)) }
  }
  if (width >= INTERVALS_FROM || column === 1) return { text: rateText(rate) }
  return { text: percent(known(rate)) }
}

function progressCell({ state, ended, rollouts }: EvaluationSummary): Cell {
  const text = `${ended}/${rollouts}`
  if (state === 'done') return { text: safeText(text), style: 'muted' }
  return state === 'running'
    ? { text: safeText(`▶ ${text}`), style: 'accent' }
    : { text: safeText(`! ${text}`), style: 'warn' }
}
