import { safeText } from '../../src/lib/safe-text.ts'
import type { RunRow } from '../run-model.ts'
import { figureText } from '../paint/figure-text.ts'
import { fitRow, type Row } from '../paint/row.ts'

const GIB = 2 ** 30
const MAX_TEXT = 500

/** How fast a Run is and what it takes, most telling first; empty where its trainer says nothing of that. */
function speedFacts(row: RunRow): string[] {
  return [...rateFacts(row), ...sizeFacts(row)]
}

/** How fast a Run is, and what that takes. */
export function rateFacts(row: RunRow): string[] {
  const { speed = {}, bins } = row
  const { mfu, packed, logical } = speed
  const sharing = sharingRatio(row)
  const rates = [
    packed === undefined ? '' : `${figureText(packed)} tok/s packed`,
    logical === undefined ? '' : `${figureText(logical)} logical`,
  ].filter((rate) => rate !== '')
  return [
    mfu === undefined ? '' : `MFU ${(mfu * 100).toFixed(1)} %`,
    rates.join(', '),
    sharing === undefined ? '' : `shares ${sharing.toFixed(1)}×`,
    memoryFact(row),
    bins === undefined ? '' : `${bins} bins`,
  ].filter((fact) => fact !== '')
}

function sizeFacts({ trainable, parameters, dtype, world }: RunRow): string[] {
  return [
    trainable === undefined
      ? ''
      : `trains ${figureText(trainable)}${parameters === undefined ? '' : ` of ${figureText(parameters)}`}`,
    dtype ?? '',
    world === undefined ? '' : `${world} processes`,
  ].filter((fact) => fact !== '')
}

/** Whether there is anything to say. */
export function hasSpeed({ speed, trainable, dtype, world, tokens }: RunRow): boolean {
  return [speed, trainable, dtype, world, tokens].some((fact) => fact !== undefined)
}

/** The same in a line, with what computes. */
export function speedRow(row: RunRow, width: number): Row {
  const facts = [...speedFacts(row), row.backend ?? ''].filter((fact) => fact !== '')
  return fitRow([{ text: safeText(` ${facts.join(' · ')}`, MAX_TEXT), style: 'muted' }], width)
}

/** How many tokens of unpacked rows one packed token stands for: of the data, else of the speed. */
export function sharingRatio({ tokens, speed }: RunRow): number | undefined {
  if (tokens !== undefined && tokens.packed > 0) return tokens.logical / tokens.packed
  const { packed, logical } = speed ?? {}
  return packed === undefined || logical === undefined || packed <= 0 ? undefined : logical / packed
}

function memoryFact({ speed, memoryEstimate }: RunRow): string {
  const peak = speed?.memoryPeakGib
  const estimate = memoryEstimate === undefined ? undefined : (memoryEstimate / GIB).toFixed(1)
  if (peak === undefined) return estimate === undefined ? '' : `about ${estimate} GiB wanted`
  return `peak ${peak.toFixed(1)} GiB${estimate === undefined ? '' : ` (estimate ${estimate})`}`
}
