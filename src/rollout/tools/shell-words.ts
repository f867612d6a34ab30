/** The text is not bash that we can read: unbalanced, unfinished, or nested too deep. */
export class UnreadableShell extends Error {}

const MAX_DEPTH = 200

/** One level further in: every nested construct asks for it, so that no text can exhaust the stack. */
export function deeper(depth: number): number {
  if (depth >= MAX_DEPTH) throw new UnreadableShell('nested too deep')
  return depth + 1
}

/** Reads a command substitution's commands from `at` and returns the index after its `)`. */
export type SkipCommands = (text: string, at: number, depth: number) => number

const METACHARACTERS = ' \t\n|&;()<>'
const ARRAY_ASSIGNMENT = /^[A-Za-z_]\w*(?:\[[^\]\n]{0,200}\])?\+?=$/

/** Index after the word that begins at `at`: quotes, substitutions, escapes and array values are part of it. */
export function skipWord(text: string, at: number, depth: number, commands: SkipCommands): number {
  let i = at
  while (i < text.length) {
    const c = text.charAt(i)
    if (c === '(') {
      if (!opensInWord(text, at, i)) return i
      i = skipParentheses(text, i, depth, commands)
    } else if ((c === '<' || c === '>') && text[i + 1] === '(') i = commands(text, i + 2, depth)
    else if (METACHARACTERS.includes(c)) return i
    else i = skipPart(text, i, depth, commands)
  }
  return i
}

/** Index after a `[[ … ]]` test, whose `[[` ends at `at`. */
export function skipTest(text: string, at: number, depth: number, commands: SkipCommands): number {
  let i = at
  while (i < text.length) {
    if (METACHARACTERS.includes(text.charAt(i))) {
      i += 1
      continue
    }
    const end = skipWord(text, i, depth, commands)
    if (end === i + 2 && text.startsWith(']]', i)) return end
    i = end
  }
  throw new UnreadableShell('a test `[[` is not closed')
}

/** A word without its quotes and escapes, as a here-document's delimiter is compared. */
export function unquoted(word: string): string {
  return word.replaceAll(/\\(.)|["']/g, '$1')
}

/** `name=(…)` and the pattern groups `@(…)`, `?(…)`, `*(…)`, `+(…)`; any other parenthesis ends a word. */
function opensInWord(text: string, start: number, at: number): boolean {
  if (at === start) return false
  if ('@?*+'.includes(text.charAt(at - 1))) return true
  return text[at - 1] === '=' && at - start < 300 && ARRAY_ASSIGNMENT.test(text.slice(start, at))
}

/** Index after one character or quoted piece of a word (or of anything balanced). */
function skipPart(text: string, at: number, depth: number, commands: SkipCommands): number {
  switch (text[at]) {
    case '\\':
      return Math.min(at + 2, text.length)
    case "'":
      return after(text, "'", at + 1)
    case '"':
      return skipDoubleQuotes(text, at + 1, depth, commands)
    case '`':
      return skipBackticks(text, at + 1)
    case '$':
      return skipDollar(text, at, depth, commands)
    default:
      return at + 1
  }
}

function skipDollar(text: string, at: number, depth: number, commands: SkipCommands): number {
  switch (text[at + 1]) {
    case "'":
      return skipEscapedQuotes(text, at + 2)
    case '"':
      return skipDoubleQuotes(text, at + 2, depth, commands)
    case '{':
      return skipBraces(text, at + 2, depth, commands)
    case '(':
      return text[at + 2] === '(' ? skipParentheses(text, at + 1, depth, commands) : commands(text, at + 2, depth)
    default:
      return at + 1
  }
}

/** Escapes and expansions count inside double quotes; single quotes do not. */
function skipDoubleQuotes(text: string, at: number, depth: number, commands: SkipCommands): number {
  const inside = deeper(depth)
  let i = at
  while (i < text.length) {
    const c = text[i]
    if (c === '"') return i + 1
    const literal = c === "'" || (c === '$' && (text[i + 1] === "'" || text[i + 1] === '"'))
    i = literal ? i + 1 : skipPart(text, i, inside, commands)
  }
  throw new UnreadableShell('a double quote is not closed')
}

function skipBraces(text: string, at: number, depth: number, commands: SkipCommands): number {
  const inside = deeper(depth)
  let i = at
  while (i < text.length) {
    if (text[i] === '}') return i + 1
    i = skipPart(text, i, inside, commands)
  }
  throw new UnreadableShell('an expansion `${` is not closed')
}

/** Index after the parenthesis that closes the one at `at`: arithmetic, an array's values, a pattern. */
export function skipParentheses(text: string, at: number, depth: number, commands: SkipCommands): number {
  const inside = deeper(depth)
  let open = 0
  let i = at
  while (i < text.length) {
    const c = text[i]
    if (c === '(') open += 1
    else if (c === ')') open -= 1
    else if (c === '#' && /\s/.test(text.charAt(i - 1)) && text[at - 1] === '=') {
      i = lineEnd(text, i)
      continue
    }
    if (c === '(' || c === ')') {
      i += 1
      if (open === 0) return i
    } else i = skipPart(text, i, inside, commands)
  }
  throw new UnreadableShell('a parenthesis is not closed')
}

function skipBackticks(text: string, at: number): number {
  let i = at
  while (i < text.length) {
    if (text[i] === '`') return i + 1
    i += text[i] === '\\' ? 2 : 1
  }
  throw new UnreadableShell('a backtick is not closed')
}

function skipEscapedQuotes(text: string, at: number): number {
  let i = at
  while (i < text.length) {
    if (text[i] === "'") return i + 1
    i += text[i] === '\\' ? 2 : 1
  }
  throw new UnreadableShell('a quote is not closed')
}

/** Index of the newline that ends the line at `at`, or of the end of the text. */
export function lineEnd(text: string, at: number): number {
  const end = text.indexOf('\n', at)
  return end < 0 ? text.length : end
}

function after(text: string, mark: string, at: number): number {
  const end = text.indexOf(mark, at)
  if (end < 0) throw new UnreadableShell('a quote is not closed')
  return end + mark.length
}
