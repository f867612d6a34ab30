import type { PaneEffect } from '../pane.ts'
import type { TrainContext } from './context.ts'
import { batchText, depthText, readOutText, runsText, runText, stepsText, wrongText } from './export-texts.ts'
import { metricCurves } from './metric-curves.ts'

/** What `y` puts on the clipboard, as a view shows it. */
export function copyEffect(context: TrainContext): PaneEffect {
  const { state, parts, figures, entries, step, list, wrong, depths, gpuCharts, log } = context
  const copy = (text: string, what: string): PaneEffect => ({ type: 'copy', text, what })
  switch (state.view) {
    case 'charts':
      return copy(readOutText(metricCurves(parts)), `the values at step ${parts.cursor ?? step?.x ?? 0}`)
    case 'gpus':
      return copy(readOutText(gpuCharts), 'the figures of the GPUs')
    case 'steps':
      return copy(stepsText(figures), 'the step table')
    case 'batch':
      return copy(batchText(entries), 'the batch')
    case 'wrong':
      return copy(wrongText(wrong), 'the pairs')
    case 'depth':
      return copy(depthText(depths), 'the evaluations by depth')
    case 'log':
      return copy(logText(log.lines), 'the log')
    case 'runs':
      return copy(runsText(list), 'the list of runs')
  }
}

/** What `e` opens in the editor. */
export function editEffect(context: TrainContext): PaneEffect | undefined {
  const { state, row, figures, findings, entries, wrong, depths, log } = context
  if (row === undefined) return undefined
  const edit = (name: string, text: string): PaneEffect => ({ type: 'edit', name: `${row.id}${name}`, text })
  switch (state.view) {
    case 'runs':
      return edit('.txt', runText(row, figures, findings))
    case 'batch':
      return edit('-batch.tsv', batchText(entries))
    case 'wrong':
      return edit('-pairs.tsv', wrongText(wrong))
    case 'depth':
      return edit('-depth.tsv', depthText(depths))
    case 'log':
      return edit('.log', logText(log.lines))
    case 'charts':
    case 'gpus':
    case 'steps':
      return edit('-steps.tsv', stepsText(figures))
  }
}

/** Control characters of a terminal stay out of clipboard and editor. */
function logText(lines: readonly string[]): string {
  return lines.map((line) => line.replace(/\p{Cc}+/gu, ' ')).join('\n')
}
