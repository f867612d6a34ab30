import { safeText } from '../../src/lib/safe-text.ts'
import type { RunRow } from '../run-model.ts'
import type { Size } from '../pane.ts'
import { fitRow, fitRows, type Row, span, textRow, wrapRows } from '../paint/row.ts'
import { batchRows } from './batch-rows.ts'
import { chartGrid, pageOf } from './chart-grid.ts'
import { chartsRows } from './chart-rows.ts'
import type { TrainContext } from './context.ts'
import { depthRows } from './depth-rows.ts'
import { gpuHead, gpuRows } from './gpu-text.ts'
import { findingRow, progressRow, runLine } from './head-rows.ts'
import { logRows } from './log-rows.ts'
import { metricCurves } from './metric-curves.ts'
import { chartMatcher } from './metric-charts.ts'
import { runTable } from './run-table.ts'
import { speedRow } from './speed-row.ts'
import { stepTable } from './step-table.ts'
import { wrongRows } from './wrong-rows.ts'

/** The whole pane. */
export function trainPaneRows(context: TrainContext, size: Size): Row[] {
  const { runs, row } = context
  if (runs.state === 'loading') return [textRow(` Reading the runs… ${runs.note ?? ''}`, 'muted')]
  if (runs.state === 'error') return problem(runs.message, runs.hint, size.width)
  if (row === undefined) return invitation(size.width)
  const rows = [...topRows(context, runs.value, row, size), ...bodyRows(context, row)]
  return fitRows(rows, size.height).map((each) => fitRow(each, size.width))
}

function topRows(context: TrainContext, runs: readonly RunRow[], row: RunRow, { width }: Size): Row[] {
  const { state, findings, nowMs, layout } = context
  const { list, speed, gpus, body } = layout
  const table = { runs, window: state.runs, marked: state.marked, focused: state.view === 'runs', width, height: list }
  const first = list === 0 ? [runLine(row, runs.length, width)] : fitRows(runTable(table), list)
  if (state.view === 'runs') return first
  const head = { row, findings, settings: settingsText(context, body), nowMs, width }
  const machine = [...(speed > 0 ? [speedRow(row, width)] : []), ...gpuRows(row, nowMs, width, gpus)]
  return [...first, progressRow(head), findingRow(head), ...machine]
}

function bodyRows(context: TrainContext, row: RunRow): Row[] {
  const { state, figures, step, entries, parts, model, layout, wrong, depths, depth, log, details } = context
  const { body } = layout
  const { ascii } = parts.glyphs
  switch (state.view) {
    case 'runs':
      return fitRows(details.slice(state.detail), body.height)
    case 'steps':
      if (figures.steps.length === 0) return [[], textRow(' No step yet.', 'muted')]
      return stepTable({ steps: figures.steps, ascending: state.ascending, window: state.steps, ...body })
    case 'batch':
      if (step === undefined) return []
      return batchRows({ step, entries, window: state.batch, tree: (task) => model.tree(task), ...body })
    case 'wrong':
      return wrongRows({ entries: wrong, marked: state.markedPairs, window: state.wrong, ascii, ...body })
    case 'depth':
      if (depths.length === 0) return [[], textRow(' No evaluation tells pairs apart by depth.', 'muted')]
      return depthRows({ evaluations: depths, at: depth, ascii, ...body })
    case 'log':
      return logRows({ log, end: state.logEnd, ...body })
    case 'gpus':
      return gpuBody(context, row)
    case 'charts':
      if (parts.charts.length === 0) return noCharts(context)
      return chartsRows(metricCurves(parts), chartGrid(body, parts.charts.length), body)
  }
}

/** How the GPUs stand now, then how they did. */
function gpuBody({ gpuCharts, layout: { body }, nowMs }: TrainContext, row: RunRow): Row[] {
  const now = gpuRows(row, nowMs, body.width, gpuHead(row, body))
  if (gpuCharts.charts.length === 0) return [...now, [], textRow(' Nothing is known of what its GPUs did.', 'muted')]
  const size = { width: body.width, height: body.height - now.length }
  return [...now, ...chartsRows(gpuCharts, chartGrid(size, gpuCharts.charts.length), size)]
}

function noCharts({ state, allCharts, row }: TrainContext): Row[] {
  if (allCharts > 0) return [[], textRow(` No metric matches /${state.filter}. Esc clears the filter.`, 'muted')]
  const phase = row?.phase === undefined ? '' : ` It is at: ${row.phase}.`
  return [[], textRow(` The trainer has not said any figure yet.${phase}`, 'muted')]
}

const AXIS_WORDS = { step: '', epoch: 'over passes', time: 'over time' } as const

/** How the charts are drawn, in a few words. */
function settingsText({ state, parts, allCharts, step }: TrainContext, body: Size): string {
  const { charts, chosen, overlaid, cursor } = parts
  const read =
    cursor === undefined ? '' : `at step ${cursor}${step === undefined ? '' : ` (${step.stage} ${step.step})`}`
  if (state.view !== 'charts') return read
  const { page, pages } = pageOf(chosen, charts.length, chartGrid(body, charts.length))
  const literal = chartMatcher(state.filter).literal ? ' as text' : ''
  return [
    read,
    state.smoothing === 0 ? '' : `smooth ${state.smoothing}`,
    state.log ? 'log' : '',
    AXIS_WORDS[state.axis],
    overlaid.length === 0 ? '' : `+ ${overlaid.map(({ id }) => id).join(' ')}`,
    state.filter === '' ? '' : `/${state.filter}${literal} · ${charts.length} of ${allCharts}`,
    state.large ? `chart ${chosen + 1} of ${charts.length}` : pages > 1 ? `page ${page + 1} of ${pages}` : '',
  ]
    .filter((part) => part !== '')
    .join(' · ')
}

function invitation(width: number): Row[] {
  const text =
    'Training aligns a policy on what you accepted: first on resolved trajectories (sft), then on the chosen and rejected actions of critical pairs (dpo).'
  return [
    [],
    textRow(' No run yet', 'title'),
    [],
    ...wrapRows(safeText(text), Math.min(96, width - 2)).map((row): Row => [span(' '), ...row]),
    [],
    [span(' Review some pairs (key 3), then type')],
    [],
    textRow('   :train start', 'bold'),
    [],
    textRow(' npm start (sealign demo) in a shell shows the whole loop on a small policy in two minutes.', 'muted'),
  ]
}

function problem(message: string, hint: string | undefined, width: number): Row[] {
  return [
    [],
    ...wrapRows(safeText(` Error: ${message}`, 2_000), width, 'error'),
    ...wrapRows(safeText(` ${hint ?? ''}`, 1_000), width, 'muted'),
  ]
}
