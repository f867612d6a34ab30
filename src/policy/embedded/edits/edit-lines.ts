import type { SourceModel } from '../source-model.ts'
import type { Mutation } from './mutation.ts'

/** A change as the editor takes it: whole lines that stand once in the file, and what is put in their place. */
export interface LineEdit {
  /** Index from 0 of the first line that changes. */
  readonly line: number
  readonly oldText: string
  readonly newText: string
  /** Lines that differ: those taken away and those put in. */
  readonly size: number
  /** The whole file afterwards. */
  readonly after: string
}

/** More lines than this around a change are no longer a small edit. */
const MAX_LINES = 25
/** What would end the call or a parameter too early. */
const TAGS = /<\/?(?:function|parameter|tool_call|think)/

/** The smallest run of whole lines that holds the change and stands once in the file; `undefined` when there is none. */
export function lineEditOf(source: SourceModel, mutation: Mutation): LineEdit | undefined {
  const { text } = source
  const after = text.slice(0, mutation.start) + mutation.text + text.slice(mutation.end)
  if (after === text) return undefined
  const [before, behind] = [text.split('\n'), after.split('\n')]
  const range = changedLines(before, behind)
  const grown = untilUnique(text, before, range, behind.length - before.length)
  if (grown === undefined) return undefined
  const { from, to } = grown
  const oldText = before.slice(from, to).join('\n')
  const newText = behind.slice(from, to + behind.length - before.length).join('\n')
  if (TAGS.test(oldText) || TAGS.test(newText)) return undefined
  const size = range.to - range.from + (range.to + behind.length - before.length - range.from)
  return { line: Math.min(range.from, before.length - 1), oldText, newText, size, after }
}

interface LineRange {
  readonly from: number
  /** Behind the last. */
  readonly to: number
}

function changedLines(before: readonly string[], behind: readonly string[]): LineRange {
  let from = 0
  while (from < before.length && from < behind.length && before[from] === behind[from]) from++
  let end = 0
  const most = Math.min(before.length, behind.length) - from
  while (end < most && before[before.length - 1 - end] === behind[behind.length - 1 - end]) end++
  return { from, to: before.length - end }
}

/** Takes in a line above, then one below, in turn. @param grows - lines that the change adds. */
function untilUnique(text: string, lines: readonly string[], range: LineRange, grows: number): LineRange | undefined {
  let { from, to } = range
  let above = true
  for (let round = 0; round < MAX_LINES; round++) {
    const part = lines.slice(from, to).join('\n')
    if (to > from && part.trim() !== '' && to - from + grows > 0 && standsOnce(text, part)) return { from, to }
    if (from === 0 && to >= lines.length) return undefined
    if ((above && from > 0) || to >= lines.length) from--
    else to++
    above = !above
  }
  return undefined
}

function standsOnce(text: string, part: string): boolean {
  const at = text.indexOf(part)
  return at >= 0 && text.indexOf(part, at + 1) < 0
}
