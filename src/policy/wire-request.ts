import type { Json } from '../domain/json.ts'
import type { Message, ToolCall } from '../domain/message.ts'
import type { PolicyRequest, Sampling } from './policy.ts'

/** What one server was found to understand; changes when it refuses something. */
export interface Dialect {
  /** It takes `stream_options.include_usage`. */
  usageOption: boolean
  maxTokensField: 'max_tokens' | 'max_completion_tokens'
  logprobs: boolean
  /** It draws several replies to one request. */
  many: boolean
  /** Longest reply it allows, tokens. */
  replyTokens: number | undefined
}

export interface WirePrompt {
  readonly messages: string
  readonly tools: string | undefined
  /** UTF-8 length of both. */
  readonly bytes: number
}

/** Messages and tools as JSON, the part of a request whose size decides the prompt's tokens. */
export function wirePrompt({ messages, tools }: Pick<PolicyRequest, 'messages' | 'tools'>): WirePrompt {
  const list = JSON.stringify(messages.map(wireMessage))
  const definitions = tools === undefined || tools.length === 0 ? undefined : JSON.stringify(tools)
  const bytes = Buffer.byteLength(list) + (definitions === undefined ? 0 : Buffer.byteLength(definitions))
  return { messages: list, tools: definitions, bytes }
}

/** The body of a chat request. `stop` is left out beside tools: stop texts cut calls in two (vLLM issue 34101). */
export function wireBody(
  prompt: WirePrompt,
  options: {
    readonly model: string
    readonly sampling: Sampling
    readonly stop: readonly string[] | undefined
    readonly n: number
    readonly maxTokens: number | undefined
    readonly dialect: Readonly<Dialect>
  },
): string {
  const { model, sampling, stop, n, maxTokens, dialect } = options
  const fields = {
    model,
    stream: true,
    ...(dialect.usageOption ? { stream_options: { include_usage: true } } : {}),
    ...(sampling.temperature === undefined ? {} : { temperature: sampling.temperature }),
    ...(sampling.topP === undefined ? {} : { top_p: sampling.topP }),
    ...(sampling.seed === undefined ? {} : { seed: sampling.seed }),
    ...(sampling.logprobs && dialect.logprobs ? { logprobs: true } : {}),
    ...(maxTokens === undefined ? {} : { [dialect.maxTokensField]: maxTokens }),
    ...(n > 1 ? { n } : {}),
    ...(stop === undefined || stop.length === 0 || prompt.tools !== undefined ? {} : { stop }),
  }
  const tools = prompt.tools === undefined ? '' : `,"tools":${prompt.tools}`
  return `${JSON.stringify(fields).slice(0, -1)},"messages":${prompt.messages}${tools}}`
}

function wireMessage(message: Message): Json {
  const calls = message.toolCalls ?? []
  return {
    role: message.role,
    // An assistant message of calls alone has no content in the protocol; some servers refuse an empty text there.
    content: message.content === '' && calls.length > 0 ? null : message.content,
    ...(calls.length > 0 ? { tool_calls: calls.map(wireCall) } : {}),
    ...(message.role === 'tool' && message.toolCallId !== undefined ? { tool_call_id: message.toolCallId } : {}),
    ...(message.role === 'tool' && message.name !== undefined ? { name: message.name } : {}),
  }
}

/**
 * Servers parse the arguments of earlier calls to render their chat template, and answer 400 or 500 when one is no JSON object.
 * A malformed call is therefore sent back wrapped: `{"malformed": "the raw text"}`.
 */
function wireCall(call: ToolCall, at: number): Json {
  const args = typeof call.arguments === 'string' ? { malformed: call.arguments } : call.arguments
  return {
    id: call.id ?? `call_${at}`,
    type: 'function',
    function: { name: call.name, arguments: JSON.stringify(args) },
  }
}
