import type { PaneId } from './keymap.ts'
import { type Row, type Span, span, spreadRow } from './paint/row.ts'

/** Where a demonstration stands. All texts are raw. */
export interface Guide {
  /** Job that does it, `j1`. */
  readonly job: string
  /** Name of the stage, its number from 1, and how many there are. */
  readonly stage: string
  readonly number: number
  readonly of: number
  /** Where it can be watched, and the digit that opens it. */
  readonly pane: PaneId
  readonly says: string
  /** When it goes on by itself, milliseconds since the epoch. */
  readonly untilMs?: number
  readonly state: 'running' | 'done' | 'stopped' | 'failed' | 'lost'
  /** Why it failed. */
  readonly note?: string
}

/** The line above a pane that says what the demonstration is doing. @param tab - digit of the pane where that is seen. */
export function guideRow(guide: Guide, tab: string, shown: PaneId, nowMs: number, width: number): Row {
  const left: Span[] = [span(' demo ', 'title'), ...said(guide, nowMs)]
  const here = shown === guide.pane || guide.state !== 'running'
  return spreadRow(left, here ? [] : [span(`  ${tab}`, 'key'), span(' shows it ', 'muted')], width)
}

function said({ state, stage, number, of, says, untilMs, note, job }: Guide, nowMs: number): Span[] {
  switch (state) {
    case 'running': {
      const seconds = untilMs === undefined ? 0 : Math.max(0, Math.ceil((untilMs - nowMs) / 1000))
      return [
        span(`${number}/${of} ${stage} `, 'bold'),
        ...(untilMs === undefined ? [] : [span(`in ${seconds} s `, 'accent')]),
        span(says),
      ]
    }
    case 'done':
      return [span('done ', 'good'), span('every pane stays as it is; the report is what came of it')]
    case 'stopped':
      return [span('stopped ', 'warn'), span(`at ${stage}; :demo goes on with it`)]
    case 'failed':
      return [span('failed ', 'error'), span(`at ${stage}: ${note ?? `:job log ${job} may say why`}`)]
    case 'lost':
      return [span('lost ', 'error'), span(`at ${stage}: its process is gone; :demo goes on with it`)]
  }
}
