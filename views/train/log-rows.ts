import { safeText } from '../../src/lib/safe-text.ts'
import type { LogLines } from '../run-model.ts'
import { type Row, spreadRow, span, textRow } from '../paint/row.ts'

/** What is drawn of the log of a Run's process. */
export interface LogParts {
  readonly log: LogLines
  /** Line after the last one that is seen, counted from where reading began; `undefined`: the end, whatever comes. */
  readonly end: number | undefined
  readonly width: number
  readonly height: number
}

/** Lines above the log's own. */
export const LOG_HEAD = 1
const MAX_LINE = 2_000

/** The line after the last one that can be seen: within what is kept, and a screenful where there is one. */
export function logEnd({ log, end, height }: Pick<LogParts, 'log' | 'end' | 'height'>): number {
  const last = log.first + log.lines.length
  const least = Math.min(last, log.first + height - LOG_HEAD)
  return Math.max(least, Math.min(last, end ?? last))
}

/** A screenful of the log; long lines are cut, the editor has them whole. */
export function logRows(parts: LogParts): Row[] {
  const { log, width, height } = parts
  if (log.lines.length === 0) return [[], textRow(' The process has written nothing so far.', 'muted')]
  const end = logEnd(parts) - log.first
  const start = Math.max(0, end - (height - LOG_HEAD))
  const isLast = end === log.lines.length
  const where = `${start + log.first + 1}–${end + log.first} of ${log.first + log.lines.length}`
  return [
    spreadRow(
      [span(' What its process wrote', 'title')],
      [span(` ${where}${isLast && parts.end === undefined ? ' · follows' : ' · G follows'} `, 'muted')],
      width,
    ),
    ...log.lines.slice(start, end).map((line): Row => [{ text: safeText(` ${line}`, MAX_LINE), style: 'plain' }]),
  ]
}
