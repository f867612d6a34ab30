import { concat, safeText } from '../../src/lib/safe-text.ts'
import type { Loadable, TreeView } from '../model.ts'
import type { StepFigures } from '../run-model.ts'
import { figureText } from '../paint/figure-text.ts'
import type { ListWindow } from '../paint/list-window.ts'
import { fitRow, type Row, span, textRow } from '../paint/row.ts'
import { type Cell, type Column, tableRows } from '../paint/table.ts'
import { type BatchEntry, learntText } from './batch.ts'

/** What is drawn of a step's batch. */
export interface BatchParts {
  readonly step: StepFigures
  readonly entries: readonly BatchEntry[]
  readonly window: ListWindow
  readonly tree: (task: string) => Loadable<TreeView>
  readonly width: number
  readonly height: number
}

/** Lines above the table's own title. */
export const BATCH_HEAD = 2
const MAX_TEXT = 300

const PAIR_COLUMNS: readonly Column[] = [
  { title: 'TASK', flex: 2, min: 14 },
  { title: '×', width: 2, align: 'right', drop: 3 },
  { title: 'DEPTH', width: 5, align: 'right', drop: 2 },
  { title: 'Δ', width: 5, align: 'right' },
  { title: 'P', width: 5, align: 'right' },
  { title: 'REVIEW', width: 8 },
  { title: 'CHOSEN', flex: 3, min: 16, drop: 1 },
  { title: 'REJECTED', flex: 3, min: 16, drop: 1 },
]

const TRAJECTORY_COLUMNS: readonly Column[] = [
  { title: 'TASK', flex: 2, min: 16 },
  { title: '×', width: 2, align: 'right', drop: 3 },
  { title: 'ID', width: 7, align: 'right' },
  { title: 'OUTCOME', width: 12 },
  { title: 'STEPS', width: 5, align: 'right' },
  { title: 'RUN', flex: 1, min: 6, drop: 1 },
  { title: 'MODEL', flex: 1, min: 8, drop: 2 },
]

/** The step in a line, then everything it learnt from. */
export function batchRows({ step, entries, window, tree, width, height }: BatchParts): Row[] {
  const head: Row[] = [titleOf(step, entries.length, width), []]
  if (entries.length === 0)
    return [...head, textRow(' An evaluation looks at held-out examples and learns from none.', 'muted')]
  const table = tableRows({
    columns: step.stage === 'dpo' ? PAIR_COLUMNS : TRAJECTORY_COLUMNS,
    count: entries.length,
    first: window.first,
    selected: window.cursor,
    width,
    height: height - BATCH_HEAD,
    cell: (line, column) => {
      const entry = entries[line]
      if (entry === undefined) return { text: safeText('') }
      return entry.type === 'pair' ? pairCell(entry, column, tree) : trajectoryCell(entry, column)
    },
  })
  return [...head, ...table]
}

function titleOf({ stage, step, x, metrics, kind }: StepFigures, count: number, width: number): Row {
  const what = kind === 'eval' ? 'evaluation' : `learnt from ${learntText(stage, count)}`
  const loss = figureText(metrics['loss'] ?? metrics['eval_loss'])
  return fitRow(
    [span(` ${stage} step ${step}`, 'title'), span(` (${x} over all stages) · loss ${loss} · ${what}`, 'muted')],
    width,
  )
}

function pairCell(
  { id, times, view }: Extract<BatchEntry, { type: 'pair' }>,
  column: number,
  treeOf: BatchParts['tree'],
): Cell {
  if (view === undefined) return column === 0 ? lost(id) : { text: safeText('') }
  const { pair, review } = view
  switch (column) {
    case 0:
      return { text: safeText(pair.task, MAX_TEXT) }
    case 1:
      return timesCell(times)
    case 2:
      return { text: safeText(String(pair.depth)), style: 'muted' }
    case 3:
      return { text: safeText(pair.delta.toFixed(2)) }
    case 4:
      return { text: safeText(pair.confidence.toFixed(2)) }
    case 5:
      return { text: safeText(review.status), style: review.status === 'rejected' ? 'bad' : 'plain' }
    case 6:
      return { text: safeText(labelOf(treeOf(pair.task), pair.chosen.node), MAX_TEXT), style: 'good' }
    default:
      return { text: safeText(labelOf(treeOf(pair.task), pair.rejected.node), MAX_TEXT), style: 'bad' }
  }
}

function labelOf(tree: Loadable<TreeView>, node: number): string {
  return tree.state === 'ready' && node < tree.value.tree.size ? tree.value.label(node) : ''
}

function trajectoryCell({ id, times, task, info }: Extract<BatchEntry, { type: 'trajectory' }>, column: number): Cell {
  if (task === undefined || info === undefined) return column === 0 ? lost(id) : { text: safeText('') }
  switch (column) {
    case 0:
      return { text: safeText(task, MAX_TEXT) }
    case 1:
      return timesCell(times)
    case 2:
      return { text: safeText(`#${info.id}`), style: 'muted' }
    case 3:
      return { text: safeText(info.outcome), style: info.outcome === 'resolved' ? 'good' : 'plain' }
    case 4:
      return { text: safeText(String(info.steps)) }
    case 5:
      return { text: safeText(info.run ?? '', MAX_TEXT) }
    default:
      return { text: safeText(info.model ?? '', MAX_TEXT), style: 'muted' }
  }
}

function lost(id: string): Cell {
  return { text: concat(safeText(id, MAX_TEXT), safeText(' (not here any more)')), style: 'muted' }
}

function timesCell(times: number): Cell {
  return { text: safeText(times > 1 ? String(times) : ''), style: 'muted' }
}
