import type { JsonObject } from '../../domain/json.ts'
import { bashWord } from '../../sandbox/bash-word.ts'
import type { Tool, ToolContext, ToolResult } from '../tool.ts'
import { headOf } from '../tools/clip.ts'
import { definitionAt, numberedLines, skeletonOf } from './code-lines.ts'
import { insideRepository, readSource } from './repository-path.ts'

const TIMEOUT_MS = 30_000
const MAX_OUTPUT = 256 * 1024
/** Places whose code is shown; of further ones only file and line. */
const SHOWN = 5
const LISTED = 40
const AROUND_CODE = 3
const AROUND_LINE = 20
const MAX_AROUND = 100
const MAX_TEXT = 16_000

const SKIPPED_FOLDERS = ['.git', 'node_modules', '__pycache__', '.venv', '.tox', 'dist', 'build']

const PATH = { type: 'string', description: 'Only in this file or folder. Default: the whole repository.' }

interface Place {
  readonly path: string
  readonly line: number
}

/** How a place is shown, from the lines of its file. */
type Show = (lines: readonly string[], at: number) => string

/**
 * The search functions of AutoCodeRover (arXiv 2404.05427 §3.1) over any language with `class`, `def` or `function`: they read,
 * never write, and show code instead of paths.
 */
export function createSearchTools(): Tool[] {
  return [
    searchTool(
      'search_class',
      'class_name',
      'Finds a class by its name and shows the heads of its methods.',
      (name) => ({
        pattern: `^[[:space:]]*(export[[:space:]]+)?(default[[:space:]]+)?(abstract[[:space:]]+)?class[[:space:]]+${name}([^[:alnum:]_$]|$)`,
        show: skeletonOf,
      }),
    ),
    searchTool(
      'search_method',
      'method_name',
      'Finds a method or function by its name and shows its code.',
      (name) => ({
        pattern: `(def|function\\*?)[[:space:]]+${name}[[:space:]]*[(]|^[[:space:]]*((static|async|get|set|export|public|private)[[:space:]]+)*${name}[[:space:]]*[(][^;]*[)][^;]*[{][[:space:]]*$|(const|let|var)[[:space:]]+${name}[[:space:]]*=[[:space:]]*(async[[:space:]]*)?([(]|function|[[:alnum:]_$]+[[:space:]]*=>)`,
        show: (lines, at) => numberedLines(definitionAt(lines, at), at),
      }),
    ),
    codeTool(),
    viewTool(),
  ]
}

function searchTool(
  name: string,
  parameter: string,
  description: string,
  plan: (name: string) => { pattern: string; show: Show },
): Tool {
  return {
    name,
    aliases: [],
    definition: {
      name,
      description,
      parameters: {
        type: 'object',
        properties: { [parameter]: { type: 'string', description: 'The name alone, as it is defined.' }, path: PATH },
        required: [parameter],
      },
    },
    ignored: [],
    run(args, context) {
      const wanted = textOf(args, parameter).trim()
      if (!/^[\w$]{1,200}$/.test(wanted))
        return Promise.resolve(refused(`Parameter \`${parameter}\` must be a name: letters, digits, _ or $.`))
      const { pattern, show } = plan(wanted.replaceAll('$', '[$]'))
      return search(['-E', pattern], `definition of ${wanted}`, show, args, context)
    },
  }
}

function codeTool(): Tool {
  return {
    name: 'search_code',
    aliases: [],
    definition: {
      name: 'search_code',
      description: 'Finds a piece of code, letter for letter within one line, and shows the lines around it.',
      parameters: {
        type: 'object',
        properties: { code: { type: 'string', description: 'The text to find.' }, path: PATH },
        required: ['code'],
      },
    },
    ignored: [],
    run(args, context) {
      const code = textOf(args, 'code').trim()
      if (code === '' || code.length > 1000 || /[\n\0]/.test(code))
        return Promise.resolve(refused('Parameter `code` must be one line of 1 to 1000 characters.'))
      return search(['-F', code], `line with ${headOf(code, 100)}`, around, args, context)
    },
  }
}

