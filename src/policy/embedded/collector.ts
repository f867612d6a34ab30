import type { JsonObject } from '../../domain/json.ts'
import type { Policy, PolicyReply, PolicyRequest } from '../policy.ts'
import { speak } from '../spoken-reply.ts'
import { type AgentState, readAgentState } from './agent-state.ts'
import { mistaken, searched } from './collector-search.ts'
import { type Proposal, propose } from './proposals.ts'
import { randomOf } from './random.ts'
import { cutAtStop } from './replies.ts'

const PIECE_LENGTH = 64
const DEFAULT_MISTAKES = 0.15

export interface CollectorOptions {
  readonly seed: number
  /** Share of replies that are a mistake or a misbehaviour, 0 to 1; default 0.15. */
  readonly mistakes?: number
  /** Number of the run within its Task: stands in for a seed that the request does not have. */
  readonly run?: number
}

/**
 * The stronger policy whose Trajectories train the embedded one, as the paper collects with stronger models (SEAlign §4.1): a
 * hand-written search that makes mistakes. It chooses among the same proposals, and neither it nor they know a fix.
 *
 * It keeps no state: its numbers come from the seeds, the first user message and how many replies there were.
 */
export function createCollectorPolicy(options: CollectorOptions): Policy {
  const { seed, mistakes = DEFAULT_MISTAKES } = options
  return {
    kind: 'collector',
    model: 'embedded collector',
    trusted: true,
    describe: (): JsonObject => ({ kind: 'collector', seed, mistakes }),
    contextTokens: () => Promise.resolve(undefined),
    forRun: (_task, run) => createCollectorPolicy({ ...options, run }),
    reply: (request) => replyTo(request, options, 0),
    replies: (request, n) => Promise.all(Array.from({ length: n }, (_, ahead) => replyTo(request, options, ahead))),
  }
}

/** @param ahead - number of this reply among several drawn for one prompt; only the first is heard. */
async function replyTo(request: PolicyRequest, options: CollectorOptions, ahead: number): Promise<PolicyReply> {
  request.signal.throwIfAborted()
  const { messages, signal, sampling, stop } = request
  const state = readAgentState(messages)
  const first = messages.find(({ role }) => role === 'user')?.content ?? ''
  const { seed, run = 0, mistakes = DEFAULT_MISTAKES } = options
  const random = randomOf('collector', seed, sampling.seed ?? `run ${run}`, first, state.actions.length, ahead)
  const chosen = choose(state, mistakes, random)
  const { content, stopText } = cutAtStop(chosen.reply, stop)
  const heard = ahead === 0 ? request : { messages, signal }
  const reply = await speak({ role: 'assistant', content }, heard, { pieceLength: PIECE_LENGTH, delayMs: 0 })
  return { ...reply, ...(stopText === undefined || reply.finish === 'abandoned' ? {} : { stopText }) }
}

function choose(state: AgentState, mistakes: number, random: () => number): Proposal {
  const proposals = propose(state)
  const errs = random() < mistakes
  const weights = errs ? mistaken(proposals) : searched(state, proposals)
  return drawn(proposals, weights, random())
}

function drawn(proposals: readonly Proposal[], weights: readonly number[], random: number): Proposal {
  const [first] = proposals
  if (first === undefined) throw new RangeError('there is always something to propose')
  let left = random * weights.reduce((sum, weight) => sum + weight, 0)
  for (const [at, proposal] of proposals.entries()) {
    left -= weights[at] ?? 0
    if (left < 0) return proposal
  }
  return first
}
