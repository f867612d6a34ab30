import { safeText, splitLines } from '../../src/lib/safe-text.ts'
import type { RolloutDetail, RolloutVerdict } from '../model.ts'
import { type Row, span, wrapRows } from '../paint/row.ts'
import type { StyleName } from '../paint/style.ts'
import type { BlockSource } from './scroller.ts'

/** Longest patch or log shown, UTF-16 units, and longest line of it. */
const MAX_TEXT = 4_000_000
const MAX_LINE = 4_000
const KEPT = 500
const MAX_NAMED = 1_000

interface RawLine {
  readonly text: string
  readonly style: StyleName
}

/** Raw lines, each a block: wrapped and made safe only where they are looked at. */
export class TextSource implements BlockSource {
  readonly #lines: readonly RawLine[]
  readonly #width: number
  readonly #kept = new Map<number, readonly Row[]>()

  constructor(lines: readonly RawLine[], width: number) {
    this.#lines = lines
    this.#width = width
  }

  get blocks(): number {
    return Math.max(1, this.#lines.length)
  }

  lines(block: number): readonly Row[] {
    const kept = this.#kept.get(block)
    if (kept !== undefined) return kept
    const { text = '', style = 'plain' } = this.#lines[block] ?? {}
    const rows = wrapRows(safeText(text, MAX_LINE), this.#width - 1, style).map((row): Row => [span(' '), ...row])
    if (this.#kept.size >= KEPT) this.#kept.clear()
    this.#kept.set(block, rows)
    return rows
  }
}

/** The patch so far, line by line. */
export function patchLines(patch: RolloutDetail['patch']): RawLine[] {
  if (patch === undefined) return [{ text: 'No patch is known yet.', style: 'muted' }]
  if (patch.trim() === '') return [{ text: 'Nothing is changed so far.', style: 'muted' }]
  return rawLines(patch).map((text) => ({ text, style: diffStyle(text) }))
}

function diffStyle(line: string): StyleName {
  if (/^(?:\+\+\+|---|diff |index |new file|deleted file|rename |similarity )/.test(line)) return 'bold'
  if (line.startsWith('@@')) return 'accent'
  if (line.startsWith('+')) return 'added'
  return line.startsWith('-') ? 'removed' : 'plain'
}

/** How the patch was judged: the sentence, the counts, the tests that did not pass, and the log. */
export function testLines(verdict: RolloutVerdict | undefined): RawLine[] {
  if (verdict === undefined) return [{ text: 'Not graded yet.', style: 'muted' }]
  const { outcome, reason, says, failToPass, passToPass, failed, log, seconds } = verdict
  const mark = outcome === 'resolved' ? '✓' : outcome === 'unresolved' ? '✗' : '?'
  const style = outcome === 'resolved' ? 'good' : outcome === 'unresolved' ? 'bad' : 'warn'
  const counts = [
    ...(failToPass.total > 0 ? [`${passedOf(failToPass)} of the tests to mend`] : []),
    ...(passToPass.total > 0 ? [`${passedOf(passToPass)} of those to keep`] : []),
  ]
  const named = failed.slice(0, MAX_NAMED).map((name): RawLine => ({ text: `✗ ${name}`, style: 'bad' }))
  return [
    { text: `${mark} ${outcome} · ${reason} · ${seconds.toFixed(1)} s`, style },
    { text: says, style: 'plain' },
    ...(counts.length > 0 ? [{ text: counts.join(' · '), style: 'muted' as const }] : []),
    ...named,
    ...(failed.length > MAX_NAMED ? [{ text: `… ${failed.length - MAX_NAMED} more`, style: 'muted' as const }] : []),
    { text: '─ log', style: 'muted' },
    ...rawLines(log).map((text): RawLine => ({ text, style: 'plain' })),
  ]
}

function passedOf({ passed, total }: RolloutVerdict['failToPass']): string {
  return `${passed} of ${total} passed`
}

function rawLines(text: string): string[] {
  const cut = text.length - MAX_TEXT
  const lines = splitLines(cut > 0 ? text.slice(0, MAX_TEXT) : text)
  return cut > 0 ? [...lines, `… ${cut} more characters`] : lines
}
