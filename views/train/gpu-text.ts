import { safeText } from '../../src/lib/safe-text.ts'
import type { RunRow } from '../run-model.ts'
import type { Size } from '../pane.ts'
import { rateBar } from '../paint/bar.ts'
import { fitRow, type Row, type Span, span } from '../paint/row.ts'
import { durationText } from '../rollouts/figures.ts'
import { isLive } from './standing.ts'

type Reading = NonNullable<RunRow['gpu']>['gpus'][number]

/** A Run at work whose GPUs were not read for this long, milliseconds: what is shown of them may be wrong. */
export const GPU_STALE_MS = 30_000
const GIB = 2 ** 30
const BAR = 8
/** Cells that one GPU takes beside others. */
const GPU_CELLS = 58
const MAX_NAME = 24

/** How GPUs stand, one part of a line each; where there are more than fit, all of them in one line. */
export function gpuRows(row: RunRow, nowMs: number, width: number, lines: number): Row[] {
  const { gpu } = row
  if (gpu === undefined || gpu.gpus.length === 0 || lines <= 0) return []
  const said = staleSpan(row, nowMs)
  const beside = gpusBeside(width)
  const needed = Math.ceil(gpu.gpus.length / beside)
  if (needed > lines) return [withSaid(sumRow(gpu.gpus), said, width)]
  const style = said === undefined ? 'plain' : 'muted'
  const room = Math.floor(width / Math.min(beside, gpu.gpus.length))
  return Array.from({ length: needed }, (_, line) => {
    const parts = gpu.gpus.slice(line * beside, (line + 1) * beside)
    const beforeSaid = parts.flatMap((each) => fitRow(gpuRow(each, style), room))
    return withSaid(beforeSaid, line === 0 ? said : undefined, width)
  })
}

/** Lines that GPUs take below how far the Run is, on a pane of this size. */
export function gpuLines(count: number, { width, height }: Size): number {
  const most = height >= 44 ? 4 : height >= 30 ? 2 : height >= 20 ? 1 : 0
  const needed = Math.ceil(count / gpusBeside(width))
  return needed > most ? Math.min(1, most) : needed
}

/** Lines that GPUs take above their charts: all of them where that leaves the charts more than half. */
export function gpuHead({ gpu }: RunRow, { width, height }: Size): number {
  const needed = Math.ceil((gpu?.gpus.length ?? 0) / gpusBeside(width))
  return needed * 3 > height ? Math.min(1, needed) : needed
}

function gpusBeside(width: number): number {
  return Math.max(1, Math.floor(width / GPU_CELLS))
}

/** One figure for the top line: `GPU 87 % 97/140 GiB`; nothing while no Run at work says any, or when it is out of date. */
export function gpuFigure(rows: readonly RunRow[], nowMs: number): string | undefined {
  const row = rows.find((each) => each.state === 'running' && each.gpu !== undefined)
  if (row?.gpu === undefined || nowMs - row.gpu.atMs > GPU_STALE_MS) return undefined
  const busy = mean(row.gpu.gpus.map(({ utilization }) => utilization))
  const used = mean(row.gpu.gpus.map(({ memoryUsedBytes }) => memoryUsedBytes))
  const total = mean(row.gpu.gpus.map(({ memoryTotalBytes }) => memoryTotalBytes))
  const count = row.gpu.gpus.length
  const parts = [
    busy === undefined ? '' : `${Math.round(busy)} %`,
    used === undefined || total === undefined ? '' : `${(used / GIB).toFixed(0)}/${(total / GIB).toFixed(0)} GiB`,
  ].filter((part) => part !== '')
  return parts.length === 0 ? undefined : `${count > 1 ? `${count} GPUs` : 'GPU'} ${parts.join(' ')}`
}

/** What nvidia-smi did not say is left out. */
function gpuRow({ index, name, utilization, temperature, ...rest }: Reading, style: 'plain' | 'muted'): Row {
  const facts = [
    memoryText(rest),
    temperature === null ? '' : `${temperature.toFixed(0)} °C`,
    powerText(rest.power, rest.powerLimit),
    shortName(name),
  ]
  return [
    span(` GPU ${index} `, style === 'plain' ? 'bold' : style),
    ...(utilization === null
      ? []
      : [
          { text: rateBar(utilization / 100, BAR), style: style === 'plain' ? 'accent' : style } as const,
          span(` ${utilization.toFixed(0).padStart(3)} %  `, style),
        ]),
    { text: safeText(facts.filter((fact) => fact !== '').join('  '), 120), style },
  ]
}

function sumRow(gpus: readonly Reading[]): Row {
  const [first] = gpus
  const facts = [
    rangeText(
      gpus.map(({ utilization }) => utilization),
      0,
      ' % busy',
    ),
    rangeText(
      gpus.map(({ memoryUsedBytes }) => (memoryUsedBytes === null ? null : memoryUsedBytes / GIB)),
      1,
      totalText(first?.memoryTotalBytes),
    ),
    rangeText(
      gpus.map(({ temperature }) => temperature),
      0,
      ' °C',
    ),
    rangeText(
      gpus.map(({ power }) => power),
      0,
      first?.powerLimit == null ? ' W' : ` of ${first.powerLimit.toFixed(0)} W`,
    ),
    shortName(first?.name ?? ''),
  ].filter((fact) => fact !== '')
  return [span(` ${gpus.length} GPUs `, 'bold'), { text: safeText(facts.join('  '), 200), style: 'plain' }]
}

function totalText(bytes: number | null | undefined): string {
  return bytes == null ? ' GiB' : ` of ${(bytes / GIB).toFixed(1)} GiB`
}

function memoryText({
  memoryUsedBytes: used,
  memoryTotalBytes: total,
}: Pick<Reading, 'memoryUsedBytes' | 'memoryTotalBytes'>): string {
  if (used === null) return ''
  const text = (used / GIB).toFixed(1)
  return total === null ? `${text} GiB` : `${text}/${(total / GIB).toFixed(1)} GiB`
}

function powerText(power: number | null, limit: number | null): string {
  if (power === null) return ''
  return limit === null ? `${power.toFixed(0)} W` : `${power.toFixed(0)}/${limit.toFixed(0)} W`
}

/** `92–97 % busy`, or one figure where all are alike. */
function rangeText(values: readonly (number | null)[], digits: number, unit: string): string {
  const said = values.filter((value) => value !== null)
  if (said.length === 0) return ''
  const [low, high] = [Math.min(...said).toFixed(digits), Math.max(...said).toFixed(digits)]
  return `${low === high ? low : `${low}–${high}`}${unit}`
}

function shortName(name: string): string {
  return name.replace(/^NVIDIA /, '').slice(0, MAX_NAME)
}

/** A Run at work whose readings are old, and one that has ended, whose readings are no more than its last ones. */
function staleSpan(row: RunRow, nowMs: number): Span | undefined {
  if (row.gpu === undefined) return undefined
  if (!isLive(row)) return span(' at its end ', 'muted')
  const age = nowMs - row.gpu.atMs
  return age > GPU_STALE_MS ? span(` ! read ${durationText(age)} ago `, 'warn') : undefined
}

function withSaid(row: Row, said: Span | undefined, width: number): Row {
  return said === undefined ? fitRow(row, width) : [...fitRow(row, width - said.text.length), said]
}

function mean(values: readonly (number | null)[]): number | undefined {
  const said = values.filter((value) => value !== null)
  return said.length === 0 ? undefined : said.reduce((sum, value) => sum + value, 0) / said.length
}
