import type { Endpoint } from './endpoint.ts'
import { askHttp, bodyText, type HttpAnswer } from './http-client.ts'
import type { ReplyDelta } from './policy.ts'
import { type Refusal, readRefusal } from './refusal.ts'
import type { ReplyDraft } from './reply-draft.ts'
import { BrokenReply, RefusedReply, ReplyReader } from './reply-reader.ts'
import type { Trouble } from './retries.ts'
import type { TokenUsage } from './token-usage.ts'

export interface Timeouts {
  /** Until the first text of a reply; default 10 min. */
  readonly firstTokenMs?: number
  /** Between bytes after it; default 2 min. */
  readonly idleMs?: number
  /** For the connection; default 15 s. */
  readonly connectMs?: number
}

export interface ExchangeOptions {
  readonly endpoint: Endpoint
  readonly body: string
  readonly n: number
  readonly maxChars: number
  readonly timeouts: Timeouts
  readonly signal: AbortSignal
  /** Hears the first of the replies. */
  readonly onDelta: ((delta: ReplyDelta) => void) | undefined
  readonly abandon: (() => boolean) | undefined
}

export interface Exchange {
  readonly drafts: readonly ReplyDraft[]
  readonly usage: TokenUsage | undefined
  readonly abandoned: boolean
  readonly firstTokenMs: number | undefined
  readonly durationMs: number
}

/** An attempt that failed in a way that may pass. */
export class Passing extends Error {
  readonly trouble: Trouble
  readonly retryAfterMs: number | undefined

  /** @param reason - one phrase; raw where it quotes a server. */
  constructor(trouble: Trouble, reason: string, options: { retryAfterMs?: number | undefined; cause?: unknown } = {}) {
    super(reason, { cause: options.cause })
    this.trouble = trouble
    this.retryAfterMs = options.retryAfterMs
  }
}

/** An attempt that the server answered with anything but a reply. */
export class Refused extends Error {
  readonly refusal: Refusal
  readonly location: string | undefined

  constructor(refusal: Refusal, location?: string) {
    super('refused')
    this.refusal = refusal
    this.location = location
  }
}

/** The endpoint cannot be reached, and trying again will not help: a wrong certificate, HTTPS spoken to an HTTP port. */
export class Unusable extends Error {}

const REFUSAL_BYTES = 64_000
const FIRST_TOKEN_MS = 600_000
const IDLE_MS = 120_000

/**
 * One request and its answer.
 *
 * @throws Passing, Refused, Unusable; the reason of `signal` when it was aborted.
 */
export async function exchange(options: ExchangeOptions): Promise<Exchange> {
  const startedMs = performance.now()
  const life = new AbortController()
  const forward = () => life.abort(options.signal.reason)
  options.signal.addEventListener('abort', forward, { once: true })
  const watch = new Watch(options.timeouts, (trouble) => life.abort(trouble))
  let firstTokenMs: number | undefined
  const reader = new ReplyReader({
    n: options.n,
    maxChars: options.maxChars,
    abandon: options.abandon ?? (() => false),
    hear: (delta, reply) => {
      if (firstTokenMs === undefined) {
        firstTokenMs = performance.now() - startedMs
        watch.begun()
      }
      if (reply === 0) options.onDelta?.(delta)
    },
  })
  try {
    const drafts = await converse(options, life.signal, reader, watch)
    const { usage, abandoned } = reader
    return { drafts, usage, abandoned, firstTokenMs, durationMs: performance.now() - startedMs }
  } catch (error) {
    options.signal.throwIfAborted()
    throw life.signal.aborted ? life.signal.reason : explained(error)
  } finally {
    watch.stop()
    options.signal.removeEventListener('abort', forward)
  }
}

async function converse(
  { endpoint, body, timeouts }: ExchangeOptions,
  signal: AbortSignal,
  reader: ReplyReader,
  watch: Watch,
): Promise<readonly ReplyDraft[]> {
  const answer = await askHttp({
    url: endpoint.chat,
    headers: endpoint.headers,
    body,
    signal,
    ...(timeouts.connectMs === undefined ? {} : { connectMs: timeouts.connectMs }),
  })
  if (answer.status < 200 || answer.status > 299) throw await refusedBy(answer)
  await answer.read((bytes) => {
    watch.alive()
    return reader.take(bytes)
  })
  const drafts = reader.end()
  // A server that is not done goes on computing a reply that nobody wants unless the connection is closed.
  if (reader.abandoned || drafts.some((draft) => draft.cut)) answer.close()
  return drafts
}

async function refusedBy(answer: HttpAnswer): Promise<Refused> {
  const text = await bodyText(answer, REFUSAL_BYTES).catch(() => '')
  answer.close()
  return new Refused(readRefusal(answer.status, text, answer.headers), answer.headers.location)
}

/** One timer for both limits; restarting it costs next to nothing. */
class Watch {
  readonly #idleMs: number
  readonly #fire: (trouble: Passing) => void
  #timer: NodeJS.Timeout
  #begun = false

  constructor(timeouts: Timeouts, fire: (trouble: Passing) => void) {
    const firstMs = timeouts.firstTokenMs ?? FIRST_TOKEN_MS
    this.#idleMs = timeouts.idleMs ?? IDLE_MS
    this.#fire = fire
    this.#timer = setTimeout(() => fire(new Passing('busy', `no reply within ${seconds(firstMs)}`)), firstMs)
  }

  begun(): void {
    clearTimeout(this.#timer)
    this.#begun = true
    const reason = `the reply stood still for ${seconds(this.#idleMs)}`
    this.#timer = setTimeout(() => this.#fire(new Passing('broken', reason)), this.#idleMs)
  }

  alive(): void {
    if (this.#begun) this.#timer.refresh()
  }

  stop(): void {
    clearTimeout(this.#timer)
  }
}

const NETWORK: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ENOTFOUND: 'no such host',
  EAI_AGAIN: 'the name server does not answer',
  ETIMEDOUT: 'connection timed out',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'network unreachable',
}
const TLS = /^(?:CERT_|DEPTH_ZERO|ERR_TLS|ERR_SSL|EPROTO$|SELF_SIGNED|UNABLE_TO_(?:GET|VERIFY))/

function explained(error: unknown): Error {
  if (error instanceof Passing || error instanceof Refused) return error
  if (error instanceof RefusedReply) return new Refused(error.refusal)
  if (error instanceof BrokenReply) return new Passing('broken', error.message)
  const code = codeOf(error)
  if (code === undefined) return error instanceof Error ? error : new Error(String(error))
  if (TLS.test(code)) return new Unusable(`TLS fails (${code})`, { cause: error })
  const network = NETWORK[code]
  if (network !== undefined) return new Passing('down', network, { cause: error })
  if (code.startsWith('HPE_')) return new Passing('broken', 'the answer is not HTTP', { cause: error })
  return new Passing('broken', code === 'ECONNRESET' || code === 'EPIPE' ? 'the connection broke off' : code, {
    cause: error,
  })
}

/** The code of a network error; several addresses that all failed give the first one's. */
function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  const { code } = error as NodeJS.ErrnoException
  if (typeof code === 'string') return code
  return error instanceof AggregateError ? codeOf(error.errors[0]) : undefined
}

function seconds(ms: number): string {
  return ms >= 1000 ? `${Math.round(ms / 1000)} s` : `${Math.round(ms)} ms`
}
