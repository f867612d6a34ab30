import type { EvaluationReport, EvaluationSummary } from '../../src/evaluation/report.ts'
import { safeText } from '../../src/lib/safe-text.ts'
import type { Loadable } from '../model.ts'
import type { Size } from '../pane.ts'
import { besideRows, fitRow, fitRows, type Row, span, spreadRow, textRow, wrapRows } from '../paint/row.ts'
import { counted } from '../rollouts/figures.ts'
import { type ComparedParts, comparisonHeading, comparisonRows, ruleRow } from './comparison-rows.ts'
import { evaluationTable } from './evaluation-table.ts'
import { failureRows } from './failure-rows.ts'
import { paperRows } from './paper-table.ts'
import { rolloutRows } from './rollout-rows.ts'
import { PARTS, type Part, type ReportState } from './state.ts'
import { factsOf, type TaskLine } from './task-listing.ts'
import { taskTable } from './task-table.ts'

/** What the pane draws from. */
export interface ReportContext {
  readonly state: ReportState
  readonly report: Loadable<EvaluationReport>
  /** Those that the filter keeps, in order. */
  readonly listed: readonly EvaluationSummary[]
  /** The Evaluation under the cursor, in the tasks that of the chosen column. */
  readonly evaluation: EvaluationSummary | undefined
  /** Whose tasks were opened, while they are shown; else the one under the cursor. */
  readonly after: EvaluationSummary | undefined
  readonly base: EvaluationSummary | undefined
  /** Tasks of the chosen Evaluation; empty while they are not shown. */
  readonly lines: readonly TaskLine[]
}

/** Width from which two columns stand below the evaluations. */
const BESIDE_FROM = 116
/** Lines of the list's share of the pane. */
const LIST_SHARE = 0.45
/** Cells of the tasks beside what their rollouts came to. */
const TASKS_SHARE = 0.6

/** Lines of the evaluations, their title not counted: by the screen and their number. */
export function evaluationLines(count: number, { height }: Size): number {
  return Math.max(1, Math.min(count, Math.floor(height * LIST_SHARE) - 1))
}

/** Lines of the tasks, their title not counted. */
export function taskLinesShown({ width, height }: Size): number {
  return Math.max(1, height - 2 - (width >= BESIDE_FROM ? 0 : 1 + detailLines(height)))
}

/** Lines that tell of the chosen rollout. */
function detailLines(height: number): number {
  return Math.max(2, Math.min(8, Math.floor(height * 0.25)))
}

/** The whole pane. */
export function reportRows(context: ReportContext, size: Size): Row[] {
  const { report, evaluation, state, listed } = context
  if (report.state === 'loading') return [textRow(` Measuring rollouts… ${report.note ?? ''}`, 'muted')]
  if (report.state === 'error') return problem(report.message, report.hint, size.width)
  if (report.value.evaluations.length === 0) return invitation(size.width)
  if (evaluation === undefined)
    return [[], textRow(` No evaluation matches /${state.filter}. Esc clears the filter.`, 'muted')]
  const rows =
    state.view === 'tasks'
      ? taskViewRows(context, evaluation, size)
      : evaluationViewRows(report.value, context, evaluation, listed, size)
  return fitRows(rows, size.height).map((row) => fitRow(row, size.width))
}

function evaluationViewRows(
  report: EvaluationReport,
  { state, base }: ReportContext,
  evaluation: EvaluationSummary,
  listed: readonly EvaluationSummary[],
  { width, height }: Size,
): Row[] {
  const parts: ComparedParts = { all: report.evaluations, evaluation, base, width, height }
  const lines = evaluationLines(listed.length, { width, height })
  const table = state.zoomed
    ? []
    : [
        statusRow(report.evaluations, evaluation, state, listed.length, width),
        ...fitRows(
          evaluationTable({
            evaluations: listed,
            window: state.window,
            sort: state.sort,
            base: base?.id,
            focused: true,
            width,
            height: lines + 1,
          }),
          lines + 1,
        ),
      ]
  return [
    ...table,
    comparisonHeading(parts),
    ...belowRows(report, parts, state, { width, height: height - table.length - 1 }),
  ]
}

/** The parts below: in two columns where there is room, else one under the other, the first one first. */
function belowRows(
  report: EvaluationReport,
  parts: ComparedParts,
  { part: first, zoomed }: ReportState,
  { width, height }: Size,
): Row[] {
  const beside = width >= BESIDE_FROM
  const left = Math.floor((width - 3) / 2)
  const room = beside ? { left, right: width - 3 - left } : { left: width, right: width }
  const rowsOf: Readonly<Record<Part, () => Row[]>> = {
    comparison: () => comparisonRows({ ...parts, width: room.left, height: beside || zoomed ? height : 0 }),
    failures: () => failureRows(parts.evaluation, parts.base, room.right),
    paper: () => paperRows(report.paper, report.evaluations, room.right),
  }
  if (beside)
    return besideRows(
      fitRows(rowsOf[first](), height),
      fitRows(
        PARTS.filter((part) => part !== first).flatMap((part, at) => [...(at === 0 ? [] : [[]]), ...rowsOf[part]()]),
        height,
      ),
      [room.left, room.right],
    )
  const order = [...PARTS.slice(PARTS.indexOf(first)), ...PARTS.slice(0, PARTS.indexOf(first))]
  const stacked = order.flatMap((part, at) => [...(at === 0 ? [] : [[]]), ...rowsOf[part]()])
  return stacked.length <= height
    ? stacked
    : [...stacked.slice(0, Math.max(0, height - 1)), textRow(' … v shows the rest', 'muted')]
}

