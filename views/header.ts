import type { Pane } from './pane.ts'
import { type Row, rowCells, type Span, span, spreadRow } from './paint/row.ts'

/** What the top line says. */
export interface HeaderState {
  readonly session: string
  readonly panes: readonly Pick<Pane, 'id' | 'tab' | 'title'>[]
  readonly shown: string
  /** One phrase per thing that needs attention. */
  readonly attention: readonly string[]
  /** How busy the GPUs of the Run at work are. */
  readonly gpu?: string
}

/** The top line: program, Session, tabs (the open one in reverse video), and what needs attention on the right. */
export function headerRow(header: HeaderState, width: number): Row {
  const whole = leftPart(header, false)
  // Where the titles do not fit, the digits that open the panes do.
  const left = rowCells(whole) > width ? leftPart(header, true) : whole
  // A tab that cannot be read helps less than a figure that its pane shows anyway.
  let room = width - rowCells(left) - 3
  const fitting = [...header.attention, ...(header.gpu === undefined ? [] : [header.gpu])].filter((phrase) => {
    const size = phrase.length + 3
    if (size > room) return false
    room -= size
    return true
  })
  return spreadRow(left, fitting.length === 0 ? [] : [span(`  ${fitting.join(' · ')} `, 'accent')], width)
}

function leftPart({ session, panes, shown }: HeaderState, short: boolean): Row {
  const tabs = panes.flatMap(({ id, tab, title }): Span[] => {
    const name = short && id !== shown && tab !== '' ? tab : `${tab === '' ? '' : `${tab} `}${title}`
    return [span(' '), { ...span(` ${name} `, 'bold'), selected: id === shown }]
  })
  return [
    span('sealign', 'title'),
    span(' ─ ', 'border'),
    span(session, 'bold'),
    span(' ─', 'border'),
    ...tabs,
    span(' '),
  ]
}
