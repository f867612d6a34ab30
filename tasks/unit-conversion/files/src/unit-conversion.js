import { UNITS } from './units.js'

/** @throws RangeError for an unknown unit or two units of different kinds. */
export function convert(value, from, to) {
  const source = unit(from)
  const target = unit(to)
  if (source.kind !== target.kind) throw new RangeError(`cannot convert ${source.kind} to ${target.kind}`)
  const base = value * source.factor + (source.offset ?? 0)
  return rounded((base + (target.offset ?? 0)) / target.factor)
}

function unit(name) {
  if (!Object.hasOwn(UNITS, name)) throw new RangeError(`unknown unit ${name}`)
  return UNITS[name]
}

/** Without the noise of floating-point numbers. */
function rounded(value) {
  return Number(value.toPrecision(12))
}

/** Parses `12.5 km` and converts it. */
export function convertText(text, to) {
  const match = /^\s*(-?\d+(?:\.\d+)?)\s*([a-z]+)\s*$/i.exec(text)
  if (match === null) throw new SyntaxError(`${text} is no quantity`)
  return `${convert(Number(match[1]), match[2], to)} ${to}`
}
