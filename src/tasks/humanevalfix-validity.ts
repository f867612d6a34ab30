import { Script } from 'node:vm'
import type { TaskDefinition } from '../domain/task.ts'
import { humanEvalFixCase } from './humanevalfix.ts'
import { bareCode, closesWhatItOpens } from './python-text.ts'

/** Longer files are not judged: nobody repairs one function with a megabyte. */
const LONGEST = 1_000_000
/** Statements that stand for code that was not written. */
const PLACEHOLDER = /^(?:pass|\.\.\.|raise\s+NotImplementedError\b.*)?$/

/**
 * Whether a repaired file is no complete code (SEAlign §5.2, invalid patch rate): it is empty, breaks off, or has no function of
 * the asked name with a body. Judged from the text alone; the file is never run. `false` for Tasks of other sets.
 *
 * Meant to name the reason after the tests failed: it may take unusual complete code for incomplete.
 *
 * @param fileText - the repaired file; `undefined` when it was deleted.
 */
export function isInvalidHumanEvalFix(task: TaskDefinition, fileText: string | undefined): boolean {
  const asked = humanEvalFixCase(task)
  if (asked === undefined) return false
  if (fileText === undefined || fileText.trim() === '') return true
  if (fileText.length > LONGEST) return false
  return task.set === 'humanevalfix-python'
    ? !isCompletePython(fileText, asked.entryPoint)
    : !isCompleteJavaScript(fileText, asked.entryPoint)
}

function isCompletePython(text: string, name: string): boolean {
  const code = bareCode(text)
  if (code === undefined || !closesWhatItOpens(code)) return false
  const lines = code.split('\n')
  const start = lines.findLastIndex((line) =>
    new RegExp(`^(?:async\\s+)?def\\s+${name}\\s*\\(|^${name}\\s*=[^=]`).test(line),
  )
  if (start < 0) return false
  if (!/^(?:async\s+)?def\b/.test(lines[start] ?? '')) return true
  const rest = lines.slice(start)
  const end = rest.findIndex((line, at) => at > 0 && /^[^\s)\]}]/.test(line))
  return bodyOf(rest.slice(0, end < 0 ? undefined : end).join('\n')).some((line) => !PLACEHOLDER.test(line.trim()))
}

/** Lines of a function after the colon that ends its head. */
function bodyOf(definition: string): readonly string[] {
  let depth = 0
  for (let at = 0; at < definition.length; at++) {
    const character = definition[at] ?? ''
    if ('([{'.includes(character)) depth++
    else if (')]}'.includes(character)) depth--
    else if (character === ':' && depth === 0) return definition.slice(at + 1).split('\n')
  }
  return []
}

function isCompleteJavaScript(text: string, name: string): boolean {
  try {
    new Script(text)
  } catch {
    return false
  }
  const escaped = name.replaceAll('$', '\\$')
  const head = new RegExp(
    `(?:^|\\n)\\s*(?:(?:const|let|var)\\s+)?${escaped}\\s*=|\\bfunction\\s*\\*?\\s*${escaped}\\s*\\(`,
  ).exec(text)
  if (head === null) return false
  const open = text.indexOf('{', head.index + head[0].length)
  const statement = text.indexOf('\n', head.index + head[0].length)
  if (open < 0 || (statement >= 0 && statement < open && text.slice(head.index, statement).includes('=>'))) return true
  const first = afterBlank(text, open + 1)
  return (
    text[first] !== '}' &&
    !/^throw\s+(?:new\s+)?Error\(['"`][^'"`\n]*not (?:yet )?implemented/i.test(text.slice(first, first + 200))
  )
}

/** Index of the first character that is neither white space nor in a comment. */
function afterBlank(text: string, from: number): number {
  let at = from
  for (;;) {
    while (/\s/.test(text[at] ?? '')) at++
    if (text.startsWith('//', at)) at = endOr(text, text.indexOf('\n', at))
    else if (text.startsWith('/*', at)) at = endOr(text, text.indexOf('*/', at + 2), 2)
    else return at
  }
}

function endOr(text: string, index: number, length = 0): number {
  return index < 0 ? text.length : index + length
}
