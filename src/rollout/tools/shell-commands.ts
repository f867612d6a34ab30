import { deeper, lineEnd, skipParentheses, skipTest, skipWord, unquoted, UnreadableShell } from './shell-words.ts'

/**
 * The commands of a bash text that newlines separate at its top level, each as written (here-documents included);
 * `undefined` when the text cannot be read as complete bash.
 *
 * `a && b`, `a; b` and everything inside quotes, substitutions, groups, loops, conditions and function bodies is one
 * command. Comments are not commands. Linear in the length of the text; nothing is executed or expanded.
 */
export function topLevelCommands(text: string): string[] | undefined {
  try {
    const scan = new Scan(text, 0, 0, undefined)
    scan.run()
    return scan.spans.map(([start, end]) => text.slice(start, end).trimEnd())
  } catch (error) {
    if (error instanceof UnreadableShell) return undefined
    throw error
  }
}

function skipSubstitution(text: string, at: number, depth: number): number {
  return new Scan(text, at, depth, ')').run()
}

/** What stands open. `case` waits for `in`, `pattern` for `)`, `body` for `;;`; `for` and `while` wait for `do`. */
type Open = '(' | '{' | 'if' | 'for' | 'while' | 'do' | 'case' | 'pattern' | 'body'

interface HereDocument {
  readonly delimiter: string
  readonly tabs: boolean
}

/** One pass over a list of commands: the whole text, or one substitution up to its `)`. */
class Scan {
  readonly spans: [start: number, end: number][] = []
  private readonly text: string
  private readonly depth: number
  private readonly closer: ')' | undefined
  private readonly open: Open[] = []
  private at: number
  /** Start of the top-level command being read; -1 between commands. */
  private start = -1
  /** End of its last token. */
  private end = -1
  /** Words of the simple command so far; at 0 the next word may be a reserved word. */
  private words = 0
  /** A newline does not end the command: an operator or a function's head wants more. */
  private wanting = false
  private documents: HereDocument[] = []

  constructor(text: string, at: number, depth: number, closer: ')' | undefined) {
    this.text = text
    this.at = at
    this.depth = deeper(depth)
    this.closer = closer
  }

  /** @returns the index after the closer, or the end of the text. */
  run(): number {
    while (this.at < this.text.length) {
      const c = this.text.charAt(this.at)
      if (c === ')' && this.closer === ')' && this.open.length === 0) return this.at + 1
      if (c === ' ' || c === '\t') this.at += 1
      else if (c === '\\' && this.text[this.at + 1] === '\n') this.at += 2
      else if (c === '\n') this.newline()
      else if (c === '#') this.at = lineEnd(this.text, this.at)
      else this.token(c)
    }
    if (this.closer !== undefined || this.open.length > 0 || this.wanting) throw new UnreadableShell('unfinished')
    this.close()
    return this.at
  }

  private token(c: string): void {
    if (this.start < 0) this.start = this.at
    if ('&|;'.includes(c)) this.operator()
    else if (c === '(') this.openParenthesis()
    else if (c === ')') this.closeParenthesis()
    else if (c === '<' || c === '>') this.redirection()
    else this.word()
    this.end = this.at
  }

  private newline(): void {
    this.at += 1
    if (this.documents.length > 0) {
      for (const document of this.documents) this.at = this.skipDocument(document)
      this.documents = []
      this.end = Math.max(this.end, this.at)
    }
    if (this.top() === 'case' || this.wanting) return
    this.words = 0
    if (this.open.length === 0) this.close()
  }

  private close(): void {
    if (this.start >= 0) this.spans.push([this.start, this.end])
    this.start = -1
    this.words = 0
  }

  private skipDocument({ delimiter, tabs }: HereDocument): number {
    let from = this.at
    while (from < this.text.length) {
      const to = lineEnd(this.text, from)
      const line = this.text.slice(from, to)
      if ((tabs ? line.replace(/^\t+/, '') : line) === delimiter) return Math.min(to + 1, this.text.length)
      from = to + 1
    }
    return this.text.length
  }

  private operator(): void {
    const [found = ''] = /^(?:;;&|;;|;&|&&|\|\||\|&|&>>|&>|;|&|\|)/.exec(this.text.slice(this.at, this.at + 3)) ?? []
    if (found.startsWith('&>')) return this.target(found.length)
    this.at += found.length
    if (found.length > 1 && found.startsWith(';')) {
      if (this.top() !== 'body') throw new UnreadableShell(`unexpected ${found}`)
      this.swap('pattern')
    }
    if (this.top() === 'pattern') return
    this.words = 0
    this.wanting = found === '&&' || found === '||' || found.startsWith('|')
  }

