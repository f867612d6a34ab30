import { type EvaluationSummary, FAILURE_KINDS, type FailureKind } from '../../src/evaluation/report.ts'
import { safeText } from '../../src/lib/safe-text.ts'
import { rateBar } from '../paint/bar.ts'
import type { Row } from '../paint/row.ts'
import { type Cell, type Column, tableRows } from '../paint/table.ts'

const BAR = 8
const KIND_CELLS = 12

/** Unresolved rollouts by what went wrong (paper §3.2), the base beside the chosen Evaluation. */
export function failureRows(evaluation: EvaluationSummary, base: EvaluationSummary | undefined, width: number): Row[] {
  const shown = base === undefined ? [evaluation] : [base, evaluation]
  const columns: Column[] = [
    { title: ' UNRESOLVED', width: KIND_CELLS },
    ...shown.map((each): Column => ({ title: safeText(each.name, 100), width: BAR + 13 })),
  ]
  return tableRows({
    columns,
    count: FAILURE_KINDS.length,
    first: 0,
    width,
    height: FAILURE_KINDS.length + 1,
    cell: (line, column) => cell(FAILURE_KINDS[line] ?? 'other', column === 0 ? undefined : shown[column - 1]),
  })
}

/** `████░░░░   12 of 40`. */
function cell(kind: FailureKind, evaluation: EvaluationSummary | undefined): Cell {
  if (evaluation === undefined) return { text: safeText(` ${kind}`) }
  const { failures, resolved } = evaluation
  const unresolved = resolved.total - resolved.count
  const share = unresolved === 0 ? undefined : failures[kind] / unresolved
  return { text: safeText(`${rateBar(share, BAR)} ${String(failures[kind]).padStart(4)} of ${unresolved}`) }
}
