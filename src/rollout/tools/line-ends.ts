/** How a file ends its lines: `crlf` only when every line does, so that writing it back changes nothing else. */
export type LineEnd = 'lf' | 'crlf'

export function lineEndOf(text: string): LineEnd {
  if (!text.includes('\r\n')) return 'lf'
  return /(?:^|[^\r])\n|\r(?!\n)/.test(text) ? 'lf' : 'crlf'
}

/** A text with `\n` only, as the Policy sees and writes it. */
export function toLf(text: string, end: LineEnd): string {
  return end === 'crlf' ? text.replaceAll('\r\n', '\n') : text
}

/** The opposite; new lines get the file's own end. */
export function fromLf(text: string, end: LineEnd): string {
  return end === 'crlf' ? text.replaceAll(/\r?\n/g, '\r\n') : text
}

/** Lines of a text; a newline at its end begins no further line, an empty text has none. */
export function countLines(text: string): number {
  let count = text === '' || text.endsWith('\n') ? 0 : 1
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count += 1
  return count
}

/** Index at which line `number` (1-based) begins; the text's length when it has fewer lines. */
export function lineStart(text: string, number: number): number {
  let at = 0
  for (let line = 1; line < number; line += 1) {
    const end = text.indexOf('\n', at)
    if (end < 0) return text.length
    at = end + 1
  }
  return at
}

/** Lines `from` … `to` (1-based, both included) without the newline after the last. */
export function linesBetween(text: string, from: number, to: number): string {
  const start = lineStart(text, from)
  const length = lineStart(text.slice(start), to - from + 2)
  const lines = text.slice(start, start + length)
  return lines.endsWith('\n') ? lines.slice(0, -1) : lines
}
