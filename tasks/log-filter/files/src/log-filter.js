import { parseLine } from './log-line.js'

const LEVELS = ['debug', 'info', 'warn', 'error']

/** Whether a level is at least as serious as another. */
export function isAtLeast(level, least) {
  return LEVELS.indexOf(level) >= LEVELS.indexOf(least)
}

/**
 * Entries of a log that pass all conditions given.
 * @param {{ level?: string, text?: string, since?: string }} conditions `level`: this one or more serious
 */
export function select(lines, { level = 'debug', text = '', since = '' }) {
  const wanted = text.toLowerCase()
  return lines
    .map(parseLine)
    .filter((entry) => entry !== undefined && entry.time >= since)
    .filter((entry) => isAtLeast(entry.level, level) || entry.message.toLowerCase().includes(wanted))
}

/** How many entries there are of each level. */
export function countByLevel(lines) {
  const counts = Object.fromEntries(LEVELS.map((level) => [level, 0]))
  for (const entry of lines.map(parseLine)) if (entry !== undefined) counts[entry.level]++
  return counts
}