const around: Show = (lines, at) => {
  const from = Math.max(1, at - AROUND_CODE)
  return numberedLines(lines.slice(from - 1, at + AROUND_CODE), from)
}

function viewTool(): Tool {
  return {
    name: 'view_lines',
    aliases: [],
    definition: {
      name: 'view_lines',
      description: 'Shows the lines of a file around a line number.',
      parameters: {
        type: 'object',
        properties: {
          path: { type: 'string', description: 'The file.' },
          line: { type: 'integer', description: 'Line number, from 1.' },
          around: {
            type: 'integer',
            description: `Lines before and after it, at most ${MAX_AROUND}. Default ${AROUND_LINE}.`,
          },
        },
        required: ['path', 'line'],
      },
    },
    ignored: [],
    async run(args, context) {
      const file = await readSource(textOf(args, 'path'), context)
      if (typeof file === 'string') return refused(file)
      const lines = file.text.split('\n')
      const line = Number(args['line'])
      if (line < 1 || line > lines.length) return refused(`${file.path} has ${lines.length} lines.`)
      const reach = Math.min(Math.max(Number(args['around'] ?? AROUND_LINE), 0), MAX_AROUND)
      const from = Math.max(1, line - reach)
      return told(`${file.name}:\n${numberedLines(lines.slice(from - 1, line + reach), from)}`)
    },
  }
}

async function search(
  [kind, pattern]: readonly [string, string],
  what: string,
  show: Show,
  args: JsonObject,
  context: ToolContext,
): Promise<ToolResult> {
  const { sandbox, signal } = context
  const root = insideRepository(textOf(args, 'path') || '.', sandbox.workdir)
  if (root === undefined || root.includes('\0'))
    return refused(`Parameter \`path\` must lie inside ${sandbox.workdir}.`)
  const skipped = SKIPPED_FOLDERS.map((folder) => `--exclude-dir=${folder}`).join(' ')
  const script = `[ -e ${bashWord(root)} ] || { echo sealign-absent; exit 0; }
grep -rnIHZ ${skipped} -m 200 ${kind} -e ${bashWord(pattern)} -- ${bashWord(root)} 2>/dev/null | cut -c 1-1000 | head -n 400`
  const { output } = await sandbox.exec(script, { timeoutMs: TIMEOUT_MS, maxBytes: MAX_OUTPUT, signal })
  if (output.startsWith('sealign-absent')) return refused(`${root} does not exist.`)
  const places = placesIn(output)
  if (places.length === 0) return refused(`Found no ${what}.`)
  return told(await shown(places, what, show, context))
}

/** `grep -Z`: path, NUL, line number, colon, text. */
function placesIn(output: string): Place[] {
  const places = output.split('\n').flatMap((row) => {
    const [path, rest] = row.split('\0')
    const line = Number.parseInt(rest ?? '', 10)
    return path !== undefined && line > 0 ? [{ path, line }] : []
  })
  return places.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : a.line - b.line))
}

async function shown(places: readonly Place[], what: string, show: Show, context: ToolContext): Promise<string> {
  const name = (path: string): string => path.slice(context.sandbox.workdir.length + 1)
  const parts = [`Found ${places.length} ${places.length === 1 ? 'place' : 'places'} (${what}).`]
  for (const place of places.slice(0, SHOWN)) {
    const file = await readSource(place.path, context)
    if (typeof file === 'string') continue
    parts.push(`${file.name}:${place.line}\n${show(file.text.split('\n'), place.line)}`)
  }
  const others = places.slice(SHOWN, LISTED).map(({ path, line }) => `${name(path)}:${line}`)
  if (others.length > 0) parts.push(`Also at:\n${others.join('\n')}`)
  const text = parts.join('\n\n')
  return text.length > MAX_TEXT ? `${headOf(text, MAX_TEXT)}\n[the rest is left out]` : text
}

function textOf(args: JsonObject, key: string): string {
  const value = args[key]
  return typeof value === 'string' ? value : ''
}

function told(text: string): ToolResult {
  return { text, failed: false }
}

function refused(text: string): ToolResult {
  return { text: `ERROR:\n${text}`, failed: true }
}
