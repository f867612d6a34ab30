import {
  ascii,
  COLON,
  COMMA,
  DASH,
  DOT,
  IS_DIGIT,
  isDigit,
  isWord,
  type Match,
  skip,
  SPACE,
  spells,
} from './byte-text.ts'

const DURATION = ascii('<time>')
const DATE = ascii('<date>')
const TAP_NAME = 'duration_ms'

const UNITS = [
  'milliseconds',
  'microseconds',
  'seconds',
  'second',
  'minutes',
  'minute',
  'secs',
  'sec',
  'ms',
  'us',
  'ns',
  's',
]

/** End of a time unit at `at`, or 0. A µ (C2 B5 or CE BC) before `s` counts. */
function unitEnd(b: Uint8Array, at: number): number {
  const first = b[at] as number
  if (first === 0xc2 || first === 0xce) {
    const micro = (b[at + 1] === 0xb5 || b[at + 1] === 0xbc) && b[at + 2] === 115
    return micro && !isWord(b, at + 3) ? at + 3 : 0
  }
  if (first !== 109 && first !== 115 && first !== 117 && first !== 110) return 0
  for (const unit of UNITS) {
    if (spells(b, at, unit) && !isWord(b, at + unit.length)) return at + unit.length
  }
  return 0
}

/** The milliseconds of TAP (`# duration_ms 52.1`, `duration_ms: 0.3`): the name is the unit. */
export function tapDuration(b: Uint8Array, start: number, digitsEnd: number, match: Match): boolean {
  if (b[start - 1] !== SPACE) return false
  const nameEnd = b[start - 2] === COLON ? start - 2 : start - 1
  if (!spells(b, nameEnd - TAP_NAME.length, TAP_NAME)) return false
  const end = b[digitsEnd] === DOT ? skip(b, digitsEnd + 1, IS_DIGIT) : digitsEnd
  return match.found(start, end, DURATION)
}

/** `0.12s`, `3 ms`, `1.5 seconds`, `0m1.234s`; a bare `3 s` is left alone. */
export function duration(b: Uint8Array, start: number, digitsEnd: number, match: Match): boolean {
  let end = digitsEnd
  if (b[end] === 109 && isDigit(b, end + 1)) end = skip(b, end + 1, IS_DIGIT)
  if (b[end] === DOT && isDigit(b, end + 1)) end = skip(b, end + 1, IS_DIGIT)
  let unit = unitEnd(b, end)
  if (unit === 0 && b[end] === SPACE) {
    unit = unitEnd(b, end + 1)
    if (unit === end + 2) unit = 0
  }
  return unit !== 0 && match.found(start, unit, DURATION)
}

/** End of `hh:mm`, `hh:mm:ss`, `hh:mm:ss.fff` at `at`, or 0. */
export function clockEnd(b: Uint8Array, at: number, secondsNeeded: boolean): number {
  let i = skip(b, at, IS_DIGIT)
  if (i === at || i > at + 2 || b[i] !== COLON || !isDigit(b, i + 1) || !isDigit(b, i + 2)) return 0
  i += 3
  if (b[i] === COLON && isDigit(b, i + 1) && isDigit(b, i + 2)) {
    i += 3
    const fraction = b[i] === DOT || b[i] === COMMA ? skip(b, i + 1, IS_DIGIT) : i
    // Digits that go on as a word are no fraction but the beginning of something else, a commit id say.
    if (fraction > i + 1 && !isWord(b, fraction)) i = fraction
  } else if (secondsNeeded) return 0
  return isWord(b, i) || (b[i] === COLON && isDigit(b, i + 1)) ? 0 : i
}

/** `2026-11-21`, `2026/11/21`, with `T` or a space and a clock and a zone. */
export function isoDate(b: Uint8Array, start: number, digitsEnd: number, match: Match): boolean {
  const separator = b[digitsEnd] as number
  const month = digitsEnd + 1
  const shaped =
    digitsEnd - start === 4 &&
    isDigit(b, month) &&
    isDigit(b, month + 1) &&
    b[month + 2] === separator &&
    isDigit(b, month + 3)
  if (!shaped || !isDigit(b, month + 4)) return false
  const end = month + 5
  if (b[end] === SPACE || b[end] === 84) {
    const clock = clockWithZone(b, end + 1)
    if (clock !== 0) return match.found(start, clock, DATE)
  }
  return !isWord(b, end) && match.found(start, end, DATE)
}

