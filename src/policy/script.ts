import type { ToolCall } from '../domain/message.ts'
import type { PolicyRequest } from './policy.ts'
import type { PolicyFault } from './policy-error.ts'

/** A reply as a script writes it. */
export interface ScriptedReply {
  readonly content?: string
  readonly reasoning?: string
  readonly toolCalls?: readonly ToolCall[]
  readonly finish?: 'stop' | 'length' | 'calls'
  /** Before the reply, milliseconds; over the line's own. */
  readonly delayMs?: number
  /** Instead of a reply: this failure. */
  readonly fault?: PolicyFault
}

/** A text is a reply without native calls. */
export type ScriptEntry = string | ScriptedReply

/** The replies of one run, from its first to its last Step. */
export interface ScriptLine {
  /** For this Task only; lines without one serve the Tasks that have no line of their own. */
  readonly task?: string
  readonly replies: readonly ScriptEntry[]
  /** Before each reply, milliseconds. */
  readonly delayMs?: number
  /** Begin again when the replies are used up, instead of failing. */
  readonly repeat?: boolean
}

/** Which reply is wanted. */
export interface ScriptPlace {
  readonly task: string | undefined
  /** 0 for a Task's first run; draws beyond the first of one prompt count as further runs. */
  readonly run: number
  /** Replies in the conversation before this one. */
  readonly turn: number
}

/** Chooses each reply; must depend on nothing but its arguments, or resuming a rollout will not repeat it. */
export type ScriptFunction = (request: PolicyRequest, place: ScriptPlace) => ScriptEntry | Promise<ScriptEntry>

/** Lines (as a script file holds them), the replies of every run, or a function. */
export type Script = readonly ScriptLine[] | readonly ScriptEntry[] | ScriptFunction
