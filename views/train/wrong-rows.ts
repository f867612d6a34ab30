import { safeText } from '../../src/lib/safe-text.ts'
import { JUDGED_MARGINS } from '../../sessions/pair-margins.ts'
import { figureText } from '../paint/figure-text.ts'
import type { ListWindow } from '../paint/list-window.ts'
import { fitRow, type Row, span, textRow } from '../paint/row.ts'
import { sparkline } from '../paint/sparkline.ts'
import { type Cell, type Column, tableRows } from '../paint/table.ts'
import type { WrongEntry } from './wrong-pairs.ts'

/** What is drawn of Pairs that the policy prefers the wrong way round. */
export interface WrongParts {
  readonly entries: readonly WrongEntry[]
  readonly marked: ReadonlySet<string>
  readonly window: ListWindow
  readonly width: number
  readonly height: number
  readonly ascii: boolean
}

/** Lines above the table's own title. */
export const WRONG_HEAD = 1
const MAX_TEXT = 300
const HISTORY = 16

const COLUMNS: readonly Column[] = [
  { title: ' ', width: 2 },
  { title: 'TASK', flex: 1, min: 14 },
  { title: 'DEPTH', width: 5, align: 'right', drop: 3 },
  { title: `MEAN OF ${JUDGED_MARGINS}`, width: 9, align: 'right' },
  { title: 'NEGATIVE', width: 9, align: 'right' },
  { title: 'MARGINS', width: HISTORY, drop: 2 },
  { title: '', width: 8, drop: 4 },
  { title: 'REVIEW', width: 9 },
  { title: 'PAIR', width: 14, drop: 1 },
]

/** The Pairs whose newest margins are all negative, worst first. */
export function wrongRows({ entries, marked, window, width, height, ascii }: WrongParts): Row[] {
  if (entries.length === 0)
    return [[], textRow(` No pair had its last ${JUDGED_MARGINS} margins all negative.`, 'muted')]
  const many = entries.length === 1 ? '1 pair' : `${entries.length} pairs`
  const told = marked.size === 0 ? '' : ` · ${marked.size} marked`
  const title = fitRow(
    [
      span(` ${many} preferred the wrong way round`, 'title'),
      span(`${told} · the last ${JUDGED_MARGINS} margins are negative; R sends back to review`, 'muted'),
    ],
    width,
  )
  const table = tableRows({
    columns: COLUMNS,
    count: entries.length,
    first: window.first,
    selected: window.cursor,
    width,
    height: height - WRONG_HEAD,
    cell: (line, column) => {
      const entry = entries[line]
      return entry === undefined ? { text: safeText('') } : cell(entry, column, marked.has(entry.id), ascii)
    },
  })
  return [title, ...table]
}

function cell(entry: WrongEntry, column: number, isMarked: boolean, ascii: boolean): Cell {
  const { id, mean, times, negative, recent, heldOut, view } = entry
  switch (column) {
    case 0:
      return { text: safeText(isMarked ? ' ●' : ''), style: 'accent' }
    case 1:
      return view === undefined
        ? { text: safeText('not here any more'), style: 'muted' }
        : { text: safeText(view.pair.task, MAX_TEXT) }
    case 2:
      return { text: safeText(view === undefined ? '' : String(view.pair.depth)), style: 'muted' }
    case 3:
      return { text: safeText(figureText(mean)), style: 'bad' }
    case 4:
      return { text: safeText(`${negative} of ${times}`) }
    case 5:
      return { text: sparkline(recent, HISTORY, ascii), style: 'accent' }
    case 6:
      return { text: safeText(heldOut ? 'held out' : ''), style: 'muted' }
    case 7:
      return view === undefined
        ? { text: safeText('') }
        : { text: safeText(view.review.status), style: view.review.status === 'pending' ? 'muted' : 'plain' }
    default:
      return { text: safeText(id, MAX_TEXT), style: 'muted' }
  }
}
