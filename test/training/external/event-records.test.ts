import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { eventMessage } from '../../../src/training/external/event-message.ts'
import { EventRecords } from '../../../src/training/external/event-records.ts'
import { eventFile, headOf, record } from './event-file.ts'
import { FIXTURES } from './fixtures.ts'

const REAL = readFileSync(join(FIXTURES, 'trl-dpo/runs/events.out.tfevents.1796067644.vm.9437.0'))

/** Every figure of a file that arrives in these pieces. */
function figures(pieces: readonly Uint8Array[]) {
  const records = new EventRecords()
  const found = pieces.flatMap((bytes) => {
    const piece = Buffer.from(bytes)
    const said = records.push(piece).flatMap((data) => {
      const { step, scalars } = eventMessage(data)
      return scalars.map(({ tag, value }) => ({ tag, step, value }))
    })
    // As a reader does that uses its buffer again.
    piece.fill(0xaa)
    return said
  })
  return { found, problem: records.problem }
}

/** The file cut at these places. */
function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const sorted = [0, ...[...places].sort((a, b) => a - b), bytes.length]
  return sorted.slice(1).map((end, at) => bytes.subarray(sorted[at], end))
}

test('what TensorBoard itself wrote is read, whole', () => {
  const { found, problem } = figures([REAL])
  expect(problem).toBeUndefined()
  expect(found).toHaveLength(4 * 15 + 16)
  expect(found[0]).toEqual({ tag: 'train/loss', step: 1, value: Math.fround(0.6931471824645996) })
})

test('however a file is cut into pieces, and wherever it ends so far, the same figures come out', () => {
  const whole = figures([REAL]).found
  fc.assert(
    fc.property(
      fc.nat(REAL.length),
      fc.array(fc.nat(REAL.length), { maxLength: 30 }),
      fc.array(fc.nat(REAL.length), { maxLength: 5 }),
      (end, places, rest) => {
        const before = cut(
          REAL.subarray(0, end),
          places.map((place) => Math.min(place, end)),
        )
        const torn = figures(before)
        expect(torn.problem).toBeUndefined()
        expect(torn.found).toEqual(whole.slice(0, torn.found.length))
        const after = cut(
          REAL.subarray(end),
          rest.map((place) => Math.min(place, REAL.length - end)),
        )
        expect(figures([...before, ...after]).found).toEqual(whole)
      },
    ),
    { numRuns: 60 },
  )
  expect(figures(Array.from(REAL, (_, at) => REAL.subarray(at, at + 1))).found).toEqual(whole)
})

test('a damaged byte ends the file there: what came before is kept, the place is named', () => {
  const whole = figures([REAL]).found
  fc.assert(
    fc.property(fc.nat(REAL.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
      const bytes = Buffer.from(REAL)
      bytes[at] = (bytes[at] ?? 0) ^ change
      const { found, problem } = figures([bytes.subarray(0, 5000), bytes.subarray(5000)])
      expect(problem).toMatch(/^the record at byte \d+ is damaged$/)
      expect(Number(/\d+/.exec(problem ?? '')?.[0])).toBeLessThanOrEqual(at)
      expect(found).toEqual(whole.slice(0, found.length))
    }),
    { numRuns: 60 },
  )
})

test('lengths that lie cost nothing: an oversized record is passed over, an impossible one ends the file', () => {
  const loss = { tag: 'train/loss', step: 1, value: 0.5 }
  const picture = record(new Uint8Array(5 * 1024 * 1024))
  expect(figures(cut(Buffer.concat([picture, eventFile([loss])]), [3, 1000, 4_000_000])).found).toEqual([loss])

  const records = new EventRecords()
  records.push(headOf(2n ** 52n))
  const before = process.memoryUsage().arrayBuffers
  for (let at = 0; at < 64; at++) expect(records.push(new Uint8Array(1024 * 1024))).toEqual([])
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(80 * 1024 * 1024)
  expect(records.problem).toBeUndefined()
  expect(figures([headOf(2n ** 63n)]).problem).toBe('the record at byte 0 is damaged')
  expect(figures([Buffer.alloc(64)]).problem).toBe('the record at byte 0 is damaged')
})

test('no bytes make the reader of messages throw, or take long', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const { scalars } = eventMessage(bytes)
      expect(scalars.every(({ tag }) => tag.length > 0)).toBe(true)
    }),
    { numRuns: 500 },
  )
  // Real messages, spoilt.
  const messages = new EventRecords().push(REAL).map((data) => Buffer.from(data))
  fc.assert(
    fc.property(fc.constantFrom(...messages), fc.nat(), fc.nat(255), (message, at, byte) => {
      const bytes = Buffer.from(message)
      bytes[at % bytes.length] = byte
      expect(Array.isArray(eventMessage(bytes).scalars)).toBe(true)
    }),
    { numRuns: 500 },
  )
})
