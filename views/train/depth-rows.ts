import { safeText } from '../../src/lib/safe-text.ts'
import type { DepthFigures, RunFigures, StepFigures } from '../run-model.ts'
import { percent, rateBar } from '../paint/bar.ts'
import { figureText } from '../paint/figure-text.ts'
import { fitRow, type Row, span } from '../paint/row.ts'
import { sparkline } from '../paint/sparkline.ts'
import { type Cell, type Column, tableRows } from '../paint/table.ts'
import { evaluationsOf } from './metric-curves.ts'
import type { StepAt } from './state.ts'

/** What is drawn of evaluations by depth. */
export interface DepthParts {
  readonly evaluations: readonly DepthEvaluation[]
  /** Position of the one that is shown. */
  readonly at: number
  readonly width: number
  readonly height: number
  readonly ascii: boolean
}

export type DepthEvaluation = StepFigures & { readonly byDepth: readonly DepthFigures[] }

const BAR = 14
const HISTORY = 24
const COLUMNS: readonly Column[] = [
  { title: ' ACTIONS BEFORE', width: 15 },
  { title: 'PAIRS', width: 6, align: 'right' },
  { title: 'ACCURACY', width: BAR + 6 },
  { title: 'MARGIN', width: 8, align: 'right' },
  { title: 'ACCURACY SO FAR', width: HISTORY, drop: 1 },
]

const known = new WeakMap<RunFigures, readonly DepthEvaluation[]>()

/** The evaluations of a Run that say how pairs of each depth fare, oldest first. */
export function depthEvaluations(figures: RunFigures): readonly DepthEvaluation[] {
  let found = known.get(figures)
  if (found === undefined) {
    found = evaluationsOf(figures).flatMap((step) =>
      step.byDepth === undefined ? [] : [{ ...step, byDepth: step.byDepth }],
    )
    known.set(figures, found)
  }
  return found
}

/** Position of the newest evaluation that is not after the step under the cursor, or of the first one. */
export function depthAt(evaluations: readonly DepthEvaluation[], at: StepAt | undefined): number {
  if (at === undefined) return evaluations.length - 1
  return Math.max(
    0,
    evaluations.findLastIndex(({ x }) => x <= at.x),
  )
}

/** One evaluation: accuracy and margin of held-out pairs by the number of actions before them, and how the accuracy came about. */
export function depthRows({ evaluations, at, width, height, ascii }: DepthParts): Row[] {
  const shown = evaluations[at]
  if (shown === undefined) return []
  const { stage, step, x, best, byDepth } = shown
  const pairs = byDepth.reduce((sum, group) => sum + group.pairs, 0)
  const title = ` ${stage} step ${step}`
  const facts = [
    `(${x} over all stages)`,
    `evaluation ${at + 1} of ${evaluations.length}`,
    `${pairs} held-out ${pairs === 1 ? 'pair' : 'pairs'}`,
  ]
  const lines: readonly DepthFigures[] = [...byDepth, totalOf(shown, pairs)]
  const history = ({ from }: DepthFigures): readonly number[] =>
    evaluations.slice(Math.max(0, at + 1 - HISTORY), at + 1).map((each) => accuracyAt(each, from))
  const table = tableRows({
    columns: COLUMNS,
    count: lines.length,
    first: 0,
    width,
    height: height - 2,
    cell: (line, column) => {
      const group = lines[line]
      return group === undefined ? { text: safeText('') } : cell(group, column, history(group), ascii)
    },
  })
  return [
    fitRow([span(title, 'title'), span(` ${facts.join(' · ')}${best === true ? ' · best' : ''}`, 'muted')], width),
    [],
    ...table,
  ]
}

/** All depths together stand below the groups, under a depth that no group begins at. */
const ALL = -1

function totalOf({ metrics }: StepFigures, pairs: number): DepthFigures {
  return {
    from: ALL,
    to: ALL,
    pairs,
    accuracy: metrics['eval_rewards/accuracies'] ?? null,
    margin: metrics['eval_rewards/margins'] ?? null,
  }
}

function accuracyAt(evaluation: DepthEvaluation, from: number): number {
  if (from === ALL) return evaluation.metrics['eval_rewards/accuracies'] ?? Number.NaN
  return evaluation.byDepth.find((group) => group.from === from)?.accuracy ?? Number.NaN
}

function cell(
  { from, to, pairs, accuracy, margin }: DepthFigures,
  column: number,
  history: readonly number[],
  ascii: boolean,
): Cell {
  const rate = accuracy ?? undefined
  switch (column) {
    case 0:
      return { text: safeText(` ${from === ALL ? 'all' : from === to ? from : `${from}–${to}`}`), style: 'bold' }
    case 1:
      return { text: safeText(String(pairs)), style: 'muted' }
    case 2:
      return {
        text: safeText(`${rateBar(rate, BAR)} ${percent(rate)}`),
        style: rate === undefined ? 'muted' : rate < 0.5 ? 'bad' : 'plain',
      }
    case 3:
      return { text: safeText(figureText(margin ?? undefined)), style: margin !== null && margin < 0 ? 'bad' : 'plain' }
    default:
      return { text: sparkline(history, HISTORY, ascii), style: 'accent' }
  }
}
