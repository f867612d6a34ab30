import type { RunFigures, RunRow } from '../run-model.ts'
import { readOut } from '../paint/chart.ts'
import type { Charts } from './chart-rows.ts'
import type { DepthEvaluation } from './depth-rows.ts'
import type { WrongEntry } from './wrong-pairs.ts'
import type { BatchEntry } from './batch.ts'
import { bestText } from './run-table.ts'
import { settingsOf } from './run-details.ts'
import type { Finding } from './findings.ts'

/** Every listed curve's value at the cursor, tab-separated. */
export function readOutText({ charts, curves, cursor, along }: Charts): string {
  const lines = charts.flatMap((chart) =>
    curves(chart).map((series) => {
      const value = readOut(series, cursor)
      return [chart.title, series.label, value?.x ?? '', value?.y ?? '']
    }),
  )
  return table([['metric', 'curve', X_WORDS[along], 'value'], ...lines])
}

const X_WORDS = { counts: 'step', parts: 'epoch', seconds: 'second' } as const

/** Pairs preferred the wrong way round, tab-separated. */
export function wrongText(entries: readonly WrongEntry[]): string {
  const lines = entries.map(({ id, view, last, mean, negative, times, recent }) => [
    id,
    view?.pair.task ?? '',
    view?.review.status ?? '',
    last,
    mean,
    negative,
    times,
    recent.join(' '),
  ])
  return table([['id', 'task', 'review', 'margin', 'mean', 'negative', 'times', 'margins'], ...lines])
}

/** Evaluations by depth, tab-separated, oldest first. */
export function depthText(evaluations: readonly DepthEvaluation[]): string {
  const lines = evaluations.flatMap(({ x, stage, step, byDepth }) =>
    byDepth.map(({ from, to, pairs, accuracy, margin }) => [
      x,
      stage,
      step,
      from,
      to,
      pairs,
      accuracy ?? '',
      margin ?? '',
    ]),
  )
  return table([['x', 'stage', 'step', 'from', 'to', 'pairs', 'accuracy', 'margin'], ...lines])
}

/** Every step with every metric, tab-separated, first step first. */
export function stepsText({ steps, names }: RunFigures): string {
  const lines = steps.map(({ x, stage, step, epoch, kind, metrics, batch }) => [
    x,
    stage,
    step,
    kind,
    epoch ?? '',
    ...names.map((name) => metrics[name] ?? ''),
    batch.join(' '),
  ])
  return table([['x', 'stage', 'step', 'kind', 'epoch', ...names, 'batch'], ...lines])
}

/** What a step learnt from, tab-separated. */
export function batchText(entries: readonly BatchEntry[]): string {
  const lines = entries.map((entry) => [
    entry.id,
    entry.times,
    (entry.type === 'pair' ? entry.view?.pair.task : entry.task) ?? '',
  ])
  return table([['id', 'times', 'task'], ...lines])
}

/** The list of Runs, tab-separated. */
export function runsText(runs: readonly RunRow[]): string {
  const lines = runs.map((row) => [
    row.id,
    row.name,
    row.trainer,
    row.state,
    row.stage ?? '',
    row.step,
    row.totalSteps,
    bestText(row),
    row.dataset,
    row.model,
  ])
  return table([['run', 'name', 'trainer', 'state', 'stage', 'step', 'of', 'best', 'dataset', 'model'], ...lines])
}

/** One Run in words: what to know of it, and its settings. */
export function runText(row: RunRow, figures: RunFigures, findings: readonly Finding[]): string {
  return [
    runsText([row]),
    ...findings.map(({ kind, text }) => `${kind === 'warn' ? '! ' : ''}${text}`),
    '',
    table(settingsOf(figures.config)),
  ].join('\n')
}

function table(lines: readonly (readonly (string | number)[])[]): string {
  return lines.map((line) => line.map((cell) => String(cell).replace(/\p{Cc}+/gu, ' ')).join('\t')).join('\n')
}