function statusRow(
  all: readonly EvaluationSummary[],
  { intervals, infrastructure, tasks }: EvaluationSummary,
  { filter, sort }: ReportState,
  listed: number,
  width: number,
): Row {
  const method = intervals === 'wilson' ? 'Wilson' : 'bootstrap over tasks'
  const left: Row = [
    span(` ${counted(all.length, 'evaluation')} · ${counted(tasks, 'task')}`),
    span(` · [95 % ${method}]`, 'muted'),
    ...(infrastructure === 0 ? [] : [span(` · ${infrastructure} infra left out`, 'warn')]),
  ]
  const shown = filter === '' ? '' : `/${filter} · ${listed} of ${all.length}`
  const facts = [shown, sort === 'as made' ? '' : `by ${sort}`].filter(Boolean).join(' · ')
  return spreadRow(left, facts === '' ? [] : [{ text: safeText(` ${facts} `, 60), style: 'accent' }], width)
}

function taskViewRows(
  { state, after, base, lines, listed }: ReportContext,
  evaluation: EvaluationSummary,
  { width, height }: Size,
): Row[] {
  const shown = taskLinesShown({ width, height })
  const moved = (way: TaskLine['way']) => lines.filter((line) => line.way === way).length
  const against =
    base === undefined ? '' : ` against ${base.name}: ${moved('better')} ▲ better, ${moved('worse')} ▼ worse`
  const filter = state.taskFilter === '' ? '' : `/${state.taskFilter} `
  const sort = state.taskSort === 'name' ? '' : `by ${state.taskSort} `
  const head = spreadRow(
    [
      { text: safeText(` ${after?.name ?? ''}`, 60), style: 'title' },
      { text: safeText(`${against} · ${counted(lines.length, 'task')}`, 200), style: 'plain' },
    ],
    filter === '' && sort === '' ? [] : [{ text: safeText(` ${filter}${sort}`, 60), style: 'accent' }],
    width,
  )
  if (lines.length === 0) return [head, [], textRow(emptyTasks(evaluation, state), 'muted')]
  const beside = width >= BESIDE_FROM
  const left = beside ? Math.floor(width * TASKS_SHARE) : width
  const table = taskTable({
    lines,
    window: state.taskWindow,
    evaluations: listed,
    selected: evaluation.id,
    base: base?.id,
    width: left,
    height: shown + 1,
  })
  const task = state.task ?? ''
  const chosen = rolloutRows(evaluation, factsOf(evaluation, task), state.rollout, beside ? width - left - 3 : width)
  if (!beside)
    return [head, ...fitRows(table, shown + 1), ruleRow(task, width), ...chosen.slice(0, detailLines(height))]
  const others = listed.filter(({ id }) => id !== evaluation.id)
  const detail = [{ text: safeText(` ${task}`, 300), style: 'title' } as const]
  const rest = others.flatMap((each) => [[], ...rolloutRows(each, factsOf(each, task), 0, width - left - 3)])
  return [
    head,
    ...besideRows(fitRows(table, shown + 1), fitRows([detail, ...chosen, ...rest], shown + 1), [
      left,
      width - left - 3,
    ]),
  ]
}

function emptyTasks({ ended }: EvaluationSummary, { taskFilter }: ReportState): string {
  if (taskFilter !== '')
    return ` No task matches /${taskFilter}. Words: better worse resolved unresolved empty stuck invalid loop tool instruction.`
  return ended === 0 ? ' No rollout of it has ended yet.' : ' There are no tasks here.'
}

function invitation(width: number): Row[] {
  const text =
    'An evaluation rolls a policy out on tasks, apart from trees and datasets, and says how often it resolves them, changes no code, repeats itself, or calls tools wrongly. Two evaluations of the same tasks are compared task by task.'
  return [
    [],
    textRow(' No evaluations yet', 'title'),
    [],
    ...wrapRows(safeText(text), Math.min(96, width - 2)).map((row): Row => [span(' '), ...row]),
    [],
    textRow(' Type'),
    ...wrapRows(safeText('   :eval start --name before --tasks SET --base-url URL --model NAME'), width, 'bold'),
    [],
    textRow(' and the same again with --name after once the model is trained.', 'muted'),
  ]
}

function problem(message: string, hint: string | undefined, width: number): Row[] {
  return [
    [],
    ...wrapRows(safeText(` Error: ${message}`, 2_000), width, 'error'),
    ...wrapRows(safeText(` ${hint ?? ''}`, 1_000), width, 'muted'),
  ]
}
