import { safeText } from '../../src/lib/safe-text.ts'
import type { RunRow } from '../run-model.ts'
import { rateBar } from '../paint/bar.ts'
import { fitRow, type Row, type Span, span, spreadRow } from '../paint/row.ts'
import { durationText } from '../rollouts/figures.ts'
import type { Finding } from './findings.ts'
import { hasSpeed } from './speed-row.ts'
import { bestText, etaText, stepText } from './run-table.ts'
import { runStanding } from './standing.ts'

/** What the lines above the charts say. */
export interface HeadParts {
  readonly row: RunRow
  readonly findings: readonly Finding[]
  /** How the charts are drawn: smoothing, scale, filter, page. */
  readonly settings: string
  /** Milliseconds since the epoch, in whole seconds. */
  readonly nowMs: number
  readonly width: number
}

const MAX_TEXT = 500
const BAR = 12

/** The chosen Run in one line, where there is no room for a list. */
export function runLine(row: RunRow, count: number, width: number): Row {
  const { mark, style } = runStanding(row)
  const others = count > 1 ? ` of ${count} (J K)` : ''
  return spreadRow(
    [
      { text: safeText(`›${row.id}`, MAX_TEXT), style: 'title' },
      span(others, 'muted'),
      { text: safeText(` ${row.name} `, MAX_TEXT), style: 'bold' },
      { text: safeText(row.trainer, MAX_TEXT), style: 'muted' },
    ],
    [span(` ${mark} ${row.state} `, style), span(`${row.stage ?? ''} ${stepText(row)} `)],
    width,
  )
}

/** How far the Run is and how long it takes; on the right how the charts are drawn. */
export function progressRow({ row, settings, nowMs, width }: HeadParts): Row {
  const part = row.totalSteps > 0 ? row.step / row.totalSteps : undefined
  const eta = etaText(row)
  const facts = [
    durationText((row.endedMs ?? nowMs) - row.startedMs),
    eta === '' ? '' : `ETA ${eta}`,
    row.epoch === undefined ? '' : `epoch ${row.epoch.toFixed(2)}`,
    row.state === 'running' ? phaseText(row) : '',
    row.note ?? '',
    row.hint ?? '',
    hasSpeed(row) ? '' : (row.backend ?? ''),
  ].filter((fact) => fact !== '')
  const left: Span[] = [
    span(' '),
    span(rateBar(part, BAR), 'accent'),
    span(part === undefined ? '   –  ' : ` ${String(Math.floor(part * 100)).padStart(3)} % `),
    {
      text: safeText(facts.join(' · '), MAX_TEXT),
      style: row.state === 'failed' || row.state === 'lost' ? 'error' : 'muted',
    },
  ]
  return fitRow(spreadRow(left, [{ text: safeText(` ${settings} `, MAX_TEXT), style: 'muted' }], width), width)
}

/** What the Run is at, and how far that is where its trainer counts it: `reference 120/512`. */
function phaseText({ phase, phaseDone, phaseTotal }: RunRow): string {
  if (phase === undefined || phaseDone === undefined || phaseTotal === undefined) return phase ?? ''
  return `${phase} ${phaseDone}/${phaseTotal}`
}

/** The most urgent thing to know of the Run, and how much more there is; else its best losses and what it learns from. */
export function findingRow({ row, findings, width }: HeadParts): Row {
  const warnings = findings.filter(({ kind }) => kind === 'warn')
  const [urgent] = warnings
  if (urgent !== undefined) {
    const badges = findings.flatMap(({ badge }) => badge ?? []).join(' · ')
    const more = warnings.length > 1 ? ` +${warnings.length - 1} more: r ` : ''
    return spreadRow(
      [
        span(badges === '' ? '' : ` ✓ ${badges}`, 'good'),
        span(' ! ', 'warn'),
        { text: safeText(urgent.text, MAX_TEXT), style: 'warn' },
      ],
      [span(more, 'muted')],
      width,
    )
  }
  const good = findings.map(({ text }) => text).join(' · ')
  const best = bestText(row)
  const learnt = row.dataset === '' ? '' : `${row.pairs} pairs, ${row.trajectories} trajectories`
  const facts = [best === '' ? '' : `best ${best}`, learnt, row.model]
  return fitRow(
    [
      span(good === '' ? '' : ` ✓ ${good} ·`, 'good'),
      { text: safeText(` ${facts.filter((fact) => fact !== '').join(' · ')}`, MAX_TEXT), style: 'muted' },
    ],
    width,
  )
}
