const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
/** Shorter silence is no silence: a rollout that streams would blink between 0 s and 1 s. */
const QUIET_MS = 2 * SECOND

/** Whole seconds of a time, milliseconds: all clocks of a screen tick together, once a second. */
export function wholeSeconds(ms: number): number {
  return Math.floor(ms / SECOND) * SECOND
}

/** A duration in at most five cells: `7s`, `59m`, `4m12s`, `2h05`, `12d`; never negative. */
export function durationText(ms: number): string {
  const time = Math.max(0, ms)
  if (time < MINUTE) return `${Math.floor(time / SECOND)}s`
  if (time < 10 * MINUTE) return `${Math.floor(time / MINUTE)}m${twoDigits((time % MINUTE) / SECOND)}s`
  if (time < HOUR) return `${Math.floor(time / MINUTE)}m`
  if (time < DAY) return `${Math.floor(time / HOUR)}h${twoDigits((time % HOUR) / MINUTE)}`
  return `${Math.min(9_999, Math.floor(time / DAY))}d`
}

/** How long nothing happened, in at most four cells: `26s`, `4m`, `2h`; `·` while something does. */
export function idleText(activeMs: number | undefined, nowMs: number): string {
  if (activeMs === undefined) return ''
  const quiet = nowMs - activeMs
  if (quiet < QUIET_MS) return '·'
  if (quiet < MINUTE) return `${Math.floor(quiet / SECOND)}s`
  if (quiet < HOUR) return `${Math.floor(quiet / MINUTE)}m`
  return quiet < 4 * DAY ? `${Math.floor(quiet / HOUR)}h` : `${Math.min(999, Math.floor(quiet / DAY))}d`
}

/** A count of tokens in at most five cells: `950`, `14.2k`, `310k`, `1.25M`. */
export function tokensText(tokens: number): string {
  if (tokens < 1_000) return String(Math.round(tokens))
  if (tokens < 99_950) return `${(tokens / 1_000).toFixed(1)}k`
  if (tokens < 999_500) return `${Math.round(tokens / 1_000)}k`
  return tokens < 9_995_000 ? `${(tokens / 1_000_000).toFixed(2)}M` : `${Math.round(tokens / 1_000_000)}M`
}

/** Money, US dollars; empty when none was spent. */
export function costText(usd: number): string {
  if (usd <= 0) return ''
  return usd < 0.01 ? '<$0.01' : `$${usd.toFixed(2)}`
}

/** How full the context is, a fraction in [0, 1]; `undefined`: its size is not known. */
export function contextUse(tokens: number, limit: number): number | undefined {
  return limit > 0 ? Math.min(1, tokens / limit) : undefined
}

/** `1 step`, `2 steps`. */
export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}

function twoDigits(value: number): string {
  return String(Math.floor(value)).padStart(2, '0')
}
