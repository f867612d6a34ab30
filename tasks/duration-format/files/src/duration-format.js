const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

const UNITS = { ms: 1, s: SECOND, m: MINUTE, h: HOUR, d: DAY }

const twoDigits = (number) => String(number).padStart(2, '0')

/** Milliseconds for people: `2d 03h 04m 05s`; leading units that are 0 are left out. */
export function formatDuration(milliseconds) {
  if (milliseconds < 0) return `-${formatDuration(-milliseconds)}`
  const days = Math.floor(milliseconds / DAY)
  const hours = Math.floor(milliseconds / HOUR) % 24
  const minutes = Math.floor(milliseconds / MINUTE) % 24
  const seconds = Math.floor(milliseconds / SECOND) % 60
  if (days > 0) return `${days}d ${twoDigits(hours)}h ${twoDigits(minutes)}m ${twoDigits(seconds)}s`
  if (hours > 0) return `${hours}h ${twoDigits(minutes)}m ${twoDigits(seconds)}s`
  if (minutes > 0) return `${minutes}m ${twoDigits(seconds)}s`
  return `${seconds}s`
}

/** Milliseconds of a text such as `1h 30m`; `undefined` when it is none. */
export function parseDuration(text) {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)(?![a-z])/g)]
  const rest = text.replace(/\d+(?:\.\d+)?\s*(?:ms|s|m|h|d)(?![a-z])/g, '').trim()
  if (parts.length === 0 || rest !== '') return undefined
  return parts.reduce((sum, [, number, unit]) => sum + Number(number) * UNITS[unit], 0)
}
