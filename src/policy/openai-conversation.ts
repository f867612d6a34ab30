import { setTimeout as sleep } from 'node:timers/promises'
import { type PromptMeter, replyBudget } from './context-budget.ts'
import { mend } from './dialect.ts'
import type { Endpoint } from './endpoint.ts'
import { type Exchange, exchange, Passing, Refused, type Timeouts, Unusable } from './exchange.ts'
import type { Policy, PolicyReply, PolicyRequest } from './policy.ts'
import { PolicyError } from './policy-error.ts'
import { givenUp, judge, modelError, namesModel, unusable } from './policy-faults.ts'
import { Retries, type RetrySettings } from './retries.ts'
import { type Prices, repliesOf } from './reply-accounts.ts'
import { readModels } from './server-info.ts'
import { type Dialect, wireBody, type WirePrompt, wirePrompt } from './wire-request.ts'

export interface ConversationOptions {
  readonly endpoint: Endpoint
  readonly model: string
  readonly prices: Prices | undefined
  readonly retry: RetrySettings
  readonly timeouts: Timeouts
  readonly maxReplyChars: number
  readonly shortestReply: number
  /** The context size is ours: replies are kept within it even where no length was asked for. */
  readonly enforceContext: boolean
  contextTokens(signal: AbortSignal): Promise<number | undefined>
  /** Hears the context size that a refusal told. */
  onLimit(tokens: number): void
  readonly meter: PromptMeter
  readonly dialect: Dialect
}

/** Asks one server for replies: budget, retries, and asking again in other words. */
export class OpenAiConversation implements Pick<Policy, 'reply' | 'replies'> {
  readonly #options: ConversationOptions
  /** The server took a request as we word it now. */
  #proven = false

  constructor(options: ConversationOptions) {
    this.#options = options
  }

  async reply(request: PolicyRequest): Promise<PolicyReply> {
    const [reply] = await this.#draw(request, 1)
    if (reply === undefined) throw new PolicyError('broken', `${this.#options.endpoint.shown} gave no reply`)
    return reply
  }

  /** One request where the server draws several; those it did not draw are asked for one by one, with seeds of their own. */
  async replies(request: PolicyRequest, n: number): Promise<readonly PolicyReply[]> {
    if (n <= 1) return n === 1 ? [await this.reply(request)] : []
    const drawn = this.#options.dialect.many ? await this.#together(request, n) : []
    if (drawn.length >= n) return drawn
    return [...drawn, ...(await this.#oneByOne(request, drawn.length, n))]
  }

  /** Empty where the server refuses to draw several. */
  async #together(request: PolicyRequest, n: number): Promise<readonly PolicyReply[]> {
    const { dialect } = this.#options
    try {
      const drawn = await this.#draw(request, n)
      if (drawn.length < n) dialect.many = false
      return drawn
    } catch (error) {
      if (!(error instanceof PolicyError) || error.fault !== 'request') throw error
      dialect.many = false
      return []
    }
  }

  async #oneByOne(request: PolicyRequest, from: number, n: number): Promise<readonly PolicyReply[]> {
    const others = new AbortController()
    const stop = () => others.abort(request.signal.reason)
    request.signal.addEventListener('abort', stop, { once: true })
    request.signal.throwIfAborted()
    const { onDelta, seed, ...rest } = { ...request, seed: request.sampling.seed }
    const asked = Array.from({ length: n - from }, (_, at) =>
      this.reply({
        ...rest,
        sampling: { ...request.sampling, ...(seed === undefined ? {} : { seed: seed + from + at }) },
        signal: others.signal,
        ...(from + at === 0 && onDelta ? { onDelta } : {}),
      }),
    )
    try {
      return await Promise.all(asked)
    } catch (error) {
      others.abort(error)
      await Promise.allSettled(asked)
      throw error
    } finally {
      request.signal.removeEventListener('abort', stop)
    }
  }

