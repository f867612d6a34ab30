import { viewOf, WIRE, Wire } from './wire.ts'

/** Element types of TensorFlow's tensors that are read as a number: how one lies in `tensor_content`. */
const READERS: Readonly<
  Record<number, { readonly size: number; readonly read: (view: DataView) => number } | undefined>
> = {
  1: { size: 4, read: (view) => view.getFloat32(0, true) },
  2: { size: 8, read: (view) => view.getFloat64(0, true) },
  3: { size: 4, read: (view) => view.getInt32(0, true) },
  4: { size: 1, read: (view) => view.getUint8(0) },
  5: { size: 2, read: (view) => view.getInt16(0, true) },
  6: { size: 1, read: (view) => view.getInt8(0) },
  9: { size: 8, read: (view) => Number(view.getBigInt64(0, true)) },
  17: { size: 2, read: (view) => view.getUint16(0, true) },
  22: { size: 4, read: (view) => view.getUint32(0, true) },
  23: { size: 8, read: (view) => Number(view.getBigUint64(0, true)) },
}
const STRING = 7

/** What a tensor with a single element holds: a number, a text; `undefined`: something else, or more of it. */
export function scalarOf(tensor: Uint8Array): number | string | undefined {
  const wire = new Wire(tensor)
  let type = 0
  let elements = 1
  let content: Uint8Array | undefined
  let value: number | undefined
  let text: string | undefined
  while (wire.next()) {
    if (wire.is(1, WIRE.varint)) type = wire.integer()
    else if (wire.is(2, WIRE.bytes)) elements = elementsOf(wire.bytes())
    else if (wire.is(4, WIRE.bytes)) content = wire.bytes()
    else if (wire.is(8, WIRE.bytes)) text ??= Buffer.from(wire.bytes()).toString('utf8')
    else value ??= listed(wire)
  }
  if (elements !== 1) return undefined
  if (type === STRING) return text
  const reader = READERS[type]
  if (reader === undefined) return undefined
  if (content === undefined || content.length === 0) return value
  if (content.length !== reader.size) return undefined
  return reader.read(viewOf(content))
}

/** The first element of one of the lists `float_val`, `double_val`, `int_val`, `int64_val`, `uint32_val`, `uint64_val`, packed or not. */
function listed(wire: Wire): number | undefined {
  const isPacked = wire.type === WIRE.bytes
  switch (wire.field) {
    case 5:
      if (!isPacked) return wire.type === WIRE.fixed32 ? wire.float() : undefined
      return wire.bytes().length >= 4 ? viewOf(wire.bytes()).getFloat32(0, true) : undefined
    case 6:
      if (!isPacked) return wire.type === WIRE.fixed64 ? wire.double() : undefined
      return wire.bytes().length >= 8 ? viewOf(wire.bytes()).getFloat64(0, true) : undefined
    case 7:
    case 10:
    case 16:
    case 17:
      if (!isPacked) return wire.type === WIRE.varint ? wire.integer() : undefined
      return firstVarint(wire.bytes())
    default:
      return undefined
  }
}

function firstVarint(packed: Uint8Array): number | undefined {
  // As the value of a field of its own, the reader of fields reads it.
  const field = new Uint8Array(Math.min(packed.length, 10) + 1)
  field[0] = 8
  field.set(packed.subarray(0, 10), 1)
  const wire = new Wire(field)
  return wire.next() ? wire.integer() : undefined
}

/** The product of a TensorShape's dimensions; none: 1. */
function elementsOf(shape: Uint8Array): number {
  const wire = new Wire(shape)
  let elements = 1
  while (wire.next()) {
    if (!wire.is(2, WIRE.bytes)) continue
    const dimension = new Wire(wire.bytes())
    let size = 0
    while (dimension.next()) if (dimension.is(1, WIRE.varint)) size = dimension.integer()
    elements *= size
  }
  return elements
}
