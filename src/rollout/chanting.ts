/** Part of a reply that repeats without end. */
export interface Chant {
  /** What is repeated, at most 120 UTF-16 units; raw text of the Policy. */
  readonly chunk: string
  /** How often it had come when it was noticed. */
  readonly repeats: number
}

/** Watches one reply while it streams. */
export interface ChantWatch {
  /** Hears the next piece; `true` from the moment the reply chants, however it was cut into pieces. */
  push(text: string): boolean
  /** What is chanted; `undefined` while nothing is. */
  readonly chant: Chant | undefined
  /** Makes ready for another reply. */
  reset(): void
}

/** Characters (UTF-16 units) that must agree before a repetition is followed: the shortest chunk worth a name. */
const WINDOW = 20
/** Longest chunk that is recognised. */
const MAX_PERIOD = 2000
const RING = 4096
const SLOTS = 8192

/** A repetition of less than a WINDOW, or without a word in it, may be a ruler, a table or a list of zeros: it needs this many characters. */
const FILLER_LENGTH = 4000
const MIN_LENGTH = 1600

/** Lines looked back on, how many of them must be the same one, and from how many letters on a line counts. */
const LINES = 64
const SAME_LINES = 40
const LINE_LETTERS = 20
/** A line is told apart by this many characters from its first letter on. */
const LINE_LENGTH = 400

const CHUNK_SHOWN = 120
const BASE = 0x01000193
const LEAVING = power(BASE, WINDOW)
const LETTER = /\p{L}/u
const WORD = /\p{L}{2}/u

/**
 * Finds chanting in a stream: a chunk of up to 2,000 characters repeated end to end (16 times when short, 5 when long, and for
 * at least 1,600 characters), or one line of words that makes up 40 of the last 64. Numbered lines count as equal.
 *
 * Constant work per character (amortised) and about 45 kB, however long the reply: a rolling hash of the last 20 characters
 * proposes a distance, then each character is compared with the one that far back.
 */
export function createChantWatch(): ChantWatch {
  return new Chanting()
}

class Chanting implements ChantWatch {
  readonly #ring = new Uint16Array(RING)
  /** Where a window with this hash ended last (count of characters so far), 0 = nowhere. */
  readonly #slots = new Int32Array(SLOTS)
  #length = 0
  #hash = 0
  /** The text agrees with itself `#distance` characters back for the last `#matched` ones. */
  #distance = 0
  #matched = 0
  /** `#matched` at which the present distance is looked at. */
  #enough = 0
  readonly #lines = new LineCounts()
  #chant: Chant | undefined

  get chant(): Chant | undefined {
    return this.#chant
  }

  push(text: string): boolean {
    for (let i = 0; i < text.length && this.#chant === undefined; i++) {
      const code = text.charCodeAt(i)
      this.#take(code)
      this.#chant ??= this.#lines.take(code)
    }
    return this.#chant !== undefined
  }

  reset(): void {
    this.#slots.fill(0)
    this.#length = 0
    this.#hash = 0
    this.#distance = 0
    this.#matched = 0
    this.#lines.reset()
    this.#chant = undefined
  }

  #take(code: number): void {
    const ring = this.#ring
    const at = this.#length
    const leaving = at >= WINDOW ? (ring[(at - WINDOW) % RING] as number) + 1 : 0
    ring[at % RING] = code
    this.#length = at + 1
    this.#hash = (Math.imul(this.#hash, BASE) + code + 1 - Math.imul(leaving, LEAVING)) | 0
    if (this.#distance > 0 && ring[(at - this.#distance) % RING] === code) this.#matched++
    else this.#distance = 0
    if (this.#length < WINDOW) return
    const slot = (this.#hash ^ (this.#hash >>> 15)) & (SLOTS - 1)
    if (this.#distance === 0) this.#propose(this.#slots[slot] as number)
    this.#slots[slot] = this.#length
    if (this.#distance > 0 && this.#matched >= this.#enough) this.#decide()
  }

  /** Follows the distance to where the same window stood last, when it really is the same. */
  #propose(end: number): void {
    const distance = this.#length - end
    if (end === 0 || distance > MAX_PERIOD) return
    for (let i = 1; i <= WINDOW; i++) {
      if (this.#ring[(this.#length - i) % RING] !== this.#ring[(end - i) % RING]) return
    }
    this.#distance = distance
    this.#matched = WINDOW
    this.#enough = lengthOf(distance) - distance
  }

  /** Long enough for words; a chunk without any has to go on. */
  #decide(): void {
    const period = this.#distance
    const total = this.#matched + period
    const chunk = this.#last(Math.min(period, RING))
    if (total < FILLER_LENGTH && !WORD.test(chunk)) {
      this.#enough = FILLER_LENGTH - period
      return
    }
    this.#chant = { chunk: chunk.slice(0, CHUNK_SHOWN), repeats: Math.floor(total / period) }
  }

  #last(count: number): string {
    let text = ''
    for (let i = this.#length - count; i < this.#length; i++)
      text += String.fromCharCode(this.#ring[i % RING] as number)
    return text
  }
}

/** How much text (in characters) a chunk of this length must fill before it is a chant. */
function lengthOf(period: number): number {
  if (period < WINDOW) return FILLER_LENGTH
  return Math.max(MIN_LENGTH, period * (period < 60 ? 16 : period < 300 ? 8 : 5))
}

function power(base: number, exponent: number): number {
  let result = 1
  for (let i = 0; i < exponent; i++) result = Math.imul(result, base)
  return result
}

/** How often each of the last lines of words came; list markers and numbers before the first letter are not part of a line. */
class LineCounts {
  readonly #ring: string[] = []
  #next = 0
  readonly #counts = new Map<string, number>()
  #line = ''
  #letters = 0

  take(code: number): Chant | undefined {
    if (code === 10) return this.#end()
    const isLetter = code < 128 ? (code | 32) >= 97 && (code | 32) <= 122 : LETTER.test(String.fromCharCode(code))
    if (isLetter) this.#letters++
    if (this.#letters > 0 && this.#line.length < LINE_LENGTH) this.#line += String.fromCharCode(code)
    return undefined
  }

  reset(): void {
    this.#ring.length = 0
    this.#next = 0
    this.#counts.clear()
    this.#line = ''
    this.#letters = 0
  }

  /** Blank lines, and those without letters, are not counted at all. */
  #end(): Chant | undefined {
    const line = this.#line.trimEnd()
    const letters = this.#letters
    this.#line = ''
    this.#letters = 0
    if (letters === 0) return undefined
    const leaving = this.#ring[this.#next]
    if (leaving !== undefined) this.#forget(leaving)
    this.#ring[this.#next] = line
    this.#next = (this.#next + 1) % LINES
    const count = (this.#counts.get(line) ?? 0) + 1
    this.#counts.set(line, count)
    if (count < SAME_LINES || letters < LINE_LETTERS) return undefined
    return { chunk: line.slice(0, CHUNK_SHOWN), repeats: count }
  }

  #forget(line: string): void {
    const count = (this.#counts.get(line) ?? 1) - 1
    if (count === 0) this.#counts.delete(line)
    else this.#counts.set(line, count)
  }
}
