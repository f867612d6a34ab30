import type { Message, ToolCall } from '../../domain/message.ts'
import { isTooDeep } from '../../importers/json-depth.ts'
import { functionTool, type Tool } from '../tool.ts'
import type { CallFormat } from './call-format.ts'
import { leakedCalls } from './leaked-calls.ts'
import type { MalformedReply, ParsedCall, ParsedReply } from './parsed-reply.ts'
import { answerOf, malformedFeedback, renderResults } from './result-text.ts'
import { parseTextCall } from './text-format.ts'
import { validateCall } from './validate-call.ts'

/** Calls of one reply; a reply with more is a run-away and none is run. */
const MAX_CALLS = 32

const HOW = 'Call a function again with arguments that fit its definition.'

/**
 * Calls as the server's own tool calls. Several calls in one reply run in order, all or none. Calls that a server's parser
 * left in the text (`<tool_call>{…}</tool_call>`, `<function=…>`) are read too; their results go back as a user message.
 */
export const nativeFormat: CallFormat = {
  name: 'native',
  stop: undefined,
  parse: parseNativeCalls,
  results: (parsed, results) => {
    if (parsed.kind === 'message') return []
    if (parsed.written === 'text') {
      return parsed.kind === 'call'
        ? renderResults(parsed.calls, results)
        : [{ role: 'user', content: parsed.feedback }]
    }
    return (parsed.reply.toolCalls ?? []).map((call, index) => ({
      role: 'tool',
      content: parsed.kind === 'call' ? answerOf(results[index]) : parsed.feedback,
      name: call.name,
      ...(call.id === undefined ? {} : { toolCallId: call.id }),
    }))
  },
  tools: (tools) => tools.map(functionTool),
  systemText: () => '',
  firstUserText: (task) => task,
}

function parseNativeCalls(reply: Message, tools: readonly Tool[]): ParsedReply {
  if (reply.toolCalls !== undefined && reply.toolCalls.length > 0) {
    const named = withIds(reply.toolCalls.map(bounded))
    return validated({ ...reply, toolCalls: named }, 'native', reply.content, named, tools)
  }
  const leaked = leakedCalls(reply.content)
  if (leaked !== undefined) return validated(reply, 'text', leaked.thought, leaked.calls, tools)
  if (reply.content.includes('<function=') && reply.content.includes('</function>')) return parseTextCall(reply, tools)
  return { kind: 'message', reply, written: 'native', thought: reply.content }
}

/** Arguments that nest absurdly deep cannot be written back as JSON: nothing of them is kept. */
function bounded(call: ToolCall): ToolCall {
  return isTooDeep(call.arguments) ? { ...call, arguments: '(arguments nested too deep to keep)' } : call
}

/** Gives every call an id of its own: `call_1`, … where the server gave none or the same one twice. */
function withIds(calls: readonly ToolCall[]): readonly ToolCall[] {
  const taken = new Set<string>()
  return calls.map((call, index) => {
    let id = call.id === undefined || call.id === '' || taken.has(call.id) ? `call_${index + 1}` : call.id
    while (taken.has(id)) id = `${id}_`
    taken.add(id)
    return id === call.id ? call : { ...call, id }
  })
}

function validated(
  reply: Message,
  written: 'text' | 'native',
  thought: string,
  calls: readonly ToolCall[],
  tools: readonly Tool[],
): ParsedReply {
  const malformed = (reason: string): MalformedReply => ({
    kind: 'malformed',
    reply,
    written,
    thought,
    reason,
    feedback: malformedFeedback(reason, HOW),
    calls,
  })
  if (calls.length > MAX_CALLS) return malformed(`The reply makes ${calls.length} calls; at most ${MAX_CALLS} are run.`)
  const parsed: ParsedCall[] = []
  for (const [index, call] of calls.entries()) {
    const valid = validateCall(call, tools)
    if ('reason' in valid) return malformed(calls.length === 1 ? valid.reason : `Call ${index + 1}: ${valid.reason}`)
    parsed.push({ ...(call.id === undefined ? {} : { id: call.id }), tool: valid.tool, call, args: valid.args })
  }
  return { kind: 'call', reply, written, thought, calls: parsed }
}
