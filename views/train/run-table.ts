import { concat, safeText } from '../../src/lib/safe-text.ts'
import type { RunRow } from '../run-model.ts'
import { figureText } from '../paint/figure-text.ts'
import type { ListWindow } from '../paint/list-window.ts'
import type { Row } from '../paint/row.ts'
import { type Cell, type Column, tableRows } from '../paint/table.ts'
import { durationText } from '../rollouts/figures.ts'
import { runStanding } from './standing.ts'

/** What is drawn of the list of Runs. */
export interface RunTable {
  readonly runs: readonly RunRow[]
  readonly window: ListWindow
  readonly marked: ReadonlySet<string>
  /** Whether keys go through the list; else the chosen Run has a pointer. */
  readonly focused: boolean
  readonly width: number
  /** Lines, the title line included. */
  readonly height: number
}

const MAX_TEXT = 200
const POINTER = '›'
const MARK = '●'

const COLUMNS: readonly Column[] = [
  { title: '  RUN', width: 6 },
  { title: 'NAME', flex: 1, min: 8 },
  { title: 'TRAINER', width: 8, drop: 3 },
  { title: 'STATE', width: 9 },
  { title: 'STAGE', width: 5 },
  { title: 'STEP', width: 11, align: 'right' },
  { title: 'ETA', width: 5, align: 'right', drop: 1 },
  { title: 'BEST HELD-OUT LOSS', flex: 1, min: 24, drop: 2 },
]

/** The title line and the visible Runs. */
export function runTable({ runs, window, marked, focused, width, height }: RunTable): Row[] {
  return tableRows({
    columns: COLUMNS,
    count: runs.length,
    first: window.first,
    width,
    height,
    ...(focused ? { selected: window.cursor } : {}),
    cell: (line, column) => {
      const row = runs[line]
      return row === undefined ? { text: safeText('') } : cell(row, column, marked.has(row.id), line === window.cursor)
    },
  })
}

function cell(row: RunRow, column: number, isMarked: boolean, isChosen: boolean): Cell {
  switch (column) {
    case 0: {
      const lead = safeText(`${isChosen ? POINTER : ' '}${isMarked ? MARK : ' '}`)
      return { text: concat(lead, safeText(row.id, MAX_TEXT)), style: isChosen ? 'title' : 'plain' }
    }
    case 1:
      return { text: safeText(row.name, MAX_TEXT), style: isChosen ? 'bold' : 'plain' }
    case 2:
      return { text: safeText(row.trainer, MAX_TEXT), style: 'muted' }
    case 3: {
      const { mark, style } = runStanding(row)
      return { text: safeText(`${mark} ${row.state}`), style }
    }
    case 4:
      return { text: safeText(row.stage ?? '') }
    case 5:
      return { text: safeText(stepText(row)) }
    case 6:
      return { text: safeText(etaText(row)), style: 'muted' }
    default:
      return { text: safeText(bestText(row), MAX_TEXT), style: 'muted' }
  }
}

/** `120/300`; without the end where it is not known. */
export function stepText({ step, totalSteps }: RunRow): string {
  return totalSteps > 0 ? `${step}/${totalSteps}` : String(step)
}

/** How long a Run still takes; empty when nobody knows or nothing moves. */
export function etaText({ state, etaSeconds }: RunRow): string {
  return state === 'running' && etaSeconds !== undefined ? durationText(etaSeconds * 1_000) : ''
}

/** Lowest held-out loss of each stage: `sft 0.412 @40 · dpo 0.301 @280`. */
export function bestText({ best }: RunRow): string {
  return best.map(({ stage, loss, step }) => `${stage} ${figureText(loss)} @${step}`).join(' · ')
}
