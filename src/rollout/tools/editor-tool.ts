import type { Json, JsonObject } from '../../domain/json.ts'
import { SandboxFileError } from '../../sandbox/sandbox-error.ts'
import type { Tool, ToolContext, ToolResult } from '../tool.ts'
import { EditHistory } from './edit-history.ts'
import { EDITOR_COMMANDS, EDITOR_DESCRIPTION, EDITOR_PARAMETERS } from './editor-definition.ts'
import { viewDirectory } from './editor-directory.ts'
import { inserted, replaced } from './editor-edits.ts'
import { findPath, type TextFile, writeText } from './editor-file.ts'
import { EditorRefusal, editedReply, invalid, missing, numbered, refusal } from './editor-text.ts'
import { countLines, linesBetween, toLf } from './line-ends.ts'

/**
 * `str_replace_editor`: views and edits files of the Sandbox, after openhands-aci `editor/editor.py`. Remembers what its own
 * rollout edited, for `undo_edit`. Refusals are results that begin with `ERROR:`; SandboxErrors pass through.
 */
export function createEditorTool(): Tool {
  const history = new EditHistory()
  return {
    name: 'str_replace_editor',
    aliases: ['file_editor', 'str_replace'],
    definition: { name: 'str_replace_editor', description: EDITOR_DESCRIPTION, parameters: EDITOR_PARAMETERS },
    ignored: ['enable_linting'],
    async run(args, context) {
      try {
        return { text: await new EditorCall(args, context, history).run(), failed: false } satisfies ToolResult
      } catch (error) {
        if (error instanceof EditorRefusal) return refusal(error.message)
        if (error instanceof SandboxFileError)
          return refusal(`${error.path} could not be read or written: ${error.reason}.`)
        throw error
      }
    },
  }
}

/** One call of the editor. */
class EditorCall {
  readonly #args: JsonObject
  readonly #context: ToolContext
  readonly #history: EditHistory
  readonly #command: string

  constructor(args: JsonObject, context: ToolContext, history: EditHistory) {
    this.#args = args
    this.#context = context
    this.#history = history
    this.#command = typeof args['command'] === 'string' ? args['command'] : ''
  }

  run(): Promise<string> {
    switch (this.#command) {
      case 'view':
        return this.#view()
      case 'create':
        return this.#create()
      case 'str_replace':
        return this.#replace()
      case 'insert':
        return this.#insert()
      case 'undo_edit':
        return this.#undo()
      default:
        throw invalid('command', this.#command, `It must be one of ${EDITOR_COMMANDS.join(', ')}.`)
    }
  }

  async #view(): Promise<string> {
    const found = await findPath(this.#context.sandbox, this.#path())
    if (found.kind === 'nothing') throw notThere(found.path)
    const range = this.#args['view_range']
    if (found.kind === 'directory') {
      if (range !== undefined) throw invalid('view_range', range, 'A directory has no lines: leave the parameter out.')
      return viewDirectory(this.#context.sandbox, found.path, this.#context.signal)
    }
    const { text, path } = found.file
    return range === undefined || isEmptyArray(range)
      ? numbered(withoutLastNewline(text), path)
      : ranged(path, text, range)
  }

  async #create(): Promise<string> {
    const found = await findPath(this.#context.sandbox, this.#path())
    if (found.kind !== 'nothing') {
      const what = found.kind === 'file' ? 'A file' : 'A directory'
      throw invalid('path', found.path, `${what} is there already, and \`create\` does not overwrite anything.`)
    }
    const text = this.#required('file_text')
    await writeText(this.#context.sandbox, { path: found.path, text: '', end: 'lf' }, text)
    return `File created successfully at: ${found.path}`
  }

  async #replace(): Promise<string> {
    const file = await this.#file()
    const oldText = this.#required('old_str')
    const newText = this.#text('new_str') ?? ''
    const edit = replaced(file.path, file.text, toLf(oldText, file.end), toLf(newText, file.end))
    await this.#write(file, edit.text)
    return editedReply(file.path, edit.text, edit.firstLine, edit.newLines)
  }

  async #insert(): Promise<string> {
    const file = await this.#file()
    const line = this.#args['insert_line']
    if (line === undefined) throw missing('insert_line', this.#command)
    const newText = this.#required('new_str')
    if (typeof line !== 'number' || !Number.isInteger(line))
      throw invalid('insert_line', line, 'It must be an integer.')
    const edit = inserted(file.text, line, toLf(newText, file.end))
    await this.#write(file, edit.text)
    return editedReply(file.path, edit.text, edit.firstLine, edit.newLines)
  }

  async #undo(): Promise<string> {
    const file = await this.#file()
    const before = this.#history.pop(file.path)
    if (before === undefined) throw new EditorRefusal(`No edit history found for ${file.path}.`)
    await writeText(this.#context.sandbox, file, before)
    return `The last edit of ${file.path} was undone. ${numbered(withoutLastNewline(before), file.path)}`
  }

  async #write(file: TextFile, text: string): Promise<void> {
    await writeText(this.#context.sandbox, file, text)
    this.#history.push(file.path, file.text)
  }

  /** The file that an edit is about. */
  async #file(): Promise<TextFile> {
    const found = await findPath(this.#context.sandbox, this.#path())
    if (found.kind === 'nothing') throw notThere(found.path)
    if (found.kind === 'file') return found.file
    throw invalid('path', found.path, 'It is a directory, and only `view` works on directories.')
  }

  #path(): string {
    return this.#required('path')
  }

  #required(parameter: string): string {
    const text = this.#text(parameter)
    if (text === undefined) throw missing(parameter, this.#command)
    return text
  }

  #text(parameter: string): string | undefined {
    const value = this.#args[parameter]
    return typeof value === 'string' ? value : undefined
  }
}

function ranged(path: string, text: string, range: Json): string {
  const [first, second, ...rest] = Array.isArray(range) ? (range as readonly Json[]) : []
  if (!Number.isInteger(first) || !Number.isInteger(second) || rest.length > 0) {
    throw invalid('view_range', range, 'It must be a list of two integers.')
  }
  const [from, wanted] = [Number(first), Number(second)]
  const lines = countLines(text)
  if (from < 1 || from > lines) throw invalid('view_range', range, `Its first element must be within [1, ${lines}].`)
  const to = wanted === -1 ? lines : Math.min(wanted, lines)
  if (to < from) throw invalid('view_range', range, 'Its second element must not be smaller than its first.')
  const shown = numbered(linesBetween(text, from, to), path, from)
  return wanted > lines ? `${shown}NOTE: The file has ${lines} lines, so it is shown up to line ${lines}.\n` : shown
}

function notThere(path: string): EditorRefusal {
  return invalid('path', path, 'There is nothing at this path. Please give one that exists.')
}

function isEmptyArray(value: Json): boolean {
  return Array.isArray(value) && value.length === 0
}

function withoutLastNewline(text: string): string {
  return text.endsWith('\n') ? text.slice(0, -1) : text
}
