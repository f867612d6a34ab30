import type { ToolResult } from '../tool.ts'
import { headOf } from './clip.ts'
import { linesBetween } from './line-ends.ts'

/** Characters of file text in one reply; the rest is left out (openhands-aci `config.py`). */
const MAX_TEXT = 16_000
/** Characters of the Policy's own text that an error repeats. */
const MAX_ECHO = 2000
/** Lines shown before and after an edit. */
const CONTEXT = 4

const CLIPPED =
  '<response clipped><NOTE>Only the first part is shown. Find the lines you need with `grep -n`, then view them with `view_range`.</NOTE>'
const CLIPPED_LIST =
  '<response clipped><NOTE>Only the first part of the list is shown. View a folder further down, or use `ls` and `find`.</NOTE>'

/** An edit or view that was refused: what the world did wrong, told to the Policy. */
export class EditorRefusal extends Error {}

/** A parameter that the command cannot do without. */
export function missing(parameter: string, command: string): EditorRefusal {
  return new EditorRefusal(`Parameter \`${parameter}\` is required for command: ${command}.`)
}

/** A parameter with a value that the command cannot use. */
export function invalid(parameter: string, value: unknown, why: string): EditorRefusal {
  return new EditorRefusal(`Invalid \`${parameter}\` parameter: ${echo(textOf(value))}. ${why}`)
}

/** The result of a call that changed nothing. */
export function refusal(why: string): ToolResult {
  return { text: `ERROR:\n${why}`, failed: true }
}

/** The Policy's own text, repeated in a message. */
export function echo(text: string): string {
  return text.length > MAX_ECHO ? `${headOf(text, MAX_ECHO)}…` : text
}

/** File text as \`cat -n\` numbers it: the number six wide, a tab, the line. */
export function numbered(text: string, what: string, firstLine = 1): string {
  const shown = text.length > MAX_TEXT ? headOf(text, MAX_TEXT) + CLIPPED : text
  const lines = shown.split('\n').map((line, index) => `${String(firstLine + index).padStart(6)}\t${line}`)
  return `Here's the result of running \`cat -n\` on ${what}:\n${lines.join('\n')}\n`
}

/** What an edit is answered: the lines around it, so that it can be checked without another view. */
export function editedReply(path: string, text: string, firstLine: number, newLines: number): string {
  const from = Math.max(1, firstLine - CONTEXT)
  const snippet = linesBetween(text, from, firstLine + newLines - 1 + CONTEXT)
  return `The file ${path} has been edited. ${numbered(snippet, `a snippet of ${path}`, from)}Check that the change is what you meant, and edit the file again if it is not.`
}

export function directoryReply(path: string, entries: readonly string[], hidden: number): string {
  const list = [path.endsWith('/') ? path : `${path}/`, ...entries].join('\n')
  const shown = list.length > MAX_TEXT ? headOf(list, MAX_TEXT) + CLIPPED_LIST : list
  const rest =
    hidden === 0 ? '' : `\n\n${hidden} hidden files/directories in this directory are left out; \`ls -la\` shows them.`
  return `Here's the files and directories up to 2 levels deep in ${path}, excluding hidden items:\n${shown}${rest}`
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing')
}
