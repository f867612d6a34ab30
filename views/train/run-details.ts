import { safeText } from '../../src/lib/safe-text.ts'
import type { RunFigures, RunRow } from '../run-model.ts'
import { type Row, span, textRow, wrapRows } from '../paint/row.ts'
import type { Finding } from './findings.ts'
import { bestText } from './run-table.ts'
import { rateFacts } from './speed-row.ts'

const NAME_CELLS = 24
const MAX_TEXT = 2_000

/** Everything known of a Run beside its curves: what to know, what it learns from, and every setting as its trainer used it. */
export function runDetailRows(row: RunRow, figures: RunFigures, findings: readonly Finding[], width: number): Row[] {
  const facts: readonly (readonly [string, string])[] = [
    ['best held-out loss', bestText(row)],
    ['note', row.note ?? ''],
    ['what to do', row.hint ?? ''],
    ['model', row.model],
    ['computed by', row.backend ?? ''],
    ['parameters', countText(row.parameters)],
    ['trained of them', countText(row.trainable)],
    ['numbers', row.dtype ?? ''],
    ['processes', countText(row.world)],
    ['speed', rateFacts(row).join(' · ')],
    ['tokens of a pass', tokensOfPass(row)],
    ['dataset', row.dataset === '' ? '' : `${row.dataset}: ${row.pairs} pairs, ${row.trajectories} trajectories`],
    ...settingsOf(figures.config),
  ]
  return [
    [],
    ...(findings.length === 0
      ? []
      : [textRow(' To know', 'title'), ...findings.flatMap((each) => findingRows(each, width)), []]),
    textRow(' Run', 'title'),
    ...facts
      .filter(([, value]) => value !== '')
      .map(
        ([name, value]): Row => [
          { text: safeText(` ${name} `.padEnd(NAME_CELLS), 200), style: 'muted' },
          { text: safeText(value, MAX_TEXT), style: 'plain' },
        ],
      ),
  ]
}

function countText(count: number | undefined): string {
  return count === undefined ? '' : count.toLocaleString('en-US')
}

function tokensOfPass({ tokens }: RunRow): string {
  if (tokens === undefined) return ''
  const { logical, packed, loss } = tokens
  return `${countText(logical)} in unpacked rows, ${countText(packed)} packed, ${countText(loss)} with loss`
}

/** Settings by name; those of a stage are named after it. */
export function settingsOf(config: Readonly<Record<string, unknown>>): (readonly [string, string])[] {
  return Object.entries(config).flatMap(([name, value]): (readonly [string, string])[] =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.entries(value).map(([inner, each]) => [`${name} ${inner}`, valueText(each)] as const)
      : [[name, valueText(value)]],
  )
}

function valueText(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
}

function findingRows({ kind, text }: Finding, width: number): Row[] {
  const style = kind === 'good' ? 'good' : 'warn'
  return wrapRows(safeText(text, MAX_TEXT), Math.max(10, width - 4)).map(
    (row, index): Row => [span(index > 0 ? '   ' : kind === 'good' ? ' ✓ ' : ' ! ', style), ...row],
  )
}
