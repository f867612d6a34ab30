import { safeText } from '../../src/lib/safe-text.ts'
import type { JobRow, Loadable, RolloutDetail, RolloutRow } from '../model.ts'
import type { Size } from '../pane.ts'
import { besideRows, fitRow, fitRows, type Row, span, textRow, wrapRows } from '../paint/row.ts'
import type { Detail } from './detail.ts'
import { jobRows, statusRow } from './job-rows.ts'
import type { Listing } from './listing.ts'
import type { RolloutsState } from './state.ts'
import { rolloutTable } from './table.ts'
import type { Tally } from './tally.ts'

/** What the pane draws from. */
export interface RolloutsContext {
  readonly state: RolloutsState
  readonly rollouts: Loadable<readonly RolloutRow[]>
  readonly listing: Listing
  readonly tally: Tally
  readonly jobs: readonly JobRow[]
  /** Lines kept for the jobs. */
  readonly jobLines: number
  /** The rollout under the cursor. */
  readonly row: RolloutRow | undefined
  readonly details: (row: RolloutRow) => RolloutDetail
  readonly detail: Detail
  /** Milliseconds since the epoch, in whole seconds. */
  readonly nowMs: number
}

/** How the pane is divided. A part of width or height 0 is not shown. */
export interface RolloutsLayout {
  /** Lines above both parts: how many rollouts stand where, and the jobs. */
  readonly top: number
  readonly list: Size
  readonly detail: Size
  readonly beside: boolean
}

const SEPARATOR = 3
/** Fewest cells for list and detail side by side. */
const BESIDE_FROM = 116
const BELOW_FROM = 34
const NOTHING: Size = { width: 0, height: 0 }

/** List and detail side by side, one below the other, or only the one that has the keys: by the screen, never by what is shown. */
export function rolloutsLayout(
  { focus, zoomed }: Pick<RolloutsState, 'focus' | 'zoomed'>,
  jobLines: number,
  { width, height }: Size,
): RolloutsLayout {
  const top = 1 + jobLines
  const body = height - top
  const beside = width >= BESIDE_FROM
  const below = !beside && height >= BELOW_FROM
  if (focus === 'detail' && (zoomed || !(beside || below)))
    return { top: 0, list: NOTHING, detail: { width, height }, beside: false }
  if (zoomed || !(beside || below)) return { top, list: { width, height: body }, detail: NOTHING, beside: false }
  if (beside) {
    const detail = Math.min(110, Math.floor(width * 0.42))
    return {
      top,
      list: { width: width - detail - SEPARATOR, height: body },
      detail: { width: detail, height: body },
      beside,
    }
  }
  const list = Math.floor(body * 0.45)
  return { top, list: { width, height: list }, detail: { width, height: body - list - 1 }, beside }
}

/** The whole pane. */
export function rolloutsPaneRows(context: RolloutsContext, size: Size): Row[] {
  const { rollouts, state, jobs, tally, listing, nowMs } = context
  if (rollouts.state === 'loading') return [textRow(` Reading the rollouts… ${rollouts.note ?? ''}`, 'muted')]
  if (rollouts.state === 'error') return problem(rollouts.message, rollouts.hint, size.width)
  const layout = rolloutsLayout(state, context.jobLines, size)
  if (rollouts.value.length === 0)
    return [...jobRows(jobs, nowMs, size.width, layout.top - 1), ...invitation(size.width)]
  const top =
    layout.top === 0
      ? []
      : [
          statusRow(tally, state, listing.matching, size.width),
          ...fitRows(jobRows(jobs, nowMs, size.width, layout.top - 1), layout.top - 1),
        ]
  return [...top, ...bodyRows(context, layout)].map((row) => fitRow(row, size.width))
}

function bodyRows(context: RolloutsContext, layout: RolloutsLayout): Row[] {
  const list = layout.list.height === 0 ? [] : listRows(context, layout.list)
  const detail = layout.detail.height === 0 ? [] : detailRows(context, layout.detail)
  if (layout.beside)
    return besideRows(fitRows(list, layout.list.height), fitRows(detail, layout.list.height), [
      layout.list.width,
      layout.detail.width,
    ])
  if (list.length === 0 || detail.length === 0) return [...list, ...detail]
  return [...fitRows(list, layout.list.height), textRow('─'.repeat(layout.list.width), 'border'), ...detail]
}

function listRows({ state, listing, nowMs }: RolloutsContext, { width, height }: Size): Row[] {
  if (listing.count === 0) return [[], textRow(` No rollout matches /${state.filter}. Esc clears the filter.`, 'muted')]
  const { window, sort, grouped, folded } = state
  return rolloutTable({
    listing,
    window,
    sort,
    grouped,
    folded,
    focused: state.focus === 'list',
    nowMs,
    width,
    height,
  })
}

function detailRows({ state, row, details, detail, nowMs }: RolloutsContext, size: Size): Row[] {
  if (row === undefined) return [[], textRow(' Enter or Space unfolds the task.', 'muted')]
  const subject = { row, detail: details(row), view: state.view, focused: state.focus === 'detail', nowMs }
  return detail.rows(subject, size)
}

function invitation(width: number): Row[] {
  const text =
    'Rollouts collect trajectories: an agent works on a task in a sandbox, and the task’s own tests judge it.'
  return [
    [],
    textRow(' No rollouts yet', 'title'),
    [],
    ...wrapRows(safeText(text), Math.min(96, width - 2)).map((row): Row => [span(' '), ...row]),
    [],
    [span(' Type '), span(':task import PATH', 'key'), span(', then start some:')],
    [],
    textRow('   :rollout start --tasks SET --runs 4 --base-url URL', 'bold'),
    [],
    textRow(' :rollout start --help says what else it takes.', 'muted'),
  ]
}

function problem(message: string, hint: string | undefined, width: number): Row[] {
  return [
    [],
    ...wrapRows(safeText(` Error: ${message}`, 2_000), width, 'error'),
    ...wrapRows(safeText(` ${hint ?? ''}`, 1_000), width, 'muted'),
  ]
}
