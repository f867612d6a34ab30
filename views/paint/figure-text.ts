const UNITS = [
  { from: 1e9, unit: 1e9, letter: 'G' },
  { from: 1e6, unit: 1e6, letter: 'M' },
  { from: 1e4, unit: 1e3, letter: 'k' },
] as const
/** From here on, and below its inverse, powers of ten are shorter. */
const HUGE = 1e12
const TINY = 1e-3
const PLAIN = { unit: 1, letter: '' } as const

/** A figure in at most 8 cells: `0.6931`, `12.30k`, `1.5e-7`; `–` when there is none, `∞` when it is not finite. */
export function figureText(value: number | undefined): string {
  if (value === undefined || Number.isNaN(value)) return '–'
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '-∞'
  const size = Math.abs(value)
  if (size === 0) return '0'
  if (size < TINY || size >= HUGE) return powerText(value, 2)
  const { unit, letter } = unitOf(size)
  if (letter === '' && (Number.isInteger(value) || size >= 1e3)) return String(Math.round(value))
  return `${(value / unit).toPrecision(4)}${letter}`
}

/**
 * Labels of the ticks of an axis, short and told apart: `0`, `0.5`, `12k`, `1e-7`.
 *
 * @param step - the smallest distance of two ticks.
 */
export function tickTexts(ticks: readonly number[], step: number): string[] {
  const size = ticks.reduce((most, tick) => Math.max(most, Math.abs(tick)), 0)
  if (size < TINY || size >= HUGE) return ticks.map((tick) => powerText(tick, digitsBelow(tick, step)))
  const { unit, letter } = unitOf(size)
  const decimals = Math.max(0, Math.ceil(-Math.log10(step / unit) - 1e-9))
  return ticks.map((tick) => (tick === 0 ? '0' : `${(tick / unit).toFixed(Math.min(20, decimals))}${letter}`))
}

/** `1.25e-7`, without zeros that say nothing. */
function powerText(value: number, digits: number): string {
  if (value === 0) return '0'
  const [mantissa = '', exponent = ''] = value.toExponential(Math.min(20, digits)).split('e')
  const short = mantissa.includes('.') ? mantissa.replace(/\.?0+$/, '') : mantissa
  return `${short}e${exponent.replace('+', '')}`
}

/** Digits of a tick after its first that tell it from one a step away. */
function digitsBelow(tick: number, step: number): number {
  if (tick === 0) return 0
  return Math.max(0, Math.floor(Math.log10(Math.abs(tick)) + 1e-9) - Math.floor(Math.log10(step) + 1e-9))
}

function unitOf(size: number): { readonly unit: number; readonly letter: string } {
  return UNITS.find(({ from }) => size >= from) ?? PLAIN
}
