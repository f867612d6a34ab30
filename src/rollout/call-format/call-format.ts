import type { Json } from '../../domain/json.ts'
import type { Message } from '../../domain/message.ts'
import type { Tool, ToolResult } from '../tool.ts'
import type { ParsedReply } from './parsed-reply.ts'

/** How tools are told to a Policy, how its calls are read, and how results go back. Holds no state. */
export interface CallFormat {
  readonly name: 'text' | 'native'
  /** Reads a reply; never throws, whatever the reply holds. */
  parse(reply: Message, tools: readonly Tool[]): ParsedReply
  /**
   * The messages that answer a reply.
   *
   * @param results - of its calls in order; a call without one (the rollout ended before it) is answered as not run.
   *   Not looked at for a malformed reply, which is answered by its feedback; a plain message is answered by nobody: `[]`.
   */
  results(parsed: ParsedReply, results: readonly ToolResult[]): Message[]
  /** `PolicyRequest.stop`. */
  readonly stop: readonly string[] | undefined
  /** `PolicyRequest.tools`; `undefined` when the tools are told in the system message. */
  tools(tools: readonly Tool[]): readonly Json[] | undefined
  /** What the system message ends in; `''`: nothing. */
  systemText(tools: readonly Tool[]): string
  /** The first user message: the task, with a worked example around it where the form needs one. */
  firstUserText(task: string, tools: readonly Tool[]): string
}
