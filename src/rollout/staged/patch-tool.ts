import { isObject } from '../../domain/json.ts'
import { bashWord } from '../../sandbox/bash-word.ts'
import type { Tool, ToolContext, ToolResult } from '../tool.ts'
import { insideRepository, readSource } from './repository-path.ts'

const MAX_EDITS = 20

interface Edit {
  readonly path: string
  readonly original: string
  readonly patched: string
}

/** The tool that writes a patch, and what takes the patch back. */
export interface PatchTool {
  readonly tool: Tool
  /** Puts every file back to its text before the first patch. @throws SandboxError. */
  undo(context: ToolContext): Promise<void>
}

/** `write_patch`: all edits of one patch at once, applied only when every one of them fits. */
export function createPatchTool(): PatchTool {
  const before = new Map<string, string | undefined>()
  return {
    tool: {
      name: 'write_patch',
      aliases: [],
      definition: {
        name: 'write_patch',
        description:
          'Changes the code. Each edit replaces one piece of a file by another; nothing is changed unless all edits fit.',
        parameters: {
          type: 'object',
          properties: {
            edits: {
              type: 'array',
              description:
                'List of objects {"path", "original", "patched"}. `original` is copied from the file letter for letter and stands there exactly once; an empty `original` makes a new file.',
              items: {
                type: 'object',
                properties: { path: { type: 'string' }, original: { type: 'string' }, patched: { type: 'string' } },
                required: ['path', 'original', 'patched'],
              },
            },
          },
          required: ['edits'],
        },
      },
      ignored: [],
      async run(args, context) {
        const edits = editsOf(args['edits'])
        if (typeof edits === 'string') return refused(edits)
        const texts = await applied(edits, context, before)
        if (typeof texts === 'string') return refused(texts)
        for (const [path, text] of texts) await context.sandbox.writeFile(path, text)
        return { text: `The patch was written: ${edits.length} edits in ${texts.size} files.`, failed: false }
      },
    },
    async undo(context) {
      for (const [path, text] of before) {
        if (text === undefined) await remove(path, context)
        else await context.sandbox.writeFile(path, text)
      }
      before.clear()
    },
  }
}

async function remove(path: string, { sandbox, signal }: ToolContext): Promise<void> {
  await sandbox.exec(`rm -f -- ${bashWord(path)}`, { timeoutMs: 10_000, maxBytes: 1024, signal })
}

function editsOf(value: unknown): Edit[] | string {
  if (!Array.isArray(value) || value.length === 0 || value.length > MAX_EDITS)
    return `Parameter \`edits\` must be a list of 1 to ${MAX_EDITS} objects.`
  const edits: Edit[] = []
  for (const [index, edit] of value.entries()) {
    const { path, original, patched } = isObject(edit) ? edit : {}
    if (typeof path !== 'string' || typeof original !== 'string' || typeof patched !== 'string')
      return `Edit ${index + 1} must be an object with the texts \`path\`, \`original\` and \`patched\`.`
    if (original === patched) return `Edit ${index + 1} changes nothing: \`original\` and \`patched\` are the same.`
    edits.push({ path, original, patched })
  }
  return edits
}

/** The new texts by path, or why an edit does not fit. Remembers in `before` how each file was at first. */
async function applied(
  edits: readonly Edit[],
  context: ToolContext,
  before: Map<string, string | undefined>,
): Promise<Map<string, string> | string> {
  const texts = new Map<string, string>()
  const found = new Map<string, string | undefined>()
  for (const [index, edit] of edits.entries()) {
    const path = insideRepository(edit.path, context.sandbox.workdir)
    if (path === undefined || path.includes('\0'))
      return `Edit ${index + 1}: ${edit.path} is not inside ${context.sandbox.workdir}.`
    const text = texts.get(path) ?? (await textOf(path, context))
    if (text !== undefined && typeof text !== 'string') return `Edit ${index + 1}: ${text.refusal}`
    if (!found.has(path)) found.set(path, text)
    const next = edited(text, edit, path)
    if (typeof next !== 'string') return `Edit ${index + 1}: ${next.refusal}`
    texts.set(path, next)
  }
  for (const [path, text] of found) if (!before.has(path)) before.set(path, text)
  return texts
}

async function textOf(path: string, context: ToolContext): Promise<string | undefined | { refusal: string }> {
  const file = await readSource(path, context)
  if (typeof file !== 'string') return file.text
  return file.endsWith('does not exist.') ? undefined : { refusal: file }
}

function edited(text: string | undefined, { original, patched }: Edit, path: string): string | { refusal: string } {
  if (text === undefined)
    return original === '' ? patched : { refusal: `${path} does not exist, and \`original\` is not empty.` }
  if (original === '') return { refusal: `${path} exists already: \`original\` must not be empty.` }
  const at = text.indexOf(original)
  if (at < 0) return { refusal: `\`original\` does not stand in ${path}; copy it letter for letter.` }
  if (text.includes(original, at + 1))
    return { refusal: `\`original\` stands in ${path} more than once; take more lines around it.` }
  return text.slice(0, at) + patched + text.slice(at + original.length)
}

function refused(text: string): ToolResult {
  return { text: `ERROR:\n${text}\nNothing was changed.`, failed: true }
}
