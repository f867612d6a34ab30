import { compareEvaluations, flipsOf, type TaskRollouts } from '../../src/evaluation/comparison.ts'
import { pText, pointsText } from '../../src/evaluation/figure-words.ts'
import { type EvaluationReport, type EvaluationSummary, FAILURE_KINDS, type Rate } from '../../src/evaluation/report.ts'
import { movesText } from './comparison-rows.ts'
import { intervalText, known } from './figures.ts'

/** The report as Markdown, for the clipboard and $EDITOR: rates, comparisons with every task that moved, failures, the paper's rows. */
export function reportMarkdown({ evaluations, comparisons, paper }: EvaluationReport): string {
  const byId = new Map(evaluations.map((each) => [each.id, each]))
  const compared = comparisons.flatMap(({ before, after }) => {
    const [earlier, later] = [byId.get(before), byId.get(after)]
    return earlier && later ? [comparisonMarkdown(earlier, later)] : []
  })
  return [
    '# Evaluations',
    ratesMarkdown(evaluations),
    ...compared,
    '## Unresolved rollouts by kind',
    markdownTable(
      ['kind', ...evaluations.map(({ name }) => name)],
      FAILURE_KINDS.map((kind) => [kind, ...evaluations.map(({ failures }) => String(failures[kind]))]),
    ),
    '## The paper (arXiv 2503.18455)',
    markdownTable(
      ['table', 'model', 'resolved', 'empty patch', 'stuck', 'invalid patch', 'without agent'],
      paper.map(({ table, model, resolved, emptyPatch, stuck, invalidPatch, withoutAgent }) => [
        table,
        model,
        ...[resolved, emptyPatch, stuck, invalidPatch, withoutAgent].map((value) =>
          value === undefined ? '' : `${value} %`,
        ),
      ]),
    ),
    '',
  ].join('\n\n')
}

/** Two Evaluations compared, with every task that moved and the rollouts that say so. */
export function comparisonMarkdown(before: EvaluationSummary, after: EvaluationSummary): string {
  const comparison = compareEvaluations(before, after)
  const flips = flipsOf(before, after)
  const head = `## ${after.name} against ${before.name}\n\n${movesText(comparison)}; ${pText(comparison.p)} (exact sign test); resolved ${pointsText(comparison.resolved)}`
  if (flips.length === 0) return head
  const rows = flips.map(({ task, way, before: earlier, after: later }) => [way, task, cellOf(earlier), cellOf(later)])
  return `${head}\n\n${markdownTable(['', 'task', before.name, after.name], rows)}`
}

function ratesMarkdown(evaluations: readonly EvaluationSummary[]): string {
  return markdownTable(
    [
      'evaluation',
      'model',
      'resolved',
      'empty patch',
      'stuck',
      'invalid call',
      'turns',
      'tokens',
      'ended',
      'interval, 95 %',
    ],
    evaluations.map((each) => [
      each.name,
      each.model,
      rateMarkdown(each.resolved),
      rateMarkdown(each.emptyPatch),
      rateMarkdown(each.stuck),
      rateMarkdown(each.invalidCall),
      each.turns.toFixed(1),
      String(Math.round(each.tokens)),
      `${each.ended} of ${each.rollouts}${each.infrastructure > 0 ? `, ${each.infrastructure} failed without the policy’s fault` : ''}`,
      each.intervals === 'wilson' ? 'Wilson' : 'bootstrap over tasks',
    ]),
  )
}

/** `41.7 % [29, 56] (20 of 48)`. */
function rateMarkdown(rate: Rate): string {
  const value = known(rate)
  return value === undefined
    ? '–'
    : `${(value * 100).toFixed(1)} % ${intervalText(rate)} (${rate.count} of ${rate.total})`
}

function cellOf({ resolved, total, rollouts }: TaskRollouts): string {
  return `${resolved}/${total} (rollout ${rollouts.join(', ')})`
}

function markdownTable(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll(/\s+/g, ' ')).join(' | ')} |`
  return [line(titles), `|${titles.map(() => '---|').join('')}`, ...rows.map(line)].join('\n')
}
