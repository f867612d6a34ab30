import { tickTexts } from './figure-text.ts'

/** A value that is named beside an axis. */
export interface Tick {
  readonly value: number
  readonly text: string
}

/** Where values lie between the two ends of an axis. */
export interface Axis {
  readonly low: number
  readonly high: number
  readonly ticks: readonly Tick[]
  /** 0 at the low end, 1 at the high end; NaN for what such an axis cannot show. */
  place(value: number): number
}

/** Parts of the range in which the ends of an axis move: a growing curve must not move it with every step. */
const END_PARTS = 20
/** Fewer decades than this have labels between powers of ten. */
const MIN_DECADES = 2
const BETWEEN = [1, 2, 5]
/** Beyond these sizes arithmetic with the ends of an axis would leave the numbers there are. */
const MOST = 1e300
const LEAST = 1e-300

/** An axis over finite values from `low` to `high` with at most about `ticks` labels; its ends are round numbers. */
export function linearAxis(low: number, high: number, ticks: number): Axis {
  const [from, to] = apart(low, high)
  const part = niceStep(from, to, END_PARTS)
  const [bottom, top] = roundEnds(from, to, part)
  const step = niceStep(bottom, top, ticks)
  const values = multiples(bottom, top, step)
  return {
    low: bottom,
    high: top,
    ticks: named(values, step),
    place: (value) => (value - bottom) / (top - bottom),
  }
}

/** An axis by powers of ten over positive values. */
export function logAxis(low: number, high: number, ticks: number): Axis {
  const exponents = linearAxis(Math.log10(low), Math.log10(high), ticks)
  const { low: bottom, high: top } = exponents
  return {
    low: 10 ** bottom,
    high: 10 ** top,
    ticks: top - bottom >= MIN_DECADES ? decadeTicks(bottom, top, ticks) : ticksBetween(10 ** bottom, 10 ** top, ticks),
    place: (value) => (value > 0 ? (Math.log10(value) - bottom) / (top - bottom) : Number.NaN),
  }
}

/** An axis of counts: whole ticks, and both ends exactly as given. */
export function countAxis(low: number, high: number, ticks: number): Axis {
  const top = high > low ? high : low + 1
  const step = Math.max(1, niceStep(low, top, ticks))
  return spanning(low, top, named(multiples(low, top, step), step))
}

/** An axis of parts of something counted (passes): ticks between whole numbers too, and both ends exactly as given. */
export function partAxis(low: number, high: number, ticks: number): Axis {
  const top = high > low ? high : low + 1
  const step = niceStep(low, top, ticks)
  return spanning(low, top, named(multiples(low, top, step), step))
}

/** An axis of seconds: `0`, `30s`, `5m`, `1h30`; both ends exactly as given. */
export function clockAxis(low: number, high: number, ticks: number): Axis {
  const top = high > low ? high : low + 1
  const wanted = (top - low) / Math.max(1, ticks)
  const days = Math.ceil(wanted / DAY) * DAY
  const step = CLOCK_STEPS.find((each) => each >= wanted) ?? days
  return spanning(
    low,
    top,
    multiples(low, top, step).map((value) => ({ value, text: clockText(value) })),
  )
}

const [MINUTE, HOUR, DAY] = [60, 3_600, 86_400]
const CLOCK_STEPS = [
  ...[1, 2, 5, 10, 15, 30],
  ...[1, 2, 5, 10, 15, 30].map((each) => each * MINUTE),
  ...[1, 2, 3, 6, 12, 24].map((each) => each * HOUR),
]

function clockText(seconds: number): string {
  if (seconds === 0) return '0'
  if (seconds < MINUTE) return `${seconds}s`
  const [large, small, unit] = seconds < HOUR ? [MINUTE, 1, 'm'] : [HOUR, MINUTE, 'h']
  const rest = Math.floor((seconds % large) / small)
  return `${Math.floor(seconds / large)}${unit}${rest === 0 ? '' : String(rest).padStart(2, '0')}`
}

function spanning(low: number, high: number, ticks: readonly Tick[]): Axis {
  return { low, high, ticks, place: (value) => (value - low) / (high - low) }
}

/** The smallest round number that is not below a count: the end of an axis that seldom moves while a curve grows. */
export function roundAbove(count: number): number {
  if (!(count > 0)) return 1
  const power = 10 ** Math.floor(Math.log10(count))
  return Math.max(1, power * (ROUND.find((each) => each * power >= count) ?? 10))
}

const ROUND = [1, 1.5, 2, 3, 4, 5, 6, 8, 10]

function decadeTicks(bottom: number, top: number, ticks: number): Tick[] {
  const step = Math.max(1, Math.ceil((top - bottom) / Math.max(1, ticks)))
  return multiples(bottom, top, step).map((exponent) => tickOf(Number(`1e${exponent}`)))
}

/** 1, 2 and 5 times powers of ten; where not even two of them lie within, round numbers. */
function ticksBetween(low: number, high: number, ticks: number): Tick[] {
  const exponents = multiples(Math.floor(Math.log10(low)), Math.log10(high), 1)
  const values = exponents
    .flatMap((exponent) => BETWEEN.map((each) => Number(`${each}e${exponent}`)))
    .filter((value) => value >= low * (1 - 1e-9) && value <= high * (1 + 1e-9))
  if (values.length > 1) return values.map(tickOf)
  const step = niceStep(low, high, ticks)
  return named(
    multiples(low, high, step).filter((value) => value > 0),
    step,
  )
}

function tickOf(value: number): Tick {
  return { value, text: tickTexts([value], value)[0] ?? '' }
}

function named(values: readonly number[], step: number): Tick[] {
  const texts = tickTexts(values, step)
  return values.map((value, index) => ({ value, text: texts[index] ?? '' }))
}

/** Two ends that differ by enough to be told apart by an axis, and by no more than a number can hold. */
function apart(low: number, high: number): readonly [number, number] {
  const [from, to] = [Math.max(-MOST, low), Math.min(MOST, high)]
  const size = Math.max(Math.abs(from), Math.abs(to))
  if (size > LEAST && to - from > size * 1e-9) return [from, to]
  const room = size > LEAST ? size / 10 : 1
  return [from - room, to + room]
}

function roundEnds(low: number, high: number, step: number): readonly [number, number] {
  return [tidy(Math.floor(low / step + 1e-9) * step), tidy(Math.ceil(high / step - 1e-9) * step)]
}

/** 1, 2 or 5 times a power of ten, so that a range has at most about `parts` of them. */
function niceStep(low: number, high: number, parts: number): number {
  const wanted = high / Math.max(1, parts) - low / Math.max(1, parts)
  const power = 10 ** Math.floor(Math.log10(wanted))
  const factor = [1, 2, 5].find((each) => each * power >= wanted * (1 - 1e-9)) ?? 10
  return tidy(factor * power)
}

function multiples(low: number, high: number, step: number): number[] {
  const first = Math.ceil(low / step - 1e-9)
  const last = Math.floor(high / step + 1e-9)
  return Array.from({ length: Math.max(0, Math.min(1_000, last - first + 1)) }, (_, index) =>
    tidy((first + index) * step),
  )
}

/** Without the dust of binary fractions: 0.30000000000000004 is 0.3. */
function tidy(value: number): number {
  return Number(value.toPrecision(12))
}
