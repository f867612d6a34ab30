import { compareEvaluations, flipsOf } from '../../src/evaluation/comparison.ts'
import { pText, pointsText } from '../../src/evaluation/figure-words.ts'
import type { EvaluationComparison, EvaluationSummary } from '../../src/evaluation/report.ts'
import { safeText } from '../../src/lib/safe-text.ts'
import { type Row, span, textRow, wrapRows } from '../paint/row.ts'
import type { StyleName } from '../paint/style.ts'
import { counted } from '../rollouts/figures.ts'
import { clipStart, pad } from '../paint/width.ts'
import { intervalBar } from './figures.ts'
import { factsOf } from './task-listing.ts'
import { outcomeText, WAY_MARKS } from './task-table.ts'

/** Who is compared with whom. */
export interface ComparedParts {
  readonly all: readonly EvaluationSummary[]
  readonly evaluation: EvaluationSummary
  readonly base: EvaluationSummary | undefined
  readonly width: number
  /** Lines there are; with enough of them every Task that moved has its own. */
  readonly height: number
}

const SCALE = 41
/** Width from which a Task that moved has a line of its own. */
const FLIPS_FROM = 56
const MAX_NAME = 100

/** The chosen Evaluation against its base; for one without a base, what the others came to against it. */
export function comparisonRows(parts: ComparedParts): Row[] {
  const { evaluation, base, width, height } = parts
  if (base === undefined) return othersRows(parts)
  const comparison = compareEvaluations(base, evaluation)
  if (comparison.tasks === 0) return wrapRows(safeText(' No task of both is graded yet.'), width, 'muted')
  const { resolved, p, better, worse } = comparison
  const head: Row[] = [
    [span(` ${movesText(comparison)}`)],
    [
      span(' resolved '),
      span(pointsText(resolved), deltaStyle(comparison)),
      span(`   ${pText(p)}`),
      span(' exact sign test', 'muted'),
    ],
    ...(width < SCALE + 14 ? [] : [scaleRow(resolved)]),
  ]
  if (head.length + 1 + better.length + worse.length <= height && width >= FLIPS_FROM)
    return [...head, [], ...flipRows(base, evaluation, width)]
  return [...head, ...namesRows('▲ better', better, 'good', width), ...namesRows('▼ worse ', worse, 'bad', width)]
}

/** Every Task that moved: what it came to before and after. */
function flipRows(base: EvaluationSummary, evaluation: EvaluationSummary, width: number): Row[] {
  const name = Math.min(40, Math.floor(width / 2))
  return flipsOf(base, evaluation).map(({ task, way }): Row => {
    const { mark, style } = WAY_MARKS[way]
    const [before, after] = [base, evaluation].map((each) => outcomeText(each, factsOf(each, task)))
    return [
      span(` ${mark} `, style),
      { text: pad(clipStart(safeText(task, MAX_NAME), name), name), style: 'plain' },
      span(`  ${before?.trim() ?? ''}`, 'muted'),
      span(' → ', 'muted'),
      span(after?.trim() ?? ''),
    ]
  })
}

/** What the base is for the others, one line each. */
function othersRows({ all, evaluation, width }: ComparedParts): Row[] {
  const others = all.filter(({ id }) => id !== evaluation.id)
  const rows = others.flatMap((other): Row[] => {
    const comparison = compareEvaluations(evaluation, other)
    if (comparison.tasks === 0) return []
    return [
      [
        { text: safeText(` ${other.name} `, MAX_NAME), style: 'bold' },
        span(pointsText(comparison.resolved), deltaStyle(comparison)),
        span(`  ${movesText(comparison)}, ${pText(comparison.p)}`),
      ],
    ]
  })
  if (rows.length > 0) return rows
  const says =
    evaluation.ended === 0
      ? ' No rollout of it has ended yet.'
      : ' Nothing to compare with yet: evaluate another policy on the same tasks with :eval start.'
  return wrapRows(safeText(says), width, 'muted')
}

/** `24 tasks: 11 better, 1 worse, 12 same`. */
export function movesText({ tasks, better, worse, same }: EvaluationComparison): string {
  return `${counted(tasks, 'task')}: ${better.length} better, ${worse.length} worse, ${same} same`
}

/** The interval of the difference on a scale from −100 to +100 points. */
function scaleRow({ delta, low, high }: EvaluationComparison['resolved']): Row {
  return [
    span('    −100 ', 'muted'),
    { text: intervalBar({ low, value: delta, high }, SCALE, { from: -1, to: 1 }), style: 'accent' },
    span(' +100', 'muted'),
  ]
}

function namesRows(title: string, names: readonly string[], style: StyleName, width: number): Row[] {
  if (names.length === 0) return []
  const indent = title.length + 3
  const lines = wrapRows(safeText(names.join(', '), 20_000), Math.max(10, width - indent))
  return lines.map((line, at) => [at === 0 ? span(` ${title}  `, style) : span(' '.repeat(indent)), ...line])
}

/** A change is good or bad only where its interval says so. */
function deltaStyle({ resolved: { low, high } }: EvaluationComparison): StyleName {
  if (low > 0) return 'good'
  return high < 0 ? 'bad' : 'bold'
}

/** The heading of the parts below. */
export function comparisonHeading({ evaluation, base, width }: ComparedParts): Row {
  const against = base === undefined ? '' : ` against ${base.name}`
  return ruleRow(`${evaluation.name}${against}`, width)
}

/** A line across the pane with a title in it. */
export function ruleRow(title: string, width: number): Row {
  const text = safeText(title, Math.max(1, width - 6))
  return [
    span('─ ', 'border'),
    { text, style: 'title' },
    ...textRow(` ${'─'.repeat(Math.max(0, width - text.length - 3))}`, 'border'),
  ]
}
