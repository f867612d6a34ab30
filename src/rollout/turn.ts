import type { Message, ToolCall } from '../domain/message.ts'
import type { StepDraft } from '../domain/trajectory.ts'
import type { Policy, PolicyReply, ReplyDelta, Sampling } from '../policy/policy.ts'
import type { CallFormat } from './call-format/call-format.ts'
import type { ParsedReply } from './call-format/parsed-reply.ts'
import type { Acted } from './act.ts'
import { createChantWatch } from './chanting.ts'
import type { Conversation } from './conversation.ts'
import type { RolloutEvent } from './events.ts'
import { CHANTING_FEEDBACK, CHANTING_REASON } from './nudge.ts'
import type { ProfileSession } from './profile.ts'

/** Below this many tokens of room a reply's length is bounded by it even where nobody asked for a bound. */
const SMALL_ROOM = 4096

export interface Query {
  readonly policy: Policy
  readonly sampling: Sampling
  readonly format: CallFormat
  readonly session: ProfileSession
  readonly conversation: Conversation
  readonly signal: AbortSignal
  readonly tell: (event: RolloutEvent) => void
}

/** Asks the Policy for its next reply. @throws PolicyError, or an abort. */
export async function ask(query: Query): Promise<PolicyReply> {
  const { policy, format, session, conversation, signal, tell } = query
  const tools = format.tools(session.tools)
  const { stop } = format
  const chants = chantListener()
  let waiting = false
  tell({ type: 'phase', phase: 'query' })
  return policy.reply({
    messages: conversation.messages,
    ...(tools === undefined ? {} : { tools }),
    ...(stop === undefined ? {} : { stop }),
    sampling: bounded(query.sampling, conversation.room),
    signal,
    onDelta: (delta) => {
      if (waiting) tell({ type: 'phase', phase: 'query' })
      waiting = false
      chants.hear(delta)
      tell({ type: 'delta', channel: delta.channel, text: delta.text })
    },
    onRetry: ({ reason, attempt, waitMs }) => {
      waiting = true
      chants.reset()
      const note = `${reason}; attempt ${attempt + 1} in ${(waitMs / 1000).toFixed(1)} s`
      tell({ type: 'phase', phase: 'retry', note })
    },
    abandon: chants.heard,
  })
}

function bounded(sampling: Sampling, room: number): Sampling {
  const { maxTokens } = sampling
  if (maxTokens === undefined && room > SMALL_ROOM) return sampling
  return { ...sampling, maxTokens: Math.max(1, Math.min(maxTokens ?? room, room)) }
}

/** Words and reasoning are watched apart; arguments of calls are files, which may well repeat themselves. */
function chantListener() {
  const watches = { content: createChantWatch(), reasoning: createChantWatch() }
  let heard = false
  return {
    hear({ channel, text }: ReplyDelta): void {
      if (channel !== 'call' && watches[channel].push(text)) heard = true
    },
    heard: (): boolean => heard,
    reset(): void {
      watches.content.reset()
      watches.reasoning.reset()
      heard = false
    },
  }
}

/** Reads a reply; one that was ended because it chanted is malformed whatever it holds. */
export function read(reply: PolicyReply, format: CallFormat, session: ProfileSession): ParsedReply {
  const parsed = format.parse(reply.message, session.tools)
  if (reply.finish !== 'abandoned') return parsed
  return {
    kind: 'malformed',
    reply: parsed.reply,
    written: parsed.written,
    thought: parsed.thought,
    reason: CHANTING_REASON,
    feedback: CHANTING_FEEDBACK,
    calls: writtenCalls(parsed),
  }
}

/** The calls of a reply as the Policy made them, readable ones. */
export function writtenCalls(parsed: ParsedReply): readonly ToolCall[] {
  if (parsed.kind === 'message') return []
  return parsed.kind === 'malformed' ? parsed.calls : parsed.calls.map(({ call }) => call)
}

/** A Step without its Observation. */
export function draft(parsed: ParsedReply): StepDraft {
  const calls = writtenCalls(parsed)
  return {
    reply: parsed.reply,
    ...(parsed.written === 'text' && calls.length > 0 ? { calls } : {}),
    ...(parsed.thought === parsed.reply.content ? {} : { thought: parsed.thought }),
    ...(parsed.kind === 'malformed' ? { malformed: parsed.reason } : {}),
    observation: [],
  }
}

/** A whole Step. */
export function withObservation(step: StepDraft, observation: readonly Message[], acted: Acted | undefined): StepDraft {
  return {
    ...step,
    observation,
    ...(acted?.exitCode === undefined ? {} : { exitCode: acted.exitCode }),
    ...(acted === undefined ? {} : { durationMs: Math.round(acted.commandMs) }),
  }
}

/** Calls with their results, for the framework; none unless they ran. */
export function doneCalls(parsed: ParsedReply | undefined, acted: Acted | undefined) {
  if (parsed?.kind !== 'call' || acted === undefined) return []
  return parsed.calls.flatMap((call, index) => {
    const result = acted.results[index]
    return result === undefined ? [] : [{ call, result }]
  })
}