/** End of a clock with an optional zone (`Z`, `+0100`, `+01:00`, ` +0100`) at `at`, or 0. */
function clockWithZone(b: Uint8Array, at: number): number {
  let i = skip(b, at, IS_DIGIT)
  if (i !== at + 2 || b[i] !== COLON || !isDigit(b, i + 1) || !isDigit(b, i + 2)) return 0
  i += 3
  if (b[i] === COLON && isDigit(b, i + 1) && isDigit(b, i + 2)) i += 3
  if ((b[i] === DOT || b[i] === COMMA) && isDigit(b, i + 1)) i = skip(b, i + 1, IS_DIGIT)
  if (b[i] === 90) i += 1
  else i = offsetEnd(b, i) || i
  return isWord(b, i) || (b[i] === COLON && isDigit(b, i + 1)) ? 0 : i
}

/** End of `+0100`, `-01:00`, ` +0100` at `at`, or 0. */
function offsetEnd(b: Uint8Array, at: number): number {
  let i = b[at] === SPACE ? at + 1 : at
  if (b[i] !== 43 && b[i] !== DASH) return 0
  i += 1
  if (!isDigit(b, i) || !isDigit(b, i + 1)) return 0
  i += b[i + 2] === COLON ? 3 : 2
  return isDigit(b, i) && isDigit(b, i + 1) && !isWord(b, i + 2) ? i + 2 : 0
}

const MONTHS = 'JanFebMarAprMayJunJulAugSepOctNovDec'
const DAYS = 'MonTueWedThuFriSatSun'

/** True when one of the three-letter names in `names` stands at `at` as a word of its own. */
function nameAt(b: Uint8Array, at: number, names: string): boolean {
  if (at < 0 || (at > 0 && isWord(b, at - 1))) return false
  for (let i = 0; i < names.length; i += 3) {
    if (b[at] === names.charCodeAt(i) && b[at + 1] === names.charCodeAt(i + 1) && b[at + 2] === names.charCodeAt(i + 2))
      return true
  }
  return false
}

/** `Nov 21 01:16`, `Nov  1  2026`, `Sat Nov 21 01:16:53 UTC 2026`; `start` is the day's first digit. */
export function monthDate(b: Uint8Array, start: number, digitsEnd: number, match: Match): boolean {
  if (digitsEnd - start > 2 || b[digitsEnd] !== SPACE || b[start - 1] !== SPACE) return false
  const month = start - (b[start - 2] === SPACE ? 5 : 4)
  if (!nameAt(b, month, MONTHS)) return false
  const next = b[digitsEnd + 1] === SPACE ? digitsEnd + 2 : digitsEnd + 1
  let end = clockEnd(b, next, false)
  if (end === 0) end = yearEnd(b, next)
  else end = yearAfterZone(b, end)
  if (end === 0) return false
  const weekday = month - 4
  return match.found(b[month - 1] === SPACE && nameAt(b, weekday, DAYS) ? weekday : month, end, DATE)
}

function yearEnd(b: Uint8Array, at: number): number {
  return skip(b, at, IS_DIGIT) === at + 4 && !isWord(b, at + 4) && b[at + 4] !== COLON ? at + 4 : 0
}

/** End of ` UTC 2026`, ` 2026` or ` 2026 +0000` after a clock that ends at `at`; `at` when nothing follows. */
function yearAfterZone(b: Uint8Array, at: number): number {
  if (b[at] !== SPACE) return at
  let i = at + 1
  while ((b[i] as number) >= 65 && (b[i] as number) <= 90) i++
  if (i > at + 1) i = b[i] === SPACE && i < at + 6 ? i + 1 : at + 1
  const year = yearEnd(b, i)
  return year === 0 ? at : offsetEnd(b, year) || year
}
