import type { JsonObject } from '../../domain/json.ts'
import type { Message, ToolCall } from '../../domain/message.ts'
import type { Tool } from '../tool.ts'

/** One call that may run: its tool is known and its arguments are what the tool's schema asks for. */
export interface ParsedCall {
  /** The call's id where the form has ids (native calls; `call_1`, … where the server gave none). */
  readonly id?: string
  readonly tool: Tool
  /** The call as the Policy made it: its own name for the tool, ignored parameters included. */
  readonly call: ToolCall
  /** What `tool.run` gets: typed, without ignored parameters. */
  readonly args: JsonObject
}

interface Read {
  /**
   * The reply as it goes on in the conversation and into the Step: literal, but for an end tag that the stop sequence took
   * away and for call ids that a server left out.
   */
  readonly reply: Message
  /** The reply's text without the call. */
  readonly thought: string
  /** Where the calls stand: inside `reply.content` (the Step needs them as `calls`) or in `reply.toolCalls`. */
  readonly written: 'text' | 'native'
}

/** A reply with at least one call, all of which may run, in order. */
export interface ReplyCalls extends Read {
  readonly kind: 'call'
  readonly calls: readonly ParsedCall[]
}

/** A reply that tried to call a tool and cannot be run; none of its calls ran. */
export interface MalformedReply extends Read {
  readonly kind: 'malformed'
  /** Why, one sentence; `StepDraft.malformed`. */
  readonly reason: string
  /** What the Policy is told. `CallFormat.results` makes messages of it. */
  readonly feedback: string
  /** The calls as far as they could be read. */
  readonly calls: readonly ToolCall[]
}

/** A reply without any call; its text may be empty. */
export interface PlainReply extends Read {
  readonly kind: 'message'
}

export type ParsedReply = ReplyCalls | MalformedReply | PlainReply
