import type { Message } from '../domain/message.ts'
import type { ActionKind } from '../domain/trajectory.ts'
import type { TaskDefinition } from '../domain/task.ts'
import type { CallFormat } from './call-format/call-format.ts'
import type { ParsedCall } from './call-format/parsed-reply.ts'
import type { RolloutLimits } from './limits.ts'
import type { Tool, ToolContext, ToolResult } from './tool.ts'

/** A framework: which tools a Policy has, what it is told, and what happens between its replies. Holds no state. */
export interface Profile {
  /** `openhands`, `staged`. */
  readonly name: string
  /** Changes whenever texts, tools or rules change what a Policy sees; part of a Trajectory's provenance. */
  readonly version: string
  readonly format: CallFormat
  /** Whether a rollout may begin from a snapshot: its state is nothing but the files. Otherwise a prefix is replayed. */
  readonly snapshots: boolean
  start(task: TaskDefinition, limits: RolloutLimits): ProfileSession
}

/** A framework at work in one rollout. */
export interface ProfileSession {
  /** The same from the first query to the last. */
  readonly tools: readonly Tool[]
  /** System and user message before the first reply. */
  readonly prompt: readonly Message[]
  /** Why a call may not run now, told to the Policy in place of its result; `undefined`: it may. */
  refuse(call: ParsedCall): string | undefined
  /** Hears a Step before it is stored. @throws SandboxError where it works on files itself. */
  afterStep(step: StepDone, context: ToolContext): ProfileAnswer | undefined | Promise<ProfileAnswer | undefined>
  /** The automatic answer to a reply without a call. */
  afterMessage(message: MessageFacts): string
}

/** What a Step did. */
export interface StepDone {
  readonly kind: ActionKind
  /** Calls that ran, in order. */
  readonly calls: readonly { readonly call: ParsedCall; readonly result: ToolResult }[]
}

/** What a framework adds to a Step. */
export interface ProfileAnswer {
  /** Appended to the Observation as a user message. */
  readonly note?: string
  readonly end?: 'finished' | 'gave-up'
}

/** A reply without a call. */
export interface MessageFacts {
  /** How many such replies came in a row, this one included; ≥ 1. */
  readonly count: number
  /** `empty`: no text at all · `cut`: it reached the token limit before a call. */
  readonly shape: 'text' | 'empty' | 'cut'
}
