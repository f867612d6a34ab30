import { isObject, type JsonObject } from '../../domain/json.ts'
import type { Tool, ToolContext, ToolResult } from '../tool.ts'
import { headAndTail } from '../tools/clip.ts'
import { numberedLines } from './code-lines.ts'
import { readSource } from './repository-path.ts'

const MAX_LOCATIONS = 10
const MAX_LINES = 200
const MAX_OUTPUT = 20_000

function tool(name: string, description: string, parameters: JsonObject, run: Tool['run']): Tool {
  return { name, aliases: [], definition: { name, description, parameters }, ignored: [], run }
}

/** `done_searching`: ends the search before its turns are used up. */
export function createDoneSearching(): Tool {
  return tool(
    'done_searching',
    'Says that enough code was seen.',
    { type: 'object', properties: {}, required: [] },
    () => Promise.resolve({ text: 'The search is over.', failed: false }),
  )
}

/** `locate`: names the places that have to change, and shows their code. */
export function createLocate(): Tool {
  return tool(
    'locate',
    'Names the places that have to change.',
    {
      type: 'object',
      properties: {
        locations: {
          type: 'array',
          description: `List of 1 to ${MAX_LOCATIONS} objects {"path", "start", "end"}: file, first and last line.`,
          items: {
            type: 'object',
            properties: { path: { type: 'string' }, start: { type: 'integer' }, end: { type: 'integer' } },
            required: ['path'],
          },
        },
      },
      required: ['locations'],
    },
    async (args, context) => {
      const { locations } = args
      if (!Array.isArray(locations) || locations.length === 0 || locations.length > MAX_LOCATIONS)
        return refused(`Parameter \`locations\` must be a list of 1 to ${MAX_LOCATIONS} objects.`)
      const parts: string[] = []
      for (const location of locations as readonly unknown[]) {
        const part = await locationText(location, context)
        if (part.refusal !== undefined) return refused(part.refusal)
        parts.push(part.text)
      }
      return { text: headAndTail(parts.join('\n\n'), MAX_OUTPUT, '[the middle is left out]'), failed: false }
    },
  )
}

async function locationText(
  location: unknown,
  context: ToolContext,
): Promise<{ text: string; refusal?: undefined } | { refusal: string }> {
  const { path, start, end } = isObject(location) ? location : {}
  if (typeof path !== 'string') return { refusal: 'Every location must be an object with a text `path`.' }
  const file = await readSource(path, context)
  if (typeof file === 'string') return { refusal: file }
  const lines = file.text.split('\n')
  const from = typeof start === 'number' && Number.isInteger(start) ? start : 1
  const to = typeof end === 'number' && Number.isInteger(end) ? end : lines.length
  if (from < 1 || from > lines.length || to < from)
    return { refusal: `${file.path} has ${lines.length} lines; ${from} to ${to} is no part of it.` }
  return { text: `${file.name}:\n${numberedLines(lines.slice(from - 1, Math.min(to, from - 1 + MAX_LINES)), from)}` }
}

/** `run_check`: one command in the repository, in a process of its own. */
export function createRunCheck(timeoutMs: number): Tool {
  return tool(
    'run_check',
    'Runs a shell command in the repository: a test, or a script that shows whether the patch works.',
    {
      type: 'object',
      properties: { command: { type: 'string', description: 'The command.' } },
      required: ['command'],
    },
    async (args, { sandbox, signal, onOutput }) => {
      const command = typeof args['command'] === 'string' ? args['command'] : ''
      if (command.trim() === '' || command.includes('\0')) return refused('Parameter `command` must be a command.')
      const decoder = new TextDecoder()
      const result = await sandbox.exec(command, {
        timeoutMs,
        maxBytes: 128 * 1024,
        signal,
        ...(onOutput ? { onOutput: (chunk) => onOutput(decoder.decode(chunk, { stream: true })) } : {}),
      })
      const how = result.timedOut
        ? `[The command was stopped after ${timeoutMs / 1000} seconds]`
        : result.outOfMemory
          ? '[The command ran out of memory and was killed]'
          : `[Command finished with exit code ${result.exitCode ?? -1}]`
      const shown = headAndTail(result.output.trimEnd(), MAX_OUTPUT, '[the middle is left out]')
      const { exitCode } = result
      return { text: `${shown}\n${how}`, failed: false, ...(exitCode === undefined ? {} : { exitCode }) }
    },
  )
}

/** `judge_patch`: ends the check. */
export function createJudgePatch(): Tool {
  return tool(
    'judge_patch',
    'Says whether the patch solves the task.',
    {
      type: 'object',
      properties: {
        correct: { type: 'string', enum: ['true', 'false'], description: 'Whether the patch is right.' },
        reason: { type: 'string', description: 'Why, in a sentence or two.' },
      },
      required: ['correct'],
    },
    () => Promise.resolve({ text: 'The judgement was noted.', failed: false }),
  )
}

function refused(text: string): ToolResult {
  return { text: `ERROR:\n${text}`, failed: true }
}
