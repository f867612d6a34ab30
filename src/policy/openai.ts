import type { JsonObject } from '../domain/json.ts'
import { PromptMeter } from './context-budget.ts'
import { type EndpointOptions, openEndpoint } from './endpoint.ts'
import type { Timeouts } from './exchange.ts'
import { OpenAiConversation } from './openai-conversation.ts'
import type { Policy, PolicyRequest, Sampling } from './policy.ts'
import type { RetrySettings } from './retries.ts'
import { firstDialect } from './dialect.ts'
import { modelContext, readServerInfo } from './server-info.ts'

export interface OpenAiOptions extends EndpointOptions {
  readonly model: string
  /** Used where a request does not say otherwise. */
  readonly sampling?: Sampling
  /** Tokens of prompt and reply together; default: what the server tells. A smaller one is kept here, whatever the server allows. */
  readonly contextTokens?: number
  /** US dollars per million tokens. */
  readonly prices?: { readonly promptPerMillion: number; readonly completionPerMillion: number }
  readonly retry?: RetrySettings
  readonly timeouts?: Timeouts
  /** UTF-16 units kept of one reply, reasoning and calls included; more ends it with `length`. Default 1,000,000. */
  readonly maxReplyChars?: number
  /** A prompt that leaves less room than this for the reply does not fit, tokens. Default 256. */
  readonly shortestReply?: number
}

/** How long an unanswered question for the context size is not asked again. */
const ASK_AGAIN_MS = 60_000

/**
 * A model behind any server that speaks OpenAI's chat protocol: vLLM, SGLang, llama.cpp, Ollama, hosted ones. Replies are
 * streamed; what may pass by itself is tried again; the reply's length is kept within the context.
 * Nothing it throws, tells or describes holds the key.
 *
 * @throws SealignError when the base URL is none or the key cannot be sent.
 */
export function createOpenAiPolicy(options: OpenAiOptions): Policy {
  const endpoint = openEndpoint(options)
  const sampling = options.sampling ?? {}
  const context = contextSource()
  const conversation = new OpenAiConversation({
    endpoint,
    model: options.model,
    prices: options.prices,
    retry: options.retry ?? {},
    timeouts: options.timeouts ?? {},
    maxReplyChars: options.maxReplyChars ?? 1_000_000,
    shortestReply: options.shortestReply ?? 256,
    enforceContext: options.contextTokens !== undefined,
    contextTokens: (signal) => context.read(signal),
    onLimit: (tokens) => context.lower(tokens),
    meter: new PromptMeter(),
    dialect: firstDialect(),
  })
  const complete = (request: PolicyRequest): PolicyRequest => ({
    ...request,
    sampling: { ...sampling, ...request.sampling },
  })

  /** The size as configured or told by the server, lowered by what a refusal told. */
  function contextSource() {
    let limit: number | undefined
    let told: Promise<number | undefined> | undefined
    let askAgainAt = 0
    async function ask(): Promise<number | undefined> {
      const info = await readServerInfo(endpoint)
      if (info === undefined) {
        told = undefined
        askAgainAt = performance.now() + ASK_AGAIN_MS
      }
      return info && modelContext(info, options.model)
    }
    return {
      async read(signal: AbortSignal): Promise<number | undefined> {
        const size = options.contextTokens ?? (await abortable(known(), signal))
        return limit === undefined ? size : Math.min(limit, size ?? limit)
      },
      lower(tokens: number) {
        limit = Math.min(limit ?? tokens, tokens)
      },
    }
    function known(): Promise<number | undefined> {
      if (told === undefined && performance.now() < askAgainAt) return Promise.resolve(undefined)
      told ??= ask()
      return told
    }
  }

  return {
    kind: 'openai',
    model: options.model,
    trusted: false,
    describe: () => describe(options, endpoint.shown),
    contextTokens: (signal) => context.read(signal),
    reply: (request) => conversation.reply(complete(request)),
    replies: (request, n) => conversation.replies(complete(request), n),
  }
}

function describe({ model, sampling, contextTokens, prices }: OpenAiOptions, shown: string): JsonObject {
  return {
    kind: 'openai',
    baseUrl: shown,
    model,
    ...(sampling === undefined ? {} : { sampling: { ...sampling } }),
    ...(contextTokens === undefined ? {} : { contextTokens }),
    ...(prices === undefined ? {} : { prices: { ...prices } }),
  }
}

/** A shared answer that one of those who wait for it may leave. */
async function abortable<T>(shared: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted()
  let leave = () => {}
  const left = new Promise<never>((_, reject) => {
    leave = () => reject(signal.reason)
    signal.addEventListener('abort', leave, { once: true })
  })
  try {
    return await Promise.race([shared, left])
  } finally {
    signal.removeEventListener('abort', leave)
  }
}
