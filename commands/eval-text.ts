import { flipsOf, type TaskRollouts } from '../src/evaluation/comparison.ts'
import { pText, pointsText } from '../src/evaluation/figure-words.ts'
import { fittingTables } from '../src/evaluation/paper-rows.ts'
import {
  type EvaluationComparison,
  type EvaluationReport,
  type EvaluationSummary,
  FAILURE_KINDS,
  type PaperRow,
  type Rate,
} from '../src/evaluation/report.ts'
import { safeText } from '../src/lib/safe-text.ts'
import type { TextStyle } from './define.ts'
import { type Column, count, percent, table } from './table.ts'

/** The report as text for people: rates, comparisons, failures by kind, and the paper's rows. */
export function reportText(report: EvaluationReport, style: TextStyle, allPaper = false): string {
  const { evaluations, comparisons, paper } = report
  if (evaluations.length === 0)
    return 'There are no evaluations in this session yet. Start one: sealign eval start --name before --tasks SET --base-url URL --model NAME'
  const parts = [
    [ratesTable(evaluations, style), intervalsText(evaluations), ...spoiltLines(evaluations)],
    comparisons.map((comparison) => comparisonText(comparison, evaluations)),
    [failuresTable(evaluations, style)],
    [paperTable(shownPaper(report, allPaper), style), ...(allPaper ? [] : [morePaper(paper.length)])],
  ]
  return parts
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')
}

/** `SFT against before, 24 tasks: 11 better, 1 worse, 12 same, p = .006 (exact); resolved +42 points [21, 58]`. */
export function comparisonText(
  { before, after, tasks, better, worse, same, p, resolved }: EvaluationComparison,
  evaluations: readonly EvaluationSummary[],
): string {
  const name = (id: string): string => safeText(evaluations.find((each) => each.id === id)?.name ?? id)
  const moves = `${better.length} better, ${worse.length} worse, ${same} same`
  return `${name(after)} against ${name(before)}, ${count(tasks, 'task')}: ${moves}, ${pText(p)} (exact); resolved ${pointsText(resolved)}`
}

/** Every task that moved between two Evaluations, with the rollouts that say so. */
export function flipsTable(before: EvaluationSummary, after: EvaluationSummary, style: TextStyle): string {
  const flips = flipsOf(before, after)
  if (flips.length === 0) return 'No task moved.'
  return table(
    [{ title: '' }, { title: 'TASK' }, { title: before.name.toUpperCase() }, { title: after.name.toUpperCase() }],
    flips.map(({ task, way, before: earlier, after: later }) => [way, task, cellOf(earlier), cellOf(later)]),
    style,
  )
}

function cellOf({ resolved, total, rollouts }: TaskRollouts): string {
  return `${resolved}/${total} resolved (rollout ${rollouts.join(', ')})`
}

const RIGHT: Pick<Column, 'align'> = { align: 'right' }

function ratesTable(evaluations: readonly EvaluationSummary[], style: TextStyle): string {
  const columns = [
    { title: 'EVALUATION' },
    ...['RESOLVED', 'EMPTY PATCH', 'STUCK', 'INVALID CALL', 'TURNS', 'TOKENS', 'ENDED'].map((title) => ({
      title,
      ...RIGHT,
    })),
    { title: 'MODEL' },
  ]
  const rows = evaluations.map((each) => [
    each.name,
    rateText(each.resolved),
    rateText(each.emptyPatch),
    rateText(each.stuck),
    rateText(each.invalidCall),
    each.turns.toFixed(1),
    Math.round(each.tokens).toLocaleString('en'),
    `${each.ended}/${each.rollouts}${each.state === 'done' ? '' : ` ${each.state}`}`,
    each.model,
  ])
  return table(columns, rows, style)
}

/** `42 % [29, 56]`. */
function rateText({ rate, low, high, total }: Rate): string {
  return total === 0 ? '–' : `${percent(rate)} [${Math.round(low * 100)}, ${Math.round(high * 100)}]`
}

function intervalsText(evaluations: readonly EvaluationSummary[]): string {
  const methods = new Set(evaluations.map(({ intervals }) => intervals))
  const wilson = 'Wilson’s, one rollout per task'
  const bootstrap = 'bootstrap over tasks, which have several rollouts'
  const names = [...methods].map((method) => (method === 'wilson' ? wilson : bootstrap))
  return `[95 % interval: ${names.join('; ')}]`
}

function spoiltLines(evaluations: readonly EvaluationSummary[]): string[] {
  return evaluations
    .filter(({ infrastructure }) => infrastructure > 0)
    .map(
      ({ name, infrastructure }) =>
        `${safeText(name)}: ${count(infrastructure, 'rollout')} failed without the policy’s fault, left out of every rate`,
    )
}

function failuresTable(evaluations: readonly EvaluationSummary[], style: TextStyle): string {
  return table(
    [{ title: 'UNRESOLVED BY KIND' }, ...evaluations.map(({ name }) => ({ title: name, ...RIGHT }))],
    FAILURE_KINDS.map((kind) => [KIND_WORDS[kind], ...evaluations.map(({ failures }) => failures[kind])]),
    style,
  )
}

/** What each kind of failure is (paper §3.2); a rollout may show several. */
const KIND_WORDS = {
  instruction: 'instruction: talks instead of acting, text after a call',
  tool: 'tool: malformed call, wrong or missing parameter',
  loop: 'loop: the same actions again and again',
  other: 'other: none of these',
} as const

function shownPaper({ evaluations, paper }: EvaluationReport, all: boolean): readonly PaperRow[] {
  if (all) return paper
  const tables = new Set(
    fittingTables(evaluations.map(({ name, model, facts }) => ({ name, model, tasks: facts.map(({ task }) => task) }))),
  )
  return paper.filter((row) => tables.has(row.table))
}

function paperTable(rows: readonly PaperRow[], style: TextStyle): string {
  const printed = (value: number | undefined): string => (value === undefined ? '' : `${value.toFixed(1)} %`)
  return table(
    [
      { title: 'THE PAPER' },
      { title: '' },
      ...['RESOLVED', 'EMPTY PATCH', 'STUCK', 'INVALID PATCH', 'WITHOUT AGENT'].map((title) => ({ title, ...RIGHT })),
    ],
    rows.map(({ table: name, model, resolved, emptyPatch, stuck, invalidPatch, withoutAgent }) => [
      name,
      model,
      ...[resolved, emptyPatch, stuck, invalidPatch, withoutAgent].map(printed),
    ]),
    style,
  )
}

function morePaper(rows: number): string {
  return `(--all-paper shows all ${rows} rows that the paper prints)`
}
