import { safeText, splitLines } from '../../src/lib/safe-text.ts'
import type { RolloutDetail, RolloutRow, RolloutVerdict } from '../model.ts'
import { type Row, span, wrapRows } from '../paint/row.ts'
import type { StyleName } from '../paint/style.ts'
import { doingText, hasEnded, standingOf } from './standing.ts'

/** How much of what is being received is drawn, UTF-16 units. */
const MAX_LIVE = 8_000
const MAX_SENTENCE = 2_000
const MAX_NAMED = 5

const LIVE_STYLES: Readonly<Record<RolloutDetail['liveKind'], StyleName>> = {
  reply: 'plain',
  reasoning: 'muted',
  call: 'accent',
  output: 'plain',
  '': 'plain',
}

/** The end of a transcript: what is happening and being received right now, or how it ended and was judged. */
export function tailRows(row: RolloutRow, { live, liveKind, verdict }: RolloutDetail, width: number): Row[] {
  if (hasEnded(row) || row.state === 'grading') return endRows(row, verdict, width)
  const note = row.phaseNote === undefined ? '' : ` · ${row.phaseNote}`
  const what = doingText(row, liveKind) || WAITING[row.state] || row.state
  return [
    [span('─ ', 'border'), { text: safeText(`${what}${note}`, MAX_SENTENCE), style: 'accent' }],
    ...(live === '' ? [] : liveLines(live, width, LIVE_STYLES[liveKind])),
  ]
}

const WAITING: Readonly<Record<string, string>> = {
  queued: 'waiting for its turn',
  starting: 'preparing the sandbox',
  paused: 'paused: p goes on',
}

function liveLines(live: string, width: number, style: StyleName): Row[] {
  return splitLines(live.slice(-MAX_LIVE)).flatMap((line) => wrapRows(safeText(line), width, style))
}

function endRows(row: RolloutRow, verdict: RolloutVerdict | undefined, width: number): Row[] {
  const { mark, word, style } = standingOf(row)
  const end = row.end === undefined ? '' : ` · ${row.end}`
  const sentence = (text: string, as: StyleName): Row[] => wrapRows(safeText(text, MAX_SENTENCE), width, as)
  return [
    [span('─ ', 'border'), span(`${mark} ${word}`, style), span(end, 'muted')],
    ...(row.infrastructure === undefined ? [] : sentence(row.infrastructure, 'error')),
    ...(row.state === 'lost' ? lostRows(row, width) : []),
    ...(verdict === undefined ? [] : sentence(verdict.says, 'plain')),
    ...(verdict === undefined ? [] : failedRows(verdict)),
  ]
}

function lostRows({ job }: RolloutRow, width: number): Row[] {
  const text = `Its job died; what was stored is safe. :rollout resume ${job} goes on from there.`
  return wrapRows(safeText(text, MAX_SENTENCE), width)
}

function failedRows({ failed }: RolloutVerdict): Row[] {
  const named = failed
    .slice(0, MAX_NAMED)
    .map((name): Row => [span('  ✗ ', 'bad'), { text: safeText(name, MAX_SENTENCE), style: 'plain' }])
  const more = failed.length - named.length
  return more > 0 ? [...named, [span(`  … ${more} more (t: tests)`, 'muted')]] : named
}
