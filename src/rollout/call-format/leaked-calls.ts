import { isObject, type JsonObject } from '../../domain/json.ts'
import type { ToolCall } from '../../domain/message.ts'
import { isTooDeep } from '../../importers/json-depth.ts'

const OPEN = '<tool_call>'
const CLOSE = '</tool_call>'

/** More blocks than this are not looked at: the reply is refused for its many calls anyway. */
const MAX_BLOCKS = 100

/**
 * Calls that a model server left in the reply's text because its tool-call parser did not match the model (Hermes and Qwen
 * form): `<tool_call>{"name": …, "arguments": {…}}</tool_call>`, the last end tag may be missing.
 *
 * @returns the calls and the text before them; `undefined` when the text has no such block that begins like JSON. Arguments
 *   of a block that is not JSON (or nests absurdly deep) are its raw text, and its name is empty.
 */
export function leakedCalls(content: string): { calls: readonly ToolCall[]; thought: string } | undefined {
  const first = blockAt(content, 0)
  if (first === undefined) return undefined
  const calls: ToolCall[] = []
  for (let at: number | undefined = first; at !== undefined && calls.length < MAX_BLOCKS; ) {
    const close = content.indexOf(CLOSE, at)
    const end = close < 0 ? content.length : close
    calls.push(leakedCall(content.slice(at + OPEN.length, end).trim()))
    at = blockAt(content, end)
  }
  return { calls, thought: content.slice(0, first).trim() }
}

/** Index of the next opening tag that JSON follows. */
function blockAt(content: string, from: number): number | undefined {
  let at = content.indexOf(OPEN, from)
  while (at >= 0) {
    if (/^\s{0,20}\{/.test(content.slice(at + OPEN.length, at + OPEN.length + 21))) return at
    at = content.indexOf(OPEN, at + 1)
  }
  return undefined
}

function leakedCall(json: string): ToolCall {
  try {
    const block: unknown = JSON.parse(json)
    if (isObject(block) && typeof block['name'] === 'string' && !isTooDeep(block)) {
      return { name: block['name'], arguments: argumentsOf(block['arguments'] ?? block['parameters'] ?? {}) }
    }
  } catch {
    // Not JSON: the raw text is the malformed call.
  }
  return { name: '', arguments: json }
}

function argumentsOf(value: unknown): JsonObject | string {
  if (isObject(value)) return value as JsonObject
  return typeof value === 'string' ? parsedText(value) : JSON.stringify(value)
}

/** Some models write the arguments as a text that holds JSON. */
function parsedText(text: string): JsonObject | string {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) && !isTooDeep(value) ? (value as JsonObject) : text
  } catch {
    return text
  }
}