  private openParenthesis(): void {
    if (this.top() === 'pattern') {
      this.at += 1
      return
    }
    const arithmetic = this.words === 0 || (this.top() === 'for' && this.words === 1)
    if (arithmetic && this.text[this.at + 1] === '(') {
      return this.wordUpTo(skipParentheses(this.text, this.at, this.depth, skipSubstitution))
    }
    if (this.words === 0) {
      this.at += 1
      this.enter('(')
      return
    }
    const close = this.words === 1 ? /^\([ \t]*\)/.exec(this.text.slice(this.at, this.at + 20)) : null
    if (close === null) throw new UnreadableShell('unexpected (')
    this.at += close[0].length
    this.words = 0
    this.wanting = true
  }

  private closeParenthesis(): void {
    this.at += 1
    if (this.top() === 'pattern') {
      this.swap('body')
      this.words = 0
      return
    }
    this.leave('(')
  }

  private redirection(): void {
    if (this.text[this.at + 1] === '(') return this.word()
    const [found = ''] = /^(?:<<<|<<-|<<|<>|<&|>>|>&|>\||<|>)/.exec(this.text.slice(this.at, this.at + 3)) ?? []
    if (found !== '<<' && found !== '<<-') return this.target(found.length)
    const from = this.skipBlanks(this.at + found.length)
    this.at = this.wordEnd(from)
    this.documents.push({ delimiter: unquoted(this.text.slice(from, this.at)), tabs: found === '<<-' })
  }

  /** A redirection's operator and its file: no word of the command. */
  private target(operator: number): void {
    this.at = this.wordEnd(this.skipBlanks(this.at + operator))
  }

  private word(): void {
    const end = this.wordEnd(this.at)
    const word = end - this.at > 20 ? '' : this.text.slice(this.at, end)
    const redirected = this.text[end] === '<' || this.text[end] === '>'
    if (redirected && /^\d+$/.test(word)) this.at = end
    else if (this.top() === 'case') this.caseHead(word, end)
    else if (this.top() === 'pattern') this.patternWord(word, end)
    else if (word === 'do' && this.top() === 'for' && this.words === 2) this.firstWord(word, end)
    else if (this.words > 0) this.wordUpTo(end)
    else this.firstWord(word, end)
  }

  private firstWord(word: string, end: number): void {
    if (word === '[[') return this.wordUpTo(skipTest(this.text, end, this.depth, skipSubstitution))
    this.at = end
    this.wanting = false
    if (word === 'function') {
      this.at = this.wordEnd(this.skipBlanks(end))
      const brackets = /^[ \t]*\([ \t]*\)/.exec(this.text.slice(this.at, this.at + 40))
      this.at += brackets?.[0].length ?? 0
      this.wanting = true
    } else if (!this.reserved(word)) this.words += 1
  }

  /** @returns whether the word opened, continued or closed a compound command. */
  private reserved(word: string): boolean {
    switch (word) {
      case '!':
      case 'time':
      case 'coproc':
        return true
      case '{':
      case 'if':
      case 'while':
      case 'case':
        this.enter(word)
        return true
      case 'until':
        this.enter('while')
        return true
      case 'for':
      case 'select':
        this.enter('for')
        this.words = 1
        return true
      case 'do':
        if (this.top() !== 'for' && this.top() !== 'while') throw new UnreadableShell('unexpected do')
        this.swap('do')
        return true
      case 'then':
      case 'elif':
      case 'else':
        if (this.top() !== 'if') throw new UnreadableShell(`unexpected ${word}`)
        return true
      case 'fi':
        this.leave('if')
        return true
      case 'done':
        this.leave('do')
        return true
      case '}':
        this.leave('{')
        return true
      case 'esac':
        this.leave('body')
        return true
      default:
        return false
    }
  }

  private caseHead(word: string, end: number): void {
    this.at = end
    this.words += 1
    if (this.words < 2 || word !== 'in') return
    this.swap('pattern')
  }

  private patternWord(word: string, end: number): void {
    this.at = end
    if (word === 'esac') this.leave('pattern')
  }

  private enter(open: Open): void {
    this.open.push(open)
    this.words = 0
    this.wanting = false
  }

  /** Closes a compound command; only redirections and operators may follow it. */
  private leave(open: Open): void {
    if (this.open.pop() !== open) throw new UnreadableShell('closes what is not open')
    this.words = 2
    this.wanting = false
  }

  private swap(open: Open): void {
    this.open[this.open.length - 1] = open
    this.words = 0
  }

  private top(): Open | undefined {
    return this.open.at(-1)
  }

  private wordUpTo(end: number): void {
    this.at = end
    this.words += 1
    this.wanting = false
  }

  private wordEnd(from: number): number {
    const end = skipWord(this.text, from, this.depth, skipSubstitution)
    if (end === from) throw new UnreadableShell('a word is missing')
    return end
  }

  private skipBlanks(from: number): number {
    let at = from
    while (this.text[at] === ' ' || this.text[at] === '\t') at += 1
    return at
  }
}
