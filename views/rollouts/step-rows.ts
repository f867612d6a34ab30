import { observationText, type StepDraft } from '../../src/domain/trajectory.ts'
import type { Message } from '../../src/domain/message.ts'
import { safeText, splitLines } from '../../src/lib/safe-text.ts'
import { actionLabel } from '../../src/tree/action-key.ts'
import { type ActionLine, actionLines, thoughtLines } from '../pairs/action-lines.ts'
import { type Row, span, spreadRow, wrapRows } from '../paint/row.ts'
import type { StyleName } from '../paint/style.ts'
import type { RolloutDetail } from '../model.ts'

type Nudge = RolloutDetail['nudges'][number]

/** Lines of an Observation shown while it is folded: its last ones, which say how it went. */
const TAIL_LINES = 2
/** How much of an Observation's end is looked at for them, UTF-16 units. */
const TAIL_CHARACTERS = 4_000
/** Lines of one text shown, and longest line; `e` opens all of it. */
const MAX_LINES = 1_000
const MAX_LINE = 4_000
/** Longest text taken apart into lines, UTF-16 units. */
const MAX_TEXT = 400_000
const INDENT = '   '

const TONES: Readonly<Record<ActionLine['tone'], StyleName>> = {
  heading: 'bold',
  plain: 'plain',
  old: 'removed',
  new: 'added',
  thought: 'muted',
}

/** A Step as rows: what was done in one line and the end of what came back, or, unfolded, all of it. Nudges after it follow. */
export function stepRows(
  step: StepDraft,
  t: number,
  {
    unfolded,
    nudges,
    width,
  }: { readonly unfolded: boolean; readonly nudges: readonly Nudge[]; readonly width: number },
): Row[] {
  const head: Row = [
    span(`${unfolded ? '▾' : '▸'} `, 'muted'),
    span(`${String(t).padStart(2)} `, 'accent'),
    { text: safeText(actionLabel(step)), style: step.malformed === undefined ? 'bold' : 'warn' },
  ]
  return [
    spreadRow(head, factSpans(step), width),
    ...(unfolded ? wholeRows(step, width) : tailRows(step)),
    ...nudges.flatMap((nudge) => nudgeRows(nudge, width)),
  ]
}

/** Messages before the first reply: one line, or all of them. */
export function promptRows(prompt: readonly Message[], unfolded: boolean, width: number): Row[] {
  if (prompt.length === 0) return [[span('  prompt · not sent yet', 'muted')]]
  const characters = prompt.reduce((sum, { content }) => sum + content.length, 0)
  const head: Row = [
    span(`${unfolded ? '▾' : '▸'} `, 'muted'),
    span('prompt', 'bold'),
    span(` · ${prompt.length} ${prompt.length === 1 ? 'message' : 'messages'}, ${characters} characters`, 'muted'),
  ]
  if (!unfolded) return [head]
  return [head, ...prompt.flatMap(({ role, content }) => [ruleRow(role), ...toneRows(plainLines(content), width)])]
}

function factSpans({ exitCode, durationMs }: StepDraft): Row {
  const failed = exitCode !== undefined && exitCode !== 0
  const seconds = durationMs === undefined || durationMs < 100 ? '' : ` ${(durationMs / 1_000).toFixed(1)}s`
  return [span(failed ? ` exit ${exitCode}` : '', 'bad'), span(seconds, 'muted')]
}

function tailRows(step: StepDraft): Row[] {
  const lines = splitLines(observationText(step).slice(-TAIL_CHARACTERS)).filter((line) => line.trim() !== '')
  return lines.slice(-TAIL_LINES).map((line) => [span(INDENT), { text: safeText(line, MAX_LINE), style: 'muted' }])
}

function wholeRows(step: StepDraft, width: number): Row[] {
  return [
    ...toneRows(thoughtLines(step), width),
    ...toneRows(actionLines(step), width),
    ...(step.observation.length === 0
      ? []
      : [
          ruleRow(`observation${step.exitCode === undefined ? '' : ` · exit code ${step.exitCode}`}`),
          ...toneRows(plainLines(observationText(step)), width),
        ]),
  ]
}

function nudgeRows({ text, by }: Nudge, width: number): Row[] {
  const lines = wrapRows(safeText(`» ${by}: ${text}`, MAX_LINE), Math.max(1, width - INDENT.length), 'accent')
  return lines.map((line) => [span(INDENT), ...line])
}

function ruleRow(title: string): Row {
  return [span(`${INDENT}─ `, 'border'), span(title, 'muted')]
}

function plainLines(text: string): ActionLine[] {
  return splitLines(text.slice(0, MAX_TEXT)).map((line): ActionLine => ({ tone: 'plain', text: line }))
}

function toneRows(lines: readonly ActionLine[], width: number): Row[] {
  const room = Math.max(1, width - INDENT.length)
  const rows = lines
    .slice(0, MAX_LINES)
    .flatMap(({ tone, text }) => wrapRows(safeText(text, MAX_LINE), room, TONES[tone]))
    .map((row): Row => [span(INDENT), ...row])
  const more = lines.length - MAX_LINES
  return more > 0 ? [...rows, [span(`${INDENT}… ${more} more lines (e opens all)`, 'muted')]] : rows
}
