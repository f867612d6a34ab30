import type { Message } from '../../domain/message.ts'
import { functionTagCalls } from '../../importers/text-calls.ts'
import type { Tool } from '../tool.ts'
import type { CallFormat } from './call-format.ts'
import type { ParsedReply } from './parsed-reply.ts'
import { malformedFeedback, renderResults } from './result-text.ts'
import { renderToolDocs } from './tool-docs.ts'
import { validateCall } from './validate-call.ts'
import { withWorkedExample } from './worked-example.ts'

/** Ends a reply: nothing may follow a call. The server swallows it; `parse` puts the end tag back. */
export const TEXT_STOP: readonly string[] = ['</function']

const HOW =
  'Write one call as `<function=NAME>`, then `<parameter=KEY>VALUE</parameter>` for each parameter, then `</function>`.'

export interface TextFormatOptions {
  /**
   * `true`: white space around every value goes (OpenHands V1, R2E-Gym). `false`, the default: only the one newline on each
   * side that the form puts around long values goes, so that texts to be replaced keep their indentation.
   */
  readonly strip?: boolean
}

/**
 * Calls written as text after the OpenHands manner (`fn_call_converter.py`); one call per reply.
 *
 * `parse`: the first complete call wins, text after it counts for nothing; a call that the stop text cut off is closed; the
 * slip `<parameter=key=value</parameter>` is read as meant; `<tool_call>` and `</think>` around a call are dropped.
 */
export function createTextFormat({ strip = false }: TextFormatOptions = {}): CallFormat {
  return {
    name: 'text',
    stop: TEXT_STOP,
    parse: (reply, tools) => parseTextCall(reply, tools, strip),
    results: (parsed, results) => {
      if (parsed.kind === 'call') return renderResults(parsed.calls, results)
      return parsed.kind === 'malformed' ? [{ role: 'user', content: parsed.feedback }] : []
    },
    tools: () => undefined,
    systemText: renderToolDocs,
    firstUserText: withWorkedExample,
  }
}

/** The text form with its default options. */
export const textFormat: CallFormat = createTextFormat()

/** Reads the call in a reply's text. Also reads calls that a server's own parser left in the text of a native reply. */
export function parseTextCall(reply: Message, tools: readonly Tool[], strip = false): ParsedReply {
  const { before, rest } = behindThinking(reply.content)
  const read = functionTagCalls(rest)
  const found = read.calls?.[0]
  if (read.malformed !== undefined) {
    return malformed(reply, reply.content, `The call could not be read: ${read.malformed}.`)
  }
  if (found === undefined) return { kind: 'message', reply, written: 'text', thought: reply.content }
  const call = strip ? { ...found, arguments: stripped(found.arguments) } : found
  const thought = withoutWrappers(before + (read.thought ?? ''))
  const valid = validateCall(call, tools)
  if ('reason' in valid) return { ...malformed(reply, thought, valid.reason), calls: [call] }
  return {
    kind: 'call',
    reply: { ...reply, content: before + closed(rest) },
    written: 'text',
    thought,
    calls: [{ tool: valid.tool, call: { name: call.name, arguments: valid.written }, args: valid.args }],
  }
}

function malformed(reply: Message, thought: string, reason: string): ParsedReply & { kind: 'malformed' } {
  const feedback = malformedFeedback(reason, HOW)
  return { kind: 'malformed', reply, written: 'text', thought, reason, feedback, calls: [] }
}

/** A call weighed inside `<think>…</think>` does not count when the reply goes on to call after it. */
function behindThinking(content: string): { before: string; rest: string } {
  const end = content.lastIndexOf('</think>')
  const call = end < 0 ? -1 : content.indexOf('<function=', end)
  return call < 0 ? { before: '', rest: content } : { before: content.slice(0, call), rest: content.slice(call) }
}

/** A call that was read, with the end tag that the stop text took away. */
function closed(content: string): string {
  if (content.includes('</function>', content.indexOf('<function='))) return content
  const tail = ['</function', '</'].find((cut) => content.endsWith(cut)) ?? ''
  return `${content.slice(0, content.length - tail.length).trimEnd()}\n</function>`
}

/** The thought without the tags that models and chat templates put between it and the call. */
function withoutWrappers(thought: string): string {
  let text = thought.trim()
  for (const tag of ['<tool_call>', '</think>']) {
    if (text.endsWith(tag)) text = text.slice(0, -tag.length).trimEnd()
  }
  const opens = text.startsWith('<think>') && !text.includes('</think>')
  return opens ? text.slice('<think>'.length).trimStart() : text
}

function stripped<Arguments>(args: Arguments): Arguments {
  if (typeof args !== 'object' || args === null) return args
  const entries = Object.entries(args).map(([key, value]) => [key, typeof value === 'string' ? value.trim() : value])
  return Object.fromEntries(entries) as Arguments
}
