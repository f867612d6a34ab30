import { safeText } from '../../src/lib/safe-text.ts'
import type { RolloutDetail, RolloutRow } from '../model.ts'
import { percent, rateBar } from '../paint/bar.ts'
import { fitRow, type Row, rowCells, type Span, span, spreadRow } from '../paint/row.ts'
import { contextUse, costText, idleText, tokensText } from './figures.ts'
import { doingText, isActive, standingOf } from './standing.ts'
import type { DetailView } from './state.ts'
import { elapsedText } from './table.ts'

/** What the head of the detail is drawn from. */
export interface HeadParts {
  readonly row: RolloutRow
  readonly detail: RolloutDetail
  readonly view: DetailView
  readonly following: boolean
  /** Milliseconds since the epoch, in whole seconds. */
  readonly nowMs: number
  readonly width: number
  readonly focused: boolean
}

const MAX_TEXT = 1_000
const BAR = 8

/** Lines of the head: all of them, or on a low screen the ones that matter. */
export function headLines(height: number): number {
  return height >= 18 ? 6 : 4
}

/** A rollout in a few fixed lines: name and state, steps and context, use and times, where it runs, a loop or what it does, and the views. */
export function headRows(parts: HeadParts, lines: number): Row[] {
  const rows = [titleRow(parts), progressRow(parts), useRow(parts), placeRow(parts), badgeRow(parts), viewsRow(parts)]
  const kept = lines >= rows.length ? rows : rows.filter((_, index) => index !== 2 && index !== 3)
  return kept.map((row) => fitRow(row, parts.width))
}

function titleRow({ row, width, focused }: HeadParts): Row {
  const { mark, word, style } = standingOf(row)
  const name = safeText(`${row.task} · run ${row.run}`, MAX_TEXT)
  return spreadRow([{ text: name, style: focused ? 'title' : 'bold' }], [span(` ${mark} ${word} `, style)], width)
}

function progressRow({ row, nowMs, width }: HeadParts): Row {
  const use = contextUse(row.contextTokens, row.contextLimit)
  const idle = isActive(row) ? idleText(row.activeMs, nowMs) : ''
  const times = [elapsedText(row, nowMs), idle === '' || idle === '·' ? '' : `idle ${idle}`]
  const context: Row =
    use === undefined
      ? [span(` · ctx ${tokensText(row.contextTokens)}`, 'muted')]
      : [
          span(' · ctx ', 'muted'),
          span(rateBar(use, BAR), use >= 0.9 ? 'warn' : 'accent'),
          span(`${percent(use)} of ${tokensText(row.contextLimit)}`, 'muted'),
        ]
  return spreadRow(
    [span(`step ${row.step} of ${row.turns}`), ...context],
    [span(` ${times.filter((text) => text !== '').join(' · ')} `, 'muted')],
    width,
  )
}

function useRow({ row }: HeadParts): Row {
  const facts = [
    `${tokensText(row.promptTokens)} tokens read`,
    `${tokensText(row.completionTokens)} written`,
    costText(row.costUsd),
  ]
  return [span(facts.filter((fact) => fact !== '').join(' · '), 'muted')]
}

function placeRow({ row }: HeadParts): Row {
  const facts = [
    row.model,
    row.sandbox,
    `job ${row.job}`,
    row.trajectory === undefined ? undefined : `#${row.trajectory}`,
  ]
  return [{ text: safeText(facts.filter((fact) => fact !== undefined).join(' · '), MAX_TEXT), style: 'muted' }]
}

/** A loop with its place and what was done about it; else why it failed, or what it does now. */
function badgeRow({ row, detail }: HeadParts): Row {
  const { stuck } = row
  if (stuck !== undefined) {
    const round = stuck.period > 1 ? ` (${stuck.period} a round)` : ''
    const where = `steps ${stuck.from}–${stuck.to} ×${stuck.repeats}${round} · ${stuck.effect} · `
    return [span('⟳ stuck? ', 'warn'), span(where), { text: safeText(stuck.says, MAX_TEXT), style: 'plain' }]
  }
  if (row.infrastructure !== undefined)
    return [span('! ', 'error'), { text: safeText(row.infrastructure, MAX_TEXT), style: 'plain' }]
  const note = row.phaseNote === undefined ? '' : ` · ${row.phaseNote}`
  const what = doingText(row, detail.liveKind)
  return [{ text: safeText(what === '' ? (row.end ?? '') : `${what}${note}`, MAX_TEXT), style: 'muted' }]
}

function viewsRow({ view, detail, following, width }: HeadParts): Row {
  const tab = (name: DetailView, text: string): Span[] => [
    { ...span(` ${text} `, view === name ? 'bold' : 'muted'), selected: view === name },
    span('─', 'border'),
  ]
  const tabs = [
    span('─', 'border'),
    ...tab('steps', 'steps'),
    ...tab('patch', `d patch${patchText(detail.patch)}`),
    ...tab('tests', `t tests${testsText(detail)}`),
  ]
  const end = view !== 'steps' ? '' : following ? ' following ' : ' f follows '
  const right = [span(end, following ? 'accent' : 'muted')]
  const rest = '─'.repeat(Math.max(0, width - rowCells(tabs) - rowCells(right)))
  return [...tabs, span(rest, 'border'), ...right]
}

/** Counting lines costs the whole patch: once per patch. */
const counts = new Map<string, string>()
const MAX_COUNTED = 1_000_000

function patchText(patch: string | undefined): string {
  if (patch === undefined || patch === '') return ''
  const known = counts.get(patch)
  if (known !== undefined) return known
  if (patch.length > MAX_COUNTED) return ' (large)'
  const added = patch.match(/^\+(?!\+\+ )/gm)?.length ?? 0
  const removed = patch.match(/^-(?!-- )/gm)?.length ?? 0
  counts.clear()
  counts.set(patch, ` +${added} −${removed}`)
  return ` +${added} −${removed}`
}

function testsText({ verdict }: RolloutDetail): string {
  if (verdict === undefined) return ''
  const { failToPass: mend, passToPass: keep } = verdict
  const total = mend.total + keep.total
  return total === 0 ? '' : ` ${mend.passed + keep.passed}/${total}`
}
