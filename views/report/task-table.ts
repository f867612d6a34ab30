import type { EvaluationSummary } from '../../src/evaluation/report.ts'
import type { RolloutFacts } from '../../src/evaluation/rollout-facts.ts'
import { failureKinds } from '../../src/evaluation/summary.ts'
import { safeText } from '../../src/lib/safe-text.ts'
import type { ListWindow } from '../paint/list-window.ts'
import type { Row } from '../paint/row.ts'
import type { StyleName } from '../paint/style.ts'
import { type Cell, type Column, columnLayout, tableRows } from '../paint/table.ts'
import { clipStart } from '../paint/width.ts'
import { BASE_MARK } from './evaluation-table.ts'
import { factsOf, type TaskLine, type Way } from './task-listing.ts'

/** What is drawn of the Tasks of an Evaluation, beside what others came to. */
export interface TaskTable {
  readonly lines: readonly TaskLine[]
  readonly window: ListWindow
  /** Evaluations in order of the list; as many as there is room for are shown, the chosen one always. */
  readonly evaluations: readonly EvaluationSummary[]
  readonly selected: string
  readonly base: string | undefined
  readonly width: number
  /** Lines, the title line included. */
  readonly height: number
}

/** How a Task moved, told without colour too. */
export const WAY_MARKS: Readonly<Record<Way, { readonly mark: string; readonly style: StyleName }>> = {
  better: { mark: '▲', style: 'good' },
  worse: { mark: '▼', style: 'bad' },
  same: { mark: ' ', style: 'muted' },
}
const CELLS = 16
const TASK_CELLS = 18
const GAP = 2

/** The title line and the visible Tasks: how each moved, and what it came to in each Evaluation. */
export function taskTable(parts: TaskTable): Row[] {
  const { lines, window, width, height } = parts
  const shown = shownEvaluations(parts)
  const columns: Column[] = [
    { title: '', width: 1 },
    { title: 'TASK', flex: 1, min: TASK_CELLS },
    ...shown.map((each): Column => titleOf(each, parts)),
  ]
  const taskCells = columnLayout(columns, width).find(({ column }) => column === 1)?.width ?? TASK_CELLS
  return tableRows({
    columns,
    count: lines.length,
    first: window.first,
    selected: window.cursor,
    width,
    height,
    cell: (line, column) => cell(lines[line], column, shown[column - 2], taskCells),
  })
}

/** The Evaluations that have a column, in order; the window moves no further than the chosen one needs. */
export function shownEvaluations({ evaluations, selected, width }: TaskTable): readonly EvaluationSummary[] {
  const room = Math.max(1, Math.floor((width - 1 - GAP - TASK_CELLS) / (CELLS + GAP)))
  const at = evaluations.findIndex(({ id }) => id === selected)
  const first = Math.max(0, Math.min(at - room + 1, evaluations.length - room))
  return evaluations.slice(first, first + room)
}

function titleOf({ id, name }: EvaluationSummary, { selected, base }: TaskTable): Column {
  const mark = id === base ? BASE_MARK : id === selected ? '› ' : '  '
  return { title: safeText(`${mark}${name}`, 60), width: CELLS }
}

function cell(
  line: TaskLine | undefined,
  column: number,
  evaluation: EvaluationSummary | undefined,
  taskCells: number,
): Cell {
  if (line === undefined) return { text: safeText('') }
  if (column === 0) {
    const { mark, style } = WAY_MARKS[line.way ?? 'same']
    return { text: safeText(mark), style }
  }
  // Names of a benchmark's tasks begin alike and end differently.
  if (column === 1) return { text: clipStart(safeText(line.task, 300), taskCells) }
  return evaluation === undefined ? { text: safeText('') } : outcomeCell(evaluation, factsOf(evaluation, line.task))
}

function outcomeCell(evaluation: EvaluationSummary, rollouts: readonly RolloutFacts[]): Cell {
  const [only] = rollouts
  const text = safeText(`  ${outcomeText(evaluation, rollouts)}`)
  if (only === undefined) return { text, style: 'muted' }
  if (rollouts.length === 1) return { text, style: standing(only).style }
  const judged = judgedOf(rollouts)
  const resolved = resolvedOf(judged)
  return { text, style: resolved === judged.length && resolved > 0 ? 'good' : resolved === 0 ? 'bad' : 'plain' }
}

/** `✗ loop` of one rollout, `2/3 ✓✗✓` of several; `…` while it may still come. */
export function outcomeText({ state }: EvaluationSummary, rollouts: readonly RolloutFacts[]): string {
  const [only] = rollouts
  if (only === undefined) return state === 'running' ? '…' : ''
  if (rollouts.length > 1) {
    const judged = judgedOf(rollouts)
    return `${resolvedOf(judged)}/${judged.length} ${rollouts.map((each) => standing(each).mark).join('')}`
  }
  const { mark, word } = standing(only)
  return `${mark} ${word}`
}

function judgedOf(rollouts: readonly RolloutFacts[]): readonly RolloutFacts[] {
  return rollouts.filter(({ infrastructure, outcome }) => infrastructure === undefined && outcome !== 'unknown')
}

function resolvedOf(rollouts: readonly RolloutFacts[]): number {
  return rollouts.filter(({ outcome }) => outcome === 'resolved').length
}

/** What a rollout came to: a mark, and one word that says why where it failed. */
export function standing(facts: RolloutFacts): {
  readonly mark: string
  readonly word: string
  readonly style: StyleName
} {
  const { infrastructure, outcome, emptyPatch } = facts
  if (infrastructure !== undefined) return { mark: '!', word: 'infra', style: 'error' }
  if (outcome === 'unknown') return { mark: '?', word: 'not graded', style: 'muted' }
  if (outcome === 'resolved') return { mark: '✓', word: '', style: 'good' }
  const [kind = 'other'] = failureKinds(facts).toReversed()
  return { mark: '✗', word: kind === 'other' ? (emptyPatch ? 'empty' : 'wrong') : kind, style: 'bad' }
}
