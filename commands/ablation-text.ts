import type { AblationRow, AblationTable } from '../src/evaluation/ablation.ts'
import type { Rate } from '../src/evaluation/report.ts'
import type { TextStyle } from './define.ts'
import { table as textTable } from './table.ts'

const TITLES: Readonly<Record<AblationTable, string>> = {
  parts: 'Parts of the method (paper, table 5)',
  data: 'How much data (paper, table 6)',
  threshold: 'Threshold of a critical node (paper §4.3: 0.5)',
  merge: 'What makes two actions one node (open in the paper)',
}

/** Cells of a plot's line: 0 to 100 %. */
const PLOT = 50

/** Tables, and under each a plot of the resolved rates with their intervals. */
export function ablationText(
  {
    folder,
    tables,
  }: {
    readonly folder: string
    readonly tables: readonly { readonly table: AblationTable; readonly rows: readonly AblationRow[] }[]
  },
  style: TextStyle,
): string {
  const parts = tables.filter(({ rows }) => rows.length > 0)
  if (parts.length === 0) return `Nothing was measured; ${folder} keeps what was begun.`
  return [
    ...parts.map(({ table, rows }) => [TITLES[table], figures(rows, style), '', plot(rows)].join('\n')),
    `95 % intervals over seeds and tasks; Δ is the resolved rate less that of the whole method with the same seeds. Results: ${folder}`,
  ].join('\n\n')
}

function figures(rows: readonly AblationRow[], style: TextStyle): string {
  const titles = [
    'VARIANT',
    'SEEDS',
    'PAIRS',
    'RESOLVED',
    'EMPTY',
    'STUCK',
    'INVALID CALL',
    'Δ RESOLVED',
    'PAPER: RESOLVED',
    'EMPTY',
  ]
  return textTable(
    titles.map((title) => ({ title })),
    rows.map(({ variant, seeds, pairs, resolved, emptyPatch, stuck, invalidCall, against }) => [
      variant.name,
      seeds,
      Math.round(pairs),
      rateText(resolved),
      rateText(emptyPatch),
      rateText(stuck),
      rateText(invalidCall),
      against ? `${points(against.delta)} [${points(against.low)}, ${points(against.high)}]` : '',
      variant.paper ? String(variant.paper.resolved) : '–',
      variant.paper ? String(variant.paper.emptyPatch) : '–',
    ]),
    style,
  )
}

/** One line per variant: `├──●──┤` from the low to the high end of the interval. */
function plot(rows: readonly AblationRow[]): string {
  const width = Math.max(...rows.map(({ variant }) => variant.name.length))
  const axis = `${' '.repeat(width + 2)}0 %${' '.repeat(PLOT - 7)}100 %  resolved`
  return [...rows.map(({ variant, resolved }) => `${variant.name.padEnd(width)}  ${line(resolved)}`), axis].join('\n')
}

function line({ rate, low, high }: Rate): string {
  const cell = (share: number): number => Math.round(share * (PLOT - 1))
  const [from, at, to] = [cell(low), cell(rate), cell(high)]
  return Array.from({ length: PLOT }, (_, x) => {
    if (x === at) return '●'
    if (x === from) return '├'
    if (x === to) return '┤'
    return x > from && x < to ? '─' : '·'
  }).join('')
}

function rateText({ rate, low, high }: Rate): string {
  return `${percent(rate)} [${percent(low)}, ${percent(high)}]`
}

function percent(share: number): string {
  return (share * 100).toFixed(1)
}

function points(share: number): string {
  return `${share >= 0 ? '+' : '−'}${Math.abs(share * 100).toFixed(1)}`
}
