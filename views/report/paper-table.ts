import type { EvaluationSummary, PaperRow } from '../../src/evaluation/report.ts'
import { fittingTables } from '../../src/evaluation/paper-rows.ts'
import { safeText } from '../../src/lib/safe-text.ts'
import { type Row, span } from '../paint/row.ts'
import { type Column, tableRows } from '../paint/table.ts'

const FIGURE = 8

/** The paper's rows that belong beside these Evaluations, under the name of their table. */
export function paperRows(paper: readonly PaperRow[], evaluations: readonly EvaluationSummary[], width: number): Row[] {
  const named = evaluations.map(({ name, model, facts }) => ({ name, model, tasks: facts.map(({ task }) => task) }))
  return fittingTables(named).flatMap((table, at) => {
    const rows = paper.filter((row) => row.table === table)
    return [...(at === 0 ? [] : [[]]), [span(` the paper: ${table}`, 'muted')], ...oneTable(rows, width)]
  })
}

function oneTable(rows: readonly PaperRow[], width: number): Row[] {
  const isFix = rows.some(({ withoutAgent }) => withoutAgent !== undefined)
  const figures = isFix
    ? (['resolved', 'invalidPatch', 'withoutAgent'] as const)
    : (['resolved', 'emptyPatch', 'stuck'] as const)
  const columns: Column[] = [
    { title: '', flex: 1, min: 12 },
    ...figures.map((name): Column => ({ title: TITLES[name], width: FIGURE, align: 'right' })),
  ]
  return tableRows({
    columns,
    count: rows.length,
    first: 0,
    width: Math.min(width, 60),
    height: rows.length + 1,
    cell: (line, column) => {
      if (column === 0) return { text: safeText(` ${rows[line]?.model ?? ''}`) }
      const name = figures[column - 1]
      const value = name === undefined ? undefined : rows[line]?.[name]
      return { text: safeText(value === undefined ? '' : `${value.toFixed(1)} %`) }
    },
  })
}

const TITLES = {
  resolved: 'RESOLVED',
  emptyPatch: 'EMPTY',
  stuck: 'STUCK',
  invalidPatch: 'INVALID',
  withoutAgent: 'NO AGENT',
} as const
