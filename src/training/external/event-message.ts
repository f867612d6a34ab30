import { scalarOf } from './scalar-tensor.ts'
import { WIRE, Wire } from './wire.ts'

/** Tags longer than this are passed over, bytes. */
const MAX_TAG_BYTES = 200
/** Of `SessionLog.status`. */
const START = 1

/** What one record of a TensorBoard event file says. */
export interface EventMessage {
  /** Seconds since the epoch. */
  readonly wallTime: number
  readonly step: number
  /** The writer was begun again: what was said of this step and later ones no longer counts. */
  readonly restarts: boolean
  readonly scalars: readonly { readonly tag: string; readonly value: number }[]
  readonly texts: readonly { readonly tag: string; readonly text: string }[]
}

/** Reads `Event{1 wall_time, 2 step, 5 summary{1 value{1 tag, 2 simple_value, 8 tensor}}, 7 session_log{1 status}}`; all else is passed over. */
export function eventMessage(record: Uint8Array): EventMessage {
  const wire = new Wire(record)
  const scalars: { readonly tag: string; readonly value: number }[] = []
  const texts: { readonly tag: string; readonly text: string }[] = []
  let wallTime = 0
  let step = 0
  let restarts = false
  while (wire.next()) {
    if (wire.is(1, WIRE.fixed64)) wallTime = wire.double()
    else if (wire.is(2, WIRE.varint)) step = wire.integer()
    else if (wire.is(7, WIRE.bytes)) restarts = isStart(wire.bytes())
    else if (wire.is(5, WIRE.bytes)) {
      const summary = new Wire(wire.bytes())
      while (summary.next()) {
        if (!summary.is(1, WIRE.bytes)) continue
        const { tag, value } = valueOf(summary.bytes())
        if (tag === '') continue
        if (typeof value === 'number') scalars.push({ tag, value })
        else if (value !== undefined) texts.push({ tag, text: value })
      }
    }
  }
  return { wallTime, step, restarts, scalars, texts }
}

function isStart(sessionLog: Uint8Array): boolean {
  const wire = new Wire(sessionLog)
  while (wire.next()) if (wire.is(1, WIRE.varint)) return wire.integer() === START
  return false
}

function valueOf(bytes: Uint8Array): { readonly tag: string; readonly value: number | string | undefined } {
  const wire = new Wire(bytes)
  let tag = ''
  let value: number | string | undefined
  while (wire.next()) {
    if (wire.is(1, WIRE.bytes)) tag = tagOf(wire.bytes())
    else if (wire.is(2, WIRE.fixed32)) value = wire.float()
    else if (wire.is(8, WIRE.bytes)) value = scalarOf(wire.bytes())
  }
  return { tag, value }
}

function tagOf(bytes: Uint8Array): string {
  return bytes.length > MAX_TAG_BYTES ? '' : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8')
}
