const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', "'": "\\'", '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/**
 * Any text as one word of a bash command line, on one line (ANSI-C quoting, bash manual 3.1.2.4). Bash has no NUL: they are left out.
 */
export function bashWord(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what must not reach the line
  const escaped = text.replace(/[\\'\u0000-\u001f\u007f]/g, (char) => {
    const hex = char.charCodeAt(0).toString(16).padStart(2, '0')
    return ESCAPES[char] ?? (char === '\0' ? '' : `\\x${hex}`)
  })
  return `$'${escaped}'`
}
