/** Cuts a text after `max` UTF-16 units, never inside a surrogate pair; shorter texts come back as they are. */
export function headOf(text: string, max: number): string {
  if (text.length <= max) return text
  return text.slice(0, splitsPair(text, max) ? max - 1 : max)
}

function tailOf(text: string, max: number): string {
  const at = text.length - max
  return text.slice(splitsPair(text, at) ? at + 1 : at)
}

/** A text longer than `max` UTF-16 units as its first half, `marker` on a line of its own, and its last half. */
export function headAndTail(text: string, max: number, marker: string): string {
  if (text.length <= max) return text
  const half = Math.floor(max / 2)
  return `${headOf(text, half)}\n${marker}\n${tailOf(text, half)}`
}

/** A name or value as a message quotes it: on one line, at most `max` units, `…` where it was cut. */
export function quoted(text: string, max = 100): string {
  const line = headOf(text, max).replaceAll(/\s+/g, ' ')
  return `\`${line}${text.length > max ? '…' : ''}\``
}

function splitsPair(text: string, at: number): boolean {
  const before = text.charCodeAt(at - 1)
  const after = text.charCodeAt(at)
  return before >= 0xd800 && before < 0xdc00 && after >= 0xdc00 && after < 0xe000
}
