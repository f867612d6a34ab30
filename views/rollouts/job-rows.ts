import type { JobRow } from '../model.ts'
import { rateBar } from '../paint/bar.ts'
import { fitRow, type Row, type Span, span, spreadRow } from '../paint/row.ts'
import { durationText } from './figures.ts'
import type { RolloutsState } from './state.ts'
import { jobMark } from './standing.ts'
import type { Tally } from './tally.ts'

const MAX_JOBS = 3
const BAR = 12

/** Lines the jobs need: one for each that is at work or lost, within what a screen can spare, and one when all have ended. */
export function jobLines(jobs: readonly JobRow[], height: number): number {
  const wanted = jobs.filter((job) => urgency(job) < ENDED).length
  return Math.min(jobs.length, Math.max(1, wanted), height >= 22 ? MAX_JOBS : 1)
}

/** The jobs a person must know of, those that still matter first, then the newest; more than fit are counted. */
export function jobRows(jobs: readonly JobRow[], nowMs: number, width: number, lines: number): Row[] {
  const shown = jobs
    .toReversed()
    .sort((a, b) => urgency(a) - urgency(b))
    .slice(0, lines)
  const hidden = jobs.filter((job) => urgency(job) < ENDED).length - shown.length
  return shown.map((job, index) => {
    const more: Row = index === lines - 1 && hidden > 0 ? [span(`  +${hidden} more `, 'muted')] : []
    return spreadRow(jobRow(job, nowMs), more, width)
  })
}

const ENDED = 2

function urgency({ state }: JobRow): number {
  if (state === 'lost') return 0
  return state === 'done' || state === 'stopped' || state === 'failed' ? ENDED : 1
}

function jobRow(job: JobRow, nowMs: number): Row {
  const { mark, style } = jobMark(job)
  const name: Span = span(` ${mark} job ${job.id} `, style === 'plain' ? 'bold' : style)
  if (job.state === 'lost') {
    const since = durationText(nowMs - job.heartbeatMs)
    return [name, span(`is lost: no sign of life for ${since}. `), span(`:rollout resume ${job.id}`, 'key')]
  }
  const word = job.note === undefined ? job.state : `${job.state}: ${job.note}`
  const width = String(job.total).length
  const done = `${String(job.done).padStart(width)} of ${job.total} `
  return [
    name,
    span(`${word} `, style),
    span(done),
    span(rateBar(job.total === 0 ? 0 : job.done / job.total, BAR), 'accent'),
    span(` ${String(job.running).padStart(width)} running ${String(job.grading).padStart(width)} grading`),
    span(`${serverText(job.server)} · ${job.policy} · ${job.sandbox}`, 'muted'),
  ]
}

function serverText(server: JobRow['server']): string {
  if (server === undefined) return ''
  const facts = [
    server.running === undefined ? '' : `${server.running} running`,
    server.waiting === undefined ? '' : `${server.waiting} waiting`,
    server.cacheUse === undefined ? '' : `cache ${Math.round(server.cacheUse * 100)} %`,
  ].filter((fact) => fact !== '')
  return facts.length === 0 ? '' : ` · server ${facts.join(' ')}`
}

const SORT_WORDS: Readonly<Record<RolloutsState['sort'], string>> = {
  task: '',
  state: 'by state',
  step: 'by steps',
  tokens: 'by tokens',
  idle: 'by idle time',
  stuck: 'stuck first',
}

/** How many rollouts stand where; on the right how they are listed. Numbers keep their places while they count. */
export function statusRow(
  tally: Tally,
  state: Pick<RolloutsState, 'sort' | 'filter' | 'grouped'>,
  matching: number,
  width: number,
): Row {
  const cells = String(tally.total).length
  const figure = (count: number, word: string, style: Span['style'] = 'plain'): Span[] => [
    span(` ${String(count).padStart(cells)}`, count === 0 ? 'muted' : style),
    span(` ${word} `, 'muted'),
  ]
  const long = width >= 90
  const left: Row = [
    ...figure(tally.running, long ? '▶ running' : '▶', 'bold'),
    ...figure(tally.stuck, long ? '⟳ stuck' : '⟳', 'warn'),
    ...(long ? figure(tally.grading, '◇ grading') : []),
    ...figure(tally.queued + tally.paused, long ? '· waiting' : '·'),
    ...figure(tally.resolved, `of ${String(tally.judged).padStart(cells)} ${long ? '✓ resolved' : '✓'}`, 'good'),
    ...(tally.infrastructure > 0 ? figure(tally.infrastructure, long ? '! infra' : '!', 'error') : []),
  ]
  const listed = [SORT_WORDS[state.sort], state.grouped ? 'by task' : ''].filter((word) => word !== '').join(' · ')
  const right: Row = [
    span(listed === '' ? '' : ` ${listed} `, 'muted'),
    ...(state.filter === '' ? [] : [span(` /${state.filter} · ${matching} of ${tally.total} `, 'warn')]),
  ]
  return fitRow(spreadRow(left, right, width), width)
}
