import type { Message } from '../../domain/message.ts'
import { functionTagCalls } from '../../importers/text-calls.ts'
import { callText } from '../../tree/action-key.ts'
import { readAgentState } from './agent-state.ts'
import { featuresOf } from './features.ts'
import { habitsOf } from './habits.ts'
import { type Proposal, propose } from './proposals.ts'

/** What the policy chooses among at one point of a conversation. */
export interface Situation {
  readonly proposals: readonly Proposal[]
  /** One row per Proposal, row-major. */
  readonly features: Float32Array
  /** One per Proposal: the logit that an untrained policy has for it. */
  readonly habits: Float64Array
}

/** An Action as the policy could have taken it. */
export interface Decision extends Situation {
  /** Index of the Proposal that was taken. */
  readonly chosen: number
}

/** Why a reply is no Decision: the policy would never have said it. */
export interface NoDecision {
  readonly reason: string
}

/** What the policy would choose among after these messages. */
export function situationOf(messages: readonly Message[]): Situation {
  const state = readAgentState(messages)
  const proposals = propose(state)
  return { proposals, features: featuresOf(state, proposals), habits: habitsOf(proposals) }
}

/** The Decision that `reply` was after `prefix`. */
export function decisionOf(prefix: readonly Message[], reply: Message): Decision | NoDecision {
  const situation = situationOf(prefix)
  const chosen = proposalOf(situation.proposals, reply)
  return chosen === undefined ? { reason: 'the reply is not among the proposals' } : { ...situation, chosen }
}

/** Index of the Proposal that a reply is: the same text, or else the same canonical call; `undefined` where it is none. */
export function proposalOf(proposals: readonly Pick<Proposal, 'reply'>[], reply: Message): number | undefined {
  if (reply.toolCalls === undefined) {
    const text = withoutEnd(reply.content)
    const same = proposals.findIndex((proposal) => withoutEnd(proposal.reply) === text)
    if (same >= 0) return same
  }
  const key = callKey(reply)
  const alike = proposals.findIndex((proposal) => callKey({ role: 'assistant', content: proposal.reply }) === key)
  return alike < 0 ? undefined : alike
}

/** Stored replies have the end tag, what a policy said lacks it, and a reply that could not be read stays as it came. */
function withoutEnd(text: string): string {
  const trimmed = text.trim()
  const tag = ['</function>', '</function'].find((end) => trimmed.endsWith(end))
  return tag === undefined ? trimmed : trimmed.slice(0, -tag.length).trimEnd()
}

function callKey(reply: Message): string {
  const { calls, thought, malformed } = functionTagCalls(reply.content)
  return callText({
    reply,
    observation: [],
    ...(reply.toolCalls === undefined && calls !== undefined ? { calls } : {}),
    ...(thought === undefined ? {} : { thought }),
    ...(malformed === undefined ? {} : { malformed }),
  })
}
