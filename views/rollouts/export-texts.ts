import type { RolloutDetail, RolloutRow, WorkbenchModel } from '../model.ts'
import type { PaneEffect } from '../pane.ts'
import { actionLines } from '../pairs/action-lines.ts'
import { transcriptText } from '../tree/transcript-entries.ts'
import type { DetailView } from './state.ts'

/** What leaves the screen of a rollout, by what is shown of it. */
export interface ShownRollout {
  readonly row: RolloutRow
  readonly detail: RolloutDetail
  readonly view: DetailView
  /** Index t of the Step under the cursor; 0 = none. */
  readonly t: number
}

/** Puts on the clipboard what is shown: the action under the cursor, the patch, or the log. */
export function copyEffect(model: WorkbenchModel, { row, detail, view, t }: ShownRollout): PaneEffect {
  if (view === 'patch') return { type: 'copy', text: detail.patch ?? '', what: 'the patch' }
  if (view === 'tests') return { type: 'copy', text: detail.verdict?.log ?? '', what: 'the log' }
  const step = row.trajectory === undefined || t < 1 ? undefined : model.step(row.trajectory, t)
  if (step === undefined) return { type: 'copy', text: row.action, what: 'the action' }
  const text = actionLines(step)
    .map((line) => line.text)
    .join('\n')
  return { type: 'copy', text, what: `the action of step ${t}` }
}

/** Shows in $EDITOR what is shown here, uncut: the transcript with what is being received, the patch, or the log. */
export function editEffect(model: WorkbenchModel, { row, detail, view }: ShownRollout): PaneEffect {
  const name = `${row.task}-run-${row.run}`
  if (view === 'patch') return { type: 'edit', name: `${name}.diff`, text: detail.patch ?? '' }
  if (view === 'tests') return { type: 'edit', name: `${name}-tests.txt`, text: detail.verdict?.log ?? '' }
  const stored = row.trajectory === undefined ? '' : transcriptText(model, row.trajectory)
  const live = detail.live === '' ? '' : `\n\n### now\n\n${detail.live}`
  return { type: 'edit', name: `${name}.md`, text: stored + live }
}
