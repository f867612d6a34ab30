import type { RunFigures, RunRow } from '../model.ts'
import { readOut } from '../paint/chart.ts'
import { type ChartsParts, seriesOf } from './chart-rows.ts'
import type { BatchEntry } from './batch.ts'
import { bestText } from './run-table.ts'
import { settingsOf } from './run-details.ts'
import type { Finding } from './findings.ts'

/** Every listed curve's value at the cursor, tab-separated. */
export function readOutText(parts: ChartsParts): string {
  const lines = parts.charts.flatMap((chart) =>
    seriesOf(parts, chart).map((series) => {
      const value = readOut(series, parts.cursor)
      return [chart.title, series.label, value?.x ?? '', value?.y ?? '']
    }),
  )
  return table([['metric', 'curve', 'step', 'value'], ...lines])
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
