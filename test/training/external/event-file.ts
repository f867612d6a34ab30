import { maskedCrc32c } from '../../../src/training/external/crc32c.ts'

/** A figure of one record. */
export interface Scalar {
  readonly tag: string
  readonly step: number
  readonly value: number
  /** Seconds since the epoch. */
  readonly wallTime?: number
}

/** The bytes of a TensorBoard event file with one figure in each record, as the Hugging Face Trainer's callback writes them. */
export function eventFile(scalars: readonly Scalar[]): Buffer {
  return Buffer.concat(scalars.map((scalar) => record(scalarEvent(scalar))))
}

/** The record of a writer that goes on before `step`. */
export function restartRecord(step: number): Buffer {
  return record(Buffer.from([0x10, ...varint(step), 0x3a, 2, 0x08, 1]))
}

/** A record around any data. */
export function record(data: Uint8Array): Buffer {
  const head = Buffer.alloc(12)
  head.writeBigUInt64LE(BigInt(data.length))
  head.writeUInt32LE(maskedCrc32c(head.subarray(0, 8)), 8)
  const tail = Buffer.alloc(4)
  tail.writeUInt32LE(maskedCrc32c(data))
  return Buffer.concat([head, data, tail])
}

/** A record's head that promises so much data. */
export function headOf(length: bigint): Buffer {
  const head = Buffer.alloc(12)
  head.writeBigUInt64LE(length)
  head.writeUInt32LE(maskedCrc32c(head.subarray(0, 8)), 8)
  return head
}

function scalarEvent({ tag, step, value, wallTime = 1_700_000_000 + step }: Scalar): Buffer {
  const time = Buffer.alloc(9)
  time[0] = 0x09
  time.writeDoubleLE(wallTime, 1)
  const name = Buffer.from(tag)
  const figure = Buffer.alloc(5)
  figure[0] = 0x15
  figure.writeFloatLE(value, 1)
  const inner = Buffer.concat([Buffer.from([0x0a, ...varint(name.length)]), name, figure])
  const summary = Buffer.concat([Buffer.from([0x0a, ...varint(inner.length)]), inner])
  return Buffer.concat([time, Buffer.from([0x10, ...varint(step), 0x2a, ...varint(summary.length)]), summary])
}

function varint(value: number): number[] {
  const bytes: number[] = []
  let rest = BigInt.asUintN(64, BigInt(value))
  while (rest >= 0x80n) {
    bytes.push(Number(rest & 0x7fn) | 0x80)
    rest >>= 7n
  }
  return [...bytes, Number(rest)]
}
