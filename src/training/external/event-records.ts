import { maskedCrc32c } from './crc32c.ts'

/** A record is its length (u64), the length's checksum, the data, the data's checksum; all little-endian. */
const HEAD_BYTES = 12
const TAIL_BYTES = 4
/** Longer records hold pictures, graphs and histograms: they are passed over and never held. */
const MAX_RECORD_BYTES = 4 * 1024 * 1024

/** Takes the records out of a TensorBoard event file that arrives in pieces, however they are cut; a torn end waits for more. */
export class EventRecords {
  #rest: Uint8Array = new Uint8Array(0)
  /** Bytes of an oversized record that are still to come. */
  #toSkip = 0
  /** Where in the file `#rest` begins. */
  #offset = 0
  #problem: string | undefined

  /** Why nothing more of this file is read; `undefined`: all is well. */
  get problem(): string | undefined {
    return this.#problem
  }

  /** The data of every record that this piece completes; valid until the next piece. */
  push(piece: Uint8Array): Uint8Array[] {
    const records: Uint8Array[] = []
    if (this.#problem !== undefined) return records
    // Views of a plain array are made faster than those of a Buffer.
    let bytes = new Uint8Array(piece.buffer, piece.byteOffset, piece.length)
    if (this.#rest.length > 0) {
      bytes = new Uint8Array(this.#rest.length + piece.length)
      bytes.set(this.#rest)
      bytes.set(piece, this.#rest.length)
    }
    let at = 0
    for (;;) {
      const skipped = Math.min(this.#toSkip, bytes.length - at)
      this.#toSkip -= skipped
      at += skipped
      const length = this.#lengthAt(bytes, at)
      if (length === undefined) break
      if (length > MAX_RECORD_BYTES) {
        this.#toSkip = HEAD_BYTES + length + TAIL_BYTES
        continue
      }
      const end = at + HEAD_BYTES + length + TAIL_BYTES
      if (end > bytes.length) break
      const data = bytes.subarray(at + HEAD_BYTES, end - TAIL_BYTES)
      if (maskedCrc32c(data) !== readU32(bytes, end - TAIL_BYTES)) {
        this.#problem = `the record at byte ${this.#offset + at} is damaged`
        break
      }
      records.push(data)
      at = end
    }
    // A copy: whoever gave the piece may use it again, and the `slice` of a Buffer is none.
    this.#rest = new Uint8Array(bytes.subarray(this.#problem === undefined ? at : bytes.length))
    this.#offset += at
    return records
  }

  /** The length of the record at `at`, once its head is there. */
  #lengthAt(bytes: Uint8Array, at: number): number | undefined {
    if (this.#problem !== undefined || bytes.length - at < HEAD_BYTES) return undefined
    const length = readU32(bytes, at) + readU32(bytes, at + 4) * 2 ** 32
    if (maskedCrc32c(bytes.subarray(at, at + 8)) === readU32(bytes, at + 8) && Number.isSafeInteger(length))
      return length
    this.#problem = `the record at byte ${this.#offset + at} is damaged`
    return undefined
  }
}

function readU32(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24)) >>> 0
  )
}
