/** The wire types of a protobuf field that are still in use. */
export const WIRE = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const

/**
 * Reads protobuf's wire format field by field, without a schema. What is no protobuf ends the message early: `next` then says that there
 * is no further field.
 */
export class Wire {
  readonly #bytes: Uint8Array
  #at = 0
  /** Of the field that `next` moved to. */
  field = 0
  type = 0
  #start = 0
  #end = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  /** Moves to the next field, over the value of this one. */
  next(): boolean {
    if (this.#at >= this.#bytes.length) return false
    const key = this.#varint()
    if (Number.isNaN(key)) return false
    this.field = Math.floor(key / 8)
    this.type = key % 8
    this.#start = this.#at
    switch (this.type) {
      case WIRE.varint:
        if (Number.isNaN(this.#varint())) return false
        this.#end = this.#at
        return true
      case WIRE.fixed64:
        return this.#take(8)
      case WIRE.bytes: {
        const length = this.#varint()
        this.#start = this.#at
        return this.#take(length)
      }
      case WIRE.fixed32:
        return this.#take(4)
      default:
        return false
    }
  }

  /** Whether the current field is this one. */
  is(field: number, type: number): boolean {
    return this.field === field && this.type === type
  }

  bytes(): Uint8Array {
    return this.#bytes.subarray(this.#start, this.#end)
  }

  /** An integer as int64; one beyond 2^53 is not exact. */
  integer(): number {
    this.#at = this.#start
    return this.#varint()
  }

  double(): number {
    return viewOf(this.bytes()).getFloat64(0, true)
  }

  float(): number {
    return viewOf(this.bytes()).getFloat32(0, true)
  }

  #take(length: number): boolean {
    if (!(length >= 0 && length <= this.#bytes.length - this.#at)) return false
    this.#at += length
    this.#end = this.#at
    return true
  }

  /** NaN where none ends within ten bytes. */
  #varint(): number {
    let low = 0
    let high = 0
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.#bytes[this.#at++]
      if (byte === undefined) return Number.NaN
      const bits = byte & 0x7f
      if (shift < 28) low += bits * 2 ** shift
      else if (shift < 63) high += bits * 2 ** (shift - 28)
      else high += (bits & 1) * 2 ** 35
      // The upper 36 of 64 bits in two's complement.
      if (byte < 0x80) return low + (high >= 2 ** 35 ? high - 2 ** 36 : high) * 2 ** 28
    }
    return Number.NaN
  }
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
