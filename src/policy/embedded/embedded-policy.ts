import type { JsonObject } from '../../domain/json.ts'
import type { Message } from '../../domain/message.ts'
import type { Policy, PolicyReply, PolicyRequest } from '../policy.ts'
import { speak } from '../spoken-reply.ts'
import { situationOf } from './decision.ts'
import { FEATURE_VERSION } from './features.ts'
import { logitsOf, logProbabilities } from './network.ts'
import { randomOf } from './random.ts'
import { cutAtStop } from './replies.ts'
import type { EmbeddedWeights, WeightsProvenance } from './weights.ts'

const PIECE_LENGTH = 64
/** As `speak` estimates. */
const CHARACTERS_PER_TOKEN = 4
const CONTEXT_TOKENS = 32_768
const DEFAULT_TEMPERATURE = 1

export interface EmbeddedOptions {
  readonly weights: EmbeddedWeights
  /** Draws differ between seeds, and between those of `Sampling`. */
  readonly seed: number
  /** Default: made from the weights' provenance, `embedded base` or `embedded r1/dpo`. */
  readonly model?: string
  /** Number of the run within its Task: stands in for a seed that the request does not have. */
  readonly run?: number
}

/**
 * A small network that chooses among the replies of a documented grammar: no language model. It keeps no state; equal
 * conversations, seeds and weights give equal replies.
 *
 * Temperature 0 takes the likeliest reply. `logprobs` holds one number: the natural logarithm of the whole reply's probability at
 * temperature 1, which is what training raises and lowers, whatever temperature the reply was drawn at.
 */
export function createEmbeddedPolicy(options: EmbeddedOptions): Policy {
  const { weights, seed, model = modelName(weights) } = options
  const { sha256, numbers, provenance } = weights
  return {
    kind: 'embedded',
    model,
    trusted: true,
    describe: (): JsonObject => ({
      kind: 'embedded',
      model,
      seed,
      backend: 'plain loops',
      parameters: numbers.length,
      weights: sha256,
      features: FEATURE_VERSION,
      provenance: definedOf(provenance),
    }),
    contextTokens: () => Promise.resolve(CONTEXT_TOKENS),
    forRun: (_task, ofRun) => createEmbeddedPolicy({ ...options, run: ofRun }),
    reply: async (request) => {
      request.signal.throwIfAborted()
      const [drawn] = draw(request, 1, options)
      return say(drawn, request)
    },
    replies: async (request, n) => {
      request.signal.throwIfAborted()
      const { messages, sampling, stop, signal } = request
      const quiet = { messages, sampling, signal, ...(stop === undefined ? {} : { stop }) }
      const drawn = draw(request, n, options)
      return Promise.all(drawn.map((reply, at) => say(reply, at === 0 ? request : quiet)))
    },
  }
}

/** `embedded base` for an untrained network, else Run and stage: `embedded r1/dpo`. */
export function modelName({ provenance: { run, stage } }: Pick<EmbeddedWeights, 'provenance'>): string {
  return stage === undefined ? 'embedded base' : `embedded ${run === undefined ? stage : `${run}/${stage}`}`
}

function definedOf(provenance: WeightsProvenance): JsonObject {
  return Object.fromEntries(Object.entries(provenance).filter(([, value]) => value !== undefined)) as JsonObject
}

interface Drawn {
  readonly text: string
  /** At temperature 1. */
  readonly logProbability: number
}

/** The first reply is the same whatever `n`. */
function draw(
  { messages, sampling }: PolicyRequest,
  n: number,
  { weights, seed, run = 0 }: EmbeddedOptions,
): readonly Drawn[] {
  const { proposals, features, habits } = situationOf(messages)
  const logits = logitsOf(weights, features)
  const exact = logProbabilities(logits, habits)
  const { temperature = DEFAULT_TEMPERATURE, topP = 1 } = sampling
  const shares = temperature > 0 ? nucleus(logProbabilities(logits, habits, temperature), topP) : undefined
  const firstUser = messages.find(({ role }) => role === 'user')?.content ?? ''
  const turn = messages.reduce((count, { role }) => (role === 'assistant' ? count + 1 : count), 0)
  const random = randomOf('reply', seed, sampling.seed ?? `run ${run}`, firstUser, turn)
  return Array.from({ length: n }, () => {
    const at = shares === undefined ? likeliest(exact) : chosenBy(random(), shares)
    return { text: proposals[at]?.reply ?? '', logProbability: Math.min(0, exact[at] ?? 0) }
  })
}

/** Probabilities of which only the likeliest that together reach `topP` are kept (Holtzman et al. 2020); they need not sum to 1. */
function nucleus(logs: Float64Array, topP: number): Float64Array {
  const shares = logs.map(Math.exp)
  if (topP >= 1) return shares
  const order = Array.from(shares.keys()).sort((a, b) => (shares[b] ?? 0) - (shares[a] ?? 0) || a - b)
  let sum = 0
  for (const at of order) {
    const share = shares[at] ?? 0
    if (sum >= topP) shares[at] = 0
    sum += share
  }
  return shares
}

function chosenBy(random: number, shares: Float64Array): number {
  let left = random * shares.reduce((sum, share) => sum + share, 0)
  for (const [at, share] of shares.entries()) {
    left -= share
    if (left < 0) return at
  }
  return likeliest(shares)
}

function likeliest(values: Float64Array): number {
  let best = 0
  for (const [at, value] of values.entries()) if (value > (values[best] ?? -Infinity)) best = at
  return best
}

async function say(drawn: Drawn | undefined, request: PolicyRequest): Promise<PolicyReply> {
  const { text, logProbability } = drawn ?? { text: '', logProbability: 0 }
  const { content, stopText } = cutAtStop(text, request.stop)
  const room = (request.sampling.maxTokens ?? Infinity) * CHARACTERS_PER_TOKEN
  const isCut = content.length > room
  const message: Message = { role: 'assistant', content: isCut ? content.slice(0, room).toWellFormed() : content }
  const speaking = { pieceLength: PIECE_LENGTH, delayMs: 0, finish: isCut ? 'length' : 'stop' } as const
  const reply = await speak(message, request, speaking)
  const isStopped = stopText !== undefined && reply.finish === 'stop'
  return { ...reply, logprobs: [logProbability], ...(isStopped ? { stopText } : {}) }
}
