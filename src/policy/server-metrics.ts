import type { Endpoint } from './endpoint.ts'
import { askHttp, bodyText } from './http-client.ts'

/** How loaded a model server is; what it does not tell is absent. */
export interface ServerMetrics {
  /** Requests being computed, and waiting. */
  readonly running?: number
  readonly waiting?: number
  /** Part of the key-value cache in use, in [0, 1]. */
  readonly cacheUse?: number
  /** Part of the prompts' tokens found in the prefix cache, in [0, 1]: since the reading before, else since the server started. */
  readonly prefixHitRate?: number
  /** Tokens per second since the reading before; llama.cpp: of the requests themselves. */
  readonly promptTokensPerSecond?: number
  readonly completionTokensPerSecond?: number
  /** Means since the reading before, else since the server started. */
  readonly firstTokenMs?: number
  readonly betweenTokensMs?: number
}

/** Sums over all label sets of a metric, and how many there were. */
type Samples = ReadonlyMap<string, { readonly sum: number; readonly count: number }>

interface Reading {
  readonly samples: Samples
  readonly atMs: number
}

const MAX_BYTES = 4_000_000
const TIMEOUT_MS = 3000
const PREFIX = /^(?:vllm|sglang|llamacpp):/
const SAMPLE = /^([A-Za-z_:][\w:]*)(?:\{.*\})?\s+(\S+)(?:\s+-?\d+)?$/

/** Counters are looked up with and without `_total`, which Prometheus clients add. */
const NAMES = {
  running: ['vllm:num_requests_running', 'sglang:num_running_reqs', 'llamacpp:requests_processing'],
  waiting: ['vllm:num_requests_waiting', 'sglang:num_queue_reqs', 'llamacpp:requests_deferred'],
  cacheUse: [
    'vllm:kv_cache_usage_perc',
    'vllm:gpu_cache_usage_perc',
    'sglang:token_usage',
    'llamacpp:kv_cache_usage_ratio',
  ],
  hitRate: ['sglang:cache_hit_rate'],
  queries: ['vllm:prefix_cache_queries', 'vllm:gpu_prefix_cache_queries'],
  hits: ['vllm:prefix_cache_hits', 'vllm:gpu_prefix_cache_hits'],
  promptTokens: ['vllm:prompt_tokens', 'sglang:prompt_tokens'],
  completionTokens: ['vllm:generation_tokens', 'sglang:generation_tokens'],
  promptSpeed: ['llamacpp:prompt_tokens_seconds'],
  completionSpeed: ['sglang:gen_throughput', 'llamacpp:predicted_tokens_seconds'],
  firstToken: ['vllm:time_to_first_token_seconds', 'sglang:time_to_first_token_seconds'],
  betweenTokens: [
    'vllm:inter_token_latency_seconds',
    'vllm:time_per_output_token_seconds',
    'sglang:inter_token_latency_seconds',
    'sglang:time_per_output_token_seconds',
  ],
} as const

/** Reads `/metrics` again and again; rates are between two readings. `undefined` where there is nothing to read. Never throws. */
export class MetricsReader {
  readonly #endpoint: Endpoint
  #before: Reading | undefined

  constructor(endpoint: Endpoint) {
    this.#endpoint = endpoint
  }

  async read(): Promise<ServerMetrics | undefined> {
    const text = await this.#text()
    if (text === undefined) return undefined
    const now = { samples: parseSamples(text), atMs: performance.now() }
    if (now.samples.size === 0) return undefined
    const metrics = metricsOf(now, this.#before)
    this.#before = now
    return metrics
  }

  async #text(): Promise<string | undefined> {
    try {
      const { headers } = this.#endpoint
      const signal = AbortSignal.timeout(TIMEOUT_MS)
      const answer = await askHttp({ url: this.#endpoint.beside('/metrics'), headers, signal })
      const text = await bodyText(answer, MAX_BYTES)
      return answer.status === 200 ? text : undefined
    } catch {
      return undefined
    }
  }
}

/** One reading, without a reading before it. Never throws. */
export function readServerMetrics(endpoint: Endpoint): Promise<ServerMetrics | undefined> {
  return new MetricsReader(endpoint).read()
}

/** The metrics of one Prometheus text (exposition format 0.0.4) that model servers are known by; the rest is left out. */
export function parseSamples(text: string): Samples {
  const samples = new Map<string, { sum: number; count: number }>()
  for (const line of text.split('\n')) {
    if (!PREFIX.test(line)) continue
    const [, name, value] = SAMPLE.exec(line.trimEnd()) ?? []
    const number = Number(value)
    if (name === undefined || !Number.isFinite(number)) continue
    const known = samples.get(name)
    if (known === undefined) samples.set(name, { sum: number, count: 1 })
    else {
      known.sum += number
      known.count++
    }
  }
  return samples
}

/** Figures of one reading; rates need the one before. */
export function metricsOf(now: Reading, before: Reading | undefined): ServerMetrics {
  const seconds = before === undefined ? 0 : (now.atMs - before.atMs) / 1000
  const told = (names: readonly string[]) => find(now.samples, names)
  const grown = (names: readonly string[]) => growth(now.samples, before?.samples, names)
  const perSecond = (names: readonly string[]) => {
    const tokens = before && grown(names)
    return tokens === undefined || seconds <= 0 ? undefined : tokens / seconds
  }
  const cache = told(NAMES.cacheUse)
  const found = {
    running: told(NAMES.running)?.sum,
    waiting: told(NAMES.waiting)?.sum,
    cacheUse: cache && share(cache.sum / cache.count),
    prefixHitRate: share(told(NAMES.hitRate)?.sum ?? ratio(grown(NAMES.hits), grown(NAMES.queries))),
    promptTokensPerSecond: perSecond(NAMES.promptTokens) ?? told(NAMES.promptSpeed)?.sum,
    completionTokensPerSecond: told(NAMES.completionSpeed)?.sum ?? perSecond(NAMES.completionTokens),
    firstTokenMs: meanMs(grown, NAMES.firstToken),
    betweenTokensMs: meanMs(grown, NAMES.betweenTokens),
  }
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined))
}

function find(samples: Samples | undefined, names: readonly string[]) {
  for (const name of names) {
    const sample = samples?.get(name) ?? samples?.get(`${name}_total`)
    if (sample) return sample
  }
  return undefined
}

/** How much a counter grew since the reading before; all of it where there is none, or after a restart. */
function growth(now: Samples, before: Samples | undefined, names: readonly string[]): number | undefined {
  const current = find(now, names)?.sum
  if (current === undefined) return undefined
  const more = current - (find(before, names)?.sum ?? 0)
  return more >= 0 ? more : current
}

function ratio(part: number | undefined, whole: number | undefined): number | undefined {
  return part === undefined || whole === undefined || whole <= 0 ? undefined : part / whole
}

function share(value: number | undefined): number | undefined {
  return value === undefined ? undefined : Math.min(1, Math.max(0, value))
}

function meanMs(grown: (names: readonly string[]) => number | undefined, names: readonly string[]): number | undefined {
  const sum = grown(names.map((name) => `${name}_sum`))
  const mean = ratio(sum, grown(names.map((name) => `${name}_count`)))
  return mean === undefined ? undefined : mean * 1000
}
