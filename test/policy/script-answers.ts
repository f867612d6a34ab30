import type { ScriptEntry, ScriptLine } from '../../src/policy/script.ts'
import { type Answer, refusal } from './openai-answers.ts'
import type { ChatHandler, WireMessage } from './openai-server.ts'

export interface ScriptTroubles {
  /** Between deltas, milliseconds. */
  readonly delayMs?: number
  /** Each Nth request is answered 503, each Nth reply breaks off; 0: none. */
  readonly busyEvery?: number
  readonly cutEvery?: number
}

/**
 * Answers of a model server after a script. The server knows no tasks and runs: a line's task is looked for in the text of the
 * conversation, new conversations take the fitting lines in turn, and one that goes on keeps the line its first replies came from.
 */
export function createScriptAnswers(lines: readonly ScriptLine[], troubles: ScriptTroubles = {}): ChatHandler {
  const { delayMs = 0, busyEvery = 0, cutEvery = 0 } = troubles
  const begun = new Map<string | undefined, number>()
  return ({ body }, index) => {
    if (busyEvery > 0 && (index + 1) % busyEvery === 0) return refusal(503, 'The server is overloaded')
    const said = body.messages.filter((message) => message.role === 'assistant')
    const fitting = fittingLines(lines, body.messages)
    const line = said.length === 0 ? inTurn(fitting, begun) : fitting.find((candidate) => begins(candidate, said))
    const entry = line?.replies[line.repeat ? said.length % line.replies.length : said.length]
    if (entry === undefined) return refusal(400, `the script has no reply ${said.length + 1} for this conversation`)
    const answer = answerOf(entry)
    const cuts = cutEvery > 0 && (index + 1) % cutEvery === 0
    return typeof answer === 'string' || 'status' in answer
      ? answer
      : { ...answer, delayMs, ...(cuts ? { cutAfter: 2 } : {}) }
  }
}

function fittingLines(lines: readonly ScriptLine[], messages: readonly WireMessage[]): readonly ScriptLine[] {
  const text = messages.map((message) => message.content ?? '').join('\n')
  const named = lines.filter(({ task }) => task !== undefined && text.includes(task))
  return named.length > 0 ? named : lines.filter(({ task }) => task === undefined)
}

function inTurn(lines: readonly ScriptLine[], begun: Map<string | undefined, number>): ScriptLine | undefined {
  const task = lines[0]?.task
  const before = begun.get(task) ?? 0
  begun.set(task, before + 1)
  return lines[before % Math.max(1, lines.length)]
}

function begins(line: ScriptLine, said: readonly WireMessage[]): boolean {
  return said.every((message, at) => {
    const entry = line.replies[line.repeat ? at % line.replies.length : at]
    return entry !== undefined && same(entry, message)
  })
}

/** Compares names only where there are calls: a client may write the same arguments otherwise. */
function same(entry: ScriptEntry, message: WireMessage): boolean {
  const { content = '', toolCalls = [] } = typeof entry === 'string' ? { content: entry } : entry
  const names = (message.tool_calls ?? []).map((call) => call.function.name)
  return (message.content ?? '').startsWith(content) && names.join() === toolCalls.map((call) => call.name).join()
}

function answerOf(entry: ScriptEntry): Exclude<Answer, string> & object {
  if (typeof entry === 'string') return { content: entry }
  if (entry.fault !== undefined) return { status: 400, body: { error: { message: entry.fault } } }
  const { content, reasoning, toolCalls } = entry
  return {
    ...(content === undefined ? {} : { content }),
    ...(reasoning === undefined ? {} : { reasoning }),
    ...(toolCalls === undefined ? {} : { toolCalls }),
  }
}