  async #draw(request: PolicyRequest, n: number): Promise<readonly PolicyReply[]> {
    const { endpoint, meter } = this.#options
    const prompt = wirePrompt(request)
    const retries = new Retries(this.#options.retry)
    let refitted = false
    for (;;) {
      request.signal.throwIfAborted()
      const body = await this.#body(request, prompt, n)
      const startedMs = performance.now()
      try {
        const result = await this.#exchange(request, body, n)
        this.#proven = true
        if (result.usage) meter.learn(request.messages, prompt.bytes, result.usage.prompt)
        return repliesOf(result, { prompt, meter, prices: this.#options.prices, position: request.messages.length })
      } catch (error) {
        if (error instanceof Unusable) throw unusable(error, endpoint)
        if (error instanceof Refused) {
          if (this.#reword(error)) continue
          if (!refitted && this.#refit(error, request, prompt)) {
            refitted = true
            continue
          }
        }
        await this.#wait(await this.#passing(error), retries, performance.now() - startedMs, request)
      }
    }
  }

  #exchange(request: PolicyRequest, body: string, n: number): Promise<Exchange> {
    const { endpoint, maxReplyChars, timeouts } = this.#options
    const { signal, onDelta, abandon } = request
    return exchange({ endpoint, body, n, maxChars: maxReplyChars, timeouts, signal, onDelta, abandon })
  }

  async #body(request: PolicyRequest, prompt: WirePrompt, n: number): Promise<string> {
    const { model, dialect, endpoint, meter, shortestReply, enforceContext } = this.#options
    const contextTokens = await this.#options.contextTokens(request.signal)
    const estimate = meter.estimate(request.messages, prompt.bytes)
    const budget = replyBudget(estimate, contextTokens, {
      asked: request.sampling.maxTokens,
      shortest: shortestReply,
      enforce: enforceContext,
    })
    if (budget === 'overflow') {
      const size = `about ${estimate.atLeast} tokens or more`
      throw new PolicyError(
        'context',
        `The conversation has ${size} and leaves no room for a reply in the ${contextTokens} of ${endpoint.clean(model, 100)}`,
        contextTokens === undefined ? {} : { limitTokens: contextTokens },
      )
    }
    const maxTokens =
      dialect.replyTokens === undefined ? budget : Math.min(dialect.replyTokens, budget ?? dialect.replyTokens)
    return wireBody(prompt, { model, sampling: request.sampling, stop: request.stop, n, maxTokens, dialect })
  }

  /** Changes how requests are worded after a refusal of their form; `false`: it is about something else. */
  #reword({ refusal }: Refused): boolean {
    const change = mend(this.#options.dialect, refusal, this.#proven)
    if (change) Object.assign(this.#options.dialect, change)
    return change !== undefined
  }

  /** Takes over what the server counted; whether a shorter reply would fit. */
  #refit({ refusal }: Refused, request: PolicyRequest, prompt: WirePrompt): boolean {
    const { limitTokens, promptTokens } = refusal.overflow ?? {}
    if (limitTokens !== undefined) this.#options.onLimit(limitTokens)
    if (promptTokens === undefined) return false
    this.#options.meter.learn(request.messages, prompt.bytes, promptTokens)
    return limitTokens !== undefined && promptTokens + this.#options.shortestReply <= limitTokens
  }

  /** @throws what no retry will mend */
  async #passing(error: unknown): Promise<Passing> {
    if (error instanceof Passing) return error
    if (!(error instanceof Refused)) throw error
    const { endpoint, model } = this.#options
    if (namesModel(error) && !error.refusal.overflow) {
      throw modelError(error, endpoint, model, await readModels(endpoint))
    }
    const verdict = judge(error, endpoint, model)
    if (verdict instanceof PolicyError) throw verdict
    return verdict
  }

  async #wait(
    passing: Passing,
    retries: Retries,
    attemptMs: number,
    { signal, onRetry }: PolicyRequest,
  ): Promise<void> {
    const { endpoint } = this.#options
    const waitMs = retries.next(passing.trouble, attemptMs, passing.retryAfterMs)
    if (waitMs === undefined) throw givenUp(passing, endpoint, retries.attempts)
    onRetry?.({ reason: endpoint.clean(passing.message, 200), attempt: retries.attempts, waitMs })
    await sleep(waitMs, undefined, { signal }).catch(() => signal.throwIfAborted())
  }
}
