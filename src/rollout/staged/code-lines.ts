/** Lines of one definition that are shown. */
const MAX_LINES = 150

/** Lines as `cat -n` numbers them, from line `from` (1-based) on. */
export function numberedLines(lines: readonly string[], from: number): string {
  return lines.map((line, index) => `${String(from + index).padStart(6)}\t${line}`).join('\n')
}

/**
 * The lines of the definition that begins at line `at` (1-based): its head, what is indented deeper, and the line that closes it.
 * Told from indentation alone, which is right for code that a formatter would leave as it is.
 */
export function definitionAt(lines: readonly string[], at: number): string[] {
  const indent = indentOf(lines[at - 1] ?? '')
  let end = at
  while (end < lines.length && end - at < MAX_LINES) {
    const line = lines[end] ?? ''
    const deeper = line.trim() === '' || indentOf(line) > indent
    const closesHead = /^\s*\)/.test(line)
    if (!deeper && !closesHead) break
    end++
  }
  if (end < lines.length && indentOf(lines[end] ?? '') === indent && /^\s*[}\]]/.test(lines[end] ?? '')) end++
  while (end > at && (lines[end - 1] ?? '').trim() === '') end--
  return lines.slice(at - 1, end)
}

/** The heads of what is defined inside a class: its own line and those of its methods, with their line numbers. */
export function skeletonOf(lines: readonly string[], at: number): string {
  const body = definitionAt(lines, at)
  return body
    .flatMap((line, index) => (index === 0 || MEMBER.test(line) ? [numberedLines([line], at + index)] : []))
    .join('\n')
}

const MEMBER =
  /^\s+(?:(?:async\s+)?def\s+\w+|class\s+\w+|@\w+|(?:static\s+|async\s+|get\s+|set\s+|#)*(?!(?:if|for|while|switch|catch|return)\b)[\w$]+\s*\([^;]*\)\s*\{\s*$)/

const indentOf = (line: string): number => line.length - line.trimStart().length
