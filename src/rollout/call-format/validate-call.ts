import { isObject, type Json, type JsonObject } from '../../domain/json.ts'
import type { ToolCall } from '../../domain/message.ts'
import { isTooDeep, MAX_DEPTH } from '../../importers/json-depth.ts'
import type { Tool } from '../tool.ts'
import { quoted } from '../tools/clip.ts'
import { typedValue } from './typed-value.ts'

/** Parameters that frameworks ask for and that change nothing: dropped from every call of every tool. */
const IGNORED: ReadonlySet<string> = new Set(['security_risk', 'summary', 'task_completed'])

/** A call that may run, or why not: one sentence that names the tool, the parameter and what was expected. */
export type Validated =
  | {
      readonly tool: Tool
      /** What `tool.run` gets. */
      readonly args: JsonObject
      /** `args` and the ignored parameters, in the order written. */
      readonly written: JsonObject
    }
  | { readonly reason: string }

/**
 * Checks a call against its tool's JSON Schema (properties, required, type, enum: the part that tool definitions use).
 *
 * Values are coerced where their meaning is plain: numbers, booleans and arrays written as text, `null` for "not given".
 */
export function validateCall(call: ToolCall, tools: readonly Tool[]): Validated {
  const tool = toolNamed(call.name, tools)
  if (tool === undefined) return { reason: unknownTool(call.name, tools) }
  if (typeof call.arguments === 'string') {
    return {
      reason: `The arguments of function \`${tool.name}\` are not a JSON object: ${quoted(call.arguments.trim())}.`,
    }
  }
  if (isTooDeep(call.arguments)) {
    return { reason: `The arguments of function \`${tool.name}\` nest deeper than ${MAX_DEPTH} levels.` }
  }
  return validateArguments(tool, call.arguments)
}

function toolNamed(name: string, tools: readonly Tool[]): Tool | undefined {
  return tools.find((tool) => tool.name === name) ?? tools.find((tool) => tool.aliases.includes(name))
}

function unknownTool(name: string, tools: readonly Tool[]): string {
  const known = tools.map((tool) => `\`${tool.name}\``).join(', ')
  if (name === '') return `The call names no function. Available functions: ${known}.`
  return `Function ${quoted(name)} does not exist. Available functions: ${known}.`
}

function validateArguments(tool: Tool, given: JsonObject): Validated {
  const { properties, required } = schemaOf(tool)
  const args: [string, Json][] = []
  const written: [string, Json][] = []
  for (const [key, value] of Object.entries(given)) {
    const schema = Object.hasOwn(properties, key) ? properties[key] : undefined
    if (schema === undefined && (IGNORED.has(key) || tool.ignored.includes(key))) {
      written.push([key, value])
      continue
    }
    if (schema === undefined) return { reason: unknownParameter(tool, key, Object.keys(properties)) }
    if (value === null) continue
    const typed = typedValue(value, schema)
    if ('expected' in typed) return { reason: badValue(tool, key, typed.expected, value) }
    args.push([key, typed.value])
    written.push([key, typed.value])
  }
  const found = Object.fromEntries(args)
  const missing = required.find((key) => !Object.hasOwn(found, key))
  if (missing !== undefined) return { reason: missingParameter(tool, missing, properties[missing]) }
  return { tool, args: found, written: Object.fromEntries(written) }
}

function schemaOf(tool: Tool): { properties: Record<string, unknown>; required: readonly string[] } {
  const { properties, required } = tool.definition.parameters
  return {
    properties: isObject(properties) ? properties : {},
    required: Array.isArray(required) ? required.filter((key) => typeof key === 'string') : [],
  }
}

function unknownParameter(tool: Tool, key: string, known: readonly string[]): string {
  const allowed = known.length === 0 ? 'It takes none.' : `Allowed: ${known.map((name) => `\`${name}\``).join(', ')}.`
  return `Parameter ${quoted(key)} is not allowed for function \`${tool.name}\`. ${allowed}`
}

function missingParameter(tool: Tool, key: string, schema: unknown): string {
  const type = isObject(schema) && typeof schema['type'] === 'string' ? ` (${schema['type']})` : ''
  return `Missing required parameter \`${key}\`${type} of function \`${tool.name}\`.`
}

function badValue(tool: Tool, key: string, expected: string, value: Json): string {
  const got = typeof value === 'object' ? (Array.isArray(value) ? 'an array' : 'an object') : quoted(String(value))
  return `Parameter \`${key}\` of function \`${tool.name}\` must be ${expected}, got ${got}.`
}
