import { hashText } from '../../tree/hash64.ts'

/** Rounds after which the state no longer shows what it was seeded with. */
const WARM_UP = 12

/**
 * Random numbers in [0, 1) that depend on `parts` alone: equal parts, in order, give the same numbers on every machine.
 *
 * sfc32 (Chris Doty-Humphrey, public domain), seeded with the 64-bit hash of the parts. No defence against anybody who wants to
 * foresee them.
 */
export function randomOf(...parts: readonly (string | number)[]): () => number {
  const seed = new Uint32Array(2)
  hashText(JSON.stringify(parts), seed, 0)
  let a = seed[0] ?? 0
  let b = seed[1] ?? 0
  let c = 0x9e3779b9
  let counter = 1
  const next = (): number => {
    const sum = (a + b + counter) >>> 0
    counter = (counter + 1) >>> 0
    a = (b ^ (b >>> 9)) >>> 0
    b = (c + (c << 3)) >>> 0
    c = (((c << 21) | (c >>> 11)) + sum) >>> 0
    return sum / 0x1_0000_0000
  }
  for (let round = 0; round < WARM_UP; round++) next()
  return next
}
