import type { Message } from '../../domain/message.ts'

/** What came back after one reply, read from its literal messages. */
export interface Observed {
  /** Name of the tool that answered; `''` when nothing was run. */
  readonly tool: string
  /** The tool's text, or what stands in its place. */
  readonly text: string
  readonly failed: boolean
  /** The reply could not be read as a call. */
  readonly malformed: boolean
  readonly exitCode: number | undefined
  /** Messages that are no answer of a tool. */
  readonly nudges: number
}

const HEAD = /^EXECUTION RESULT of \[(\w{1,100})\]:\n/
const EXIT_LINE = /\[Command finished with exit code (-?\d{1,6})\]$/

export function readObservation(messages: readonly Message[]): Observed {
  const first = messages[0]
  const content = first?.content ?? ''
  const head = HEAD.exec(content)
  const native = first?.role === 'tool' && head === null
  const text = head === null ? content : content.slice(head[0].length)
  const tool = head?.[1] ?? (native ? (first.name ?? '') : '')
  const failed = text.startsWith('ERROR:')
  const malformed = failed && (head === null ? !native || text.includes('nothing was run.]') : false)
  const exitCode = EXIT_LINE.exec(text.slice(-60).trimEnd())?.[1]
  return {
    tool,
    text,
    failed,
    malformed,
    exitCode: exitCode === undefined ? undefined : Number(exitCode),
    nudges: Math.max(0, messages.length - (tool === '' && !malformed ? 0 : 1)),
  }
}

/** Paths of the files that a view of a folder lists; `undefined` when the text is no such view. */
export function listedPaths(text: string): readonly string[] | undefined {
  if (!text.startsWith("Here's the files and directories up to 2 levels deep in ")) return undefined
  return text
    .split('\n')
    .filter((line) => line.startsWith('/') && !line.endsWith('/') && !line.includes('<response clipped>'))
}

/** Lines that `cat -n` numbered, as the editor shows them. */
export interface NumberedText {
  readonly path: string
  /** 1-based. */
  readonly firstLine: number
  /** Without the newline after the last line. */
  readonly text: string
  readonly clipped: boolean
  readonly snippet: boolean
}

const NUMBERED = /Here's the result of running `cat -n` on (a snippet of )?(\/[^\n]{0,4096}):\n/

/** The numbered lines in a text of the editor; `undefined` when there are none. */
export function numberedText(text: string): NumberedText | undefined {
  const head = NUMBERED.exec(text)
  const path = head?.[2]
  if (head === null || path === undefined) return undefined
  const lines: string[] = []
  let firstLine = 0
  let clipped = false
  for (const line of text.slice(head.index + head[0].length).split('\n')) {
    const [, number, rest = ''] = /^ {0,5}(\d{1,7})\t([\s\S]*)$/.exec(line) ?? []
    if (number === undefined) break
    if (lines.length === 0) firstLine = Number(number)
    if (Number(number) !== firstLine + lines.length) break
    lines.push(rest)
    clipped ||= rest.includes('<response clipped>')
  }
  if (lines.length === 0) return undefined
  return { path, firstLine, text: lines.join('\n'), clipped, snippet: head[1] !== undefined }
}
