import { safeText } from '../../src/lib/safe-text.ts'
import type { Loadable, RunFigures, RunRow, StepFigures, WorkbenchModel } from '../model.ts'
import type { Size } from '../pane.ts'
import { fitRow, fitRows, type Row, span, textRow, wrapRows } from '../paint/row.ts'
import type { BatchEntry } from './batch.ts'
import { batchRows } from './batch-rows.ts'
import { chartGrid, pageOf } from './chart-grid.ts'
import { type ChartsParts, chartsRows } from './chart-rows.ts'
import type { Finding } from './findings.ts'
import { findingRow, progressRow, runLine } from './head-rows.ts'
import { chartMatcher } from './metric-charts.ts'
import { runDetailRows } from './run-details.ts'
import { runTable } from './run-table.ts'
import type { TrainState } from './state.ts'
import { stepTable } from './step-table.ts'

/** What the pane draws from. */
export interface TrainContext {
  readonly state: TrainState
  readonly runs: Loadable<readonly RunRow[]>
  /** The chosen Run. */
  readonly row: RunRow | undefined
  readonly figures: RunFigures
  readonly findings: readonly Finding[]
  readonly parts: ChartsParts
  /** Charts of the Run before the filter. */
  readonly allCharts: number
  /** The step under the cursor, and what it learnt from. */
  readonly step: StepFigures | undefined
  readonly entries: readonly BatchEntry[]
  readonly model: Pick<WorkbenchModel, 'tree'>
  /** Milliseconds since the epoch, in whole seconds. */
  readonly nowMs: number
}

/** How the pane is divided, top to bottom; by the screen and the number of Runs, never by what is shown. */
export interface TrainLayout {
  /** Lines of the list of Runs, its title included; 0: one line for the chosen Run. */
  readonly list: number
  /** Charts, step table or batch. */
  readonly body: Size
}

/** Lines that say how far the Run is and what to know of it. */
const HEAD = 2
const LIST_FROM = 20

/** The parts of the pane for a number of Runs. */
export function trainLayout(
  { view, large }: Pick<TrainState, 'view' | 'large'>,
  runs: number,
  { width, height }: Size,
): TrainLayout {
  if (view === 'runs')
    return { list: 1 + Math.max(1, Math.min(runs, Math.ceil(height / 2) - 1)), body: { width, height: 0 } }
  if (height < LIST_FROM || (large && view === 'charts')) return { list: 0, body: { width, height: height - 1 - HEAD } }
  const most = height >= 44 ? 5 : height >= 30 ? 3 : 1
  const list = 1 + Math.max(1, Math.min(runs, most))
  return { list, body: { width, height: height - list - HEAD } }
}

/** The whole pane. */
export function trainPaneRows(context: TrainContext, size: Size): Row[] {
  const { runs, row, state } = context
  if (runs.state === 'loading') return [textRow(` Reading the runs… ${runs.note ?? ''}`, 'muted')]
  if (runs.state === 'error') return problem(runs.message, runs.hint, size.width)
  if (row === undefined) return invitation(size.width)
  const layout = trainLayout(state, runs.value.length, size)
  const rows = [...topRows(context, runs.value, row, layout, size), ...bodyRows(context, row, layout, size)]
  return fitRows(rows, size.height).map((each) => fitRow(each, size.width))
}

function topRows(
  context: TrainContext,
  runs: readonly RunRow[],
  row: RunRow,
  { list, body }: TrainLayout,
  { width }: Size,
): Row[] {
  const { state, findings, nowMs } = context
  const table = { runs, window: state.runs, marked: state.marked, focused: state.view === 'runs', width, height: list }
  const first = list === 0 ? [runLine(row, runs.length, width)] : fitRows(runTable(table), list)
  if (state.view === 'runs') return first
  const head = { row, findings, settings: settingsText(context, body), nowMs, width }
  return [...first, progressRow(head), findingRow(head)]
}

function bodyRows(context: TrainContext, row: RunRow, { list, body }: TrainLayout, size: Size): Row[] {
  const { state, figures, findings, step, entries, parts, model } = context
  switch (state.view) {
    case 'runs':
      return fitRows(runDetailRows(row, figures, findings, size.width), size.height - list)
    case 'steps':
      if (figures.steps.length === 0) return [[], textRow(' No step yet.', 'muted')]
      return stepTable({ steps: figures.steps, ascending: state.ascending, window: state.steps, ...body })
    case 'batch':
      if (step === undefined) return []
      return batchRows({ step, entries, window: state.batch, tree: (task) => model.tree(task), ...body })
    case 'charts':
      if (parts.charts.length === 0) return noCharts(context)
      return chartsRows(parts, chartGrid(body, parts.charts.length), body)
  }
}

function noCharts({ state, allCharts, row }: TrainContext): Row[] {
  if (allCharts > 0) return [[], textRow(` No metric matches /${state.filter}. Esc clears the filter.`, 'muted')]
  const phase = row?.phase === undefined ? '' : ` It is at: ${row.phase}.`
  return [[], textRow(` The trainer has not said any figure yet.${phase}`, 'muted')]
}

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
