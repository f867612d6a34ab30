import {
  ascii,
  COLON,
  DASH,
  DOT,
  EQUALS,
  IS_DIGIT,
  IS_WORD,
  isWord,
  type Match,
  skip,
  SLASH,
  SPACE,
} from './byte-text.ts'
import { address, identifier, processId } from './volatile-ids.ts'
import { clockEnd, duration, isoDate, monthDate, tapDuration } from './volatile-times.ts'

const CLOCK = ascii('<clock>')
const BAR = ascii('====')

/**
 * Tries every recogniser that starts with a digit on the run of digits at `at`.
 * Whether or not it matched, `match.end` is where the scan goes on.
 */
export function matchNumber(b: Uint8Array, at: number, match: Match): boolean {
  const digitsEnd = skip(b, at + 1, IS_DIGIT)
  const next = b[digitsEnd] as number
  const before = at === 0 ? 0 : (b[at - 1] as number)
  if (isWord(b, at - 1)) return insideWord(b, at, digitsEnd, match)
  if (before === SPACE && tapDuration(b, at, digitsEnd, match)) return true
  if (before !== DOT && before !== COLON && forward(b, at, digitsEnd, next, match)) return true
  if (!isWord(b, digitsEnd)) {
    if (digitsEnd - at > 1 && processId(b, at, digitsEnd, match)) return true
    if (digitsEnd - at >= 7 && identifier(b, at, digitsEnd, match)) return true
    match.end = digitsEnd
    return false
  }
  const end = skip(b, digitsEnd, IS_WORD)
  if (identifier(b, at, end, match)) return true
  match.end = end
  return false
}

function forward(b: Uint8Array, at: number, digitsEnd: number, next: number, match: Match): boolean {
  if (next === SPACE) return monthDate(b, at, digitsEnd, match) || duration(b, at, digitsEnd, match)
  if (next === COLON) {
    const end = clockEnd(b, at, true)
    return end !== 0 && match.found(at, end, CLOCK)
  }
  if (next === DASH || next === SLASH) return isoDate(b, at, digitsEnd, match)
  if (next === 120) return address(b, at, digitsEnd, match)
  if (next === DOT || isWord(b, digitsEnd)) return duration(b, at, digitsEnd, match)
  return false
}

function insideWord(b: Uint8Array, at: number, digitsEnd: number, match: Match): boolean {
  const end = skip(b, digitsEnd, IS_WORD)
  let start = at
  while (start > 0 && at - start <= 40 && isWord(b, start - 1)) start--
  if (identifier(b, start, end, match)) return true
  match.end = end
  return false
}

/** A run of more than four `=`: pytest fills its lines to 80 columns around the duration. */
export function matchBar(b: Uint8Array, at: number, match: Match): boolean {
  let end = at + 1
  while (b[end] === EQUALS) end++
  if (end - at > 4) return match.found(at, end, BAR)
  match.end = end
  return false
}
