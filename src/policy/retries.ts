/**
 * What may pass by itself. `busy`: the server asks to come back later or is too slow to begin; `down`: nobody answers there;
 * `broken`: it answered, and the reply broke off or made no sense.
 */
export type Trouble = 'busy' | 'down' | 'broken'

export interface RetrySettings {
  /** First wait; doubles each time, with jitter between half and whole. Default 1 s. */
  readonly firstWaitMs?: number
  /** Longest wait of our own. Default 60 s. */
  readonly maxWaitMs?: number
  /** Longest wait a server may ask for. Default 2 min. */
  readonly maxRetryAfterMs?: number
  /** Time lost to `busy` (waits and fruitless attempts) until we give up. Default 10 min. */
  readonly busyPatienceMs?: number
  /** The same for `down`. Default 2 min. */
  readonly downPatienceMs?: number
  /** Attempts that may end `broken`. Default 5. */
  readonly brokenAttempts?: number
  /** Jitter, in [0, 1). */
  readonly random?: () => number
}

export const DEFAULT_RETRIES = {
  firstWaitMs: 1000,
  maxWaitMs: 60_000,
  maxRetryAfterMs: 120_000,
  busyPatienceMs: 600_000,
  downPatienceMs: 120_000,
  brokenAttempts: 5,
  random: Math.random,
} as const satisfies Required<RetrySettings>

/** Counts the troubles of one reply and says how long to wait, or that it is enough. */
export class Retries {
  readonly #settings: Required<RetrySettings>
  readonly #lostMs = { busy: 0, down: 0, broken: 0 }
  #attempts = 0
  #broken = 0

  constructor(settings: RetrySettings = {}) {
    this.#settings = { ...DEFAULT_RETRIES, ...settings }
  }

  /** Attempts that failed so far. */
  get attempts(): number {
    return this.#attempts
  }

  /**
   * Milliseconds until the next attempt; `undefined`: give up.
   *
   * @param attemptMs - what the failed attempt cost.
   */
  next(trouble: Trouble, attemptMs: number, retryAfterMs?: number): number | undefined {
    this.#attempts++
    this.#lostMs[trouble] += attemptMs
    const left = this.#left(trouble)
    if (left <= 0) return undefined
    const waitMs = Math.min(left, this.#wait(retryAfterMs))
    this.#lostMs[trouble] += waitMs
    return waitMs
  }

  #left(trouble: Trouble): number {
    const { brokenAttempts, busyPatienceMs, downPatienceMs } = this.#settings
    if (trouble === 'broken') return ++this.#broken >= brokenAttempts ? 0 : Number.POSITIVE_INFINITY
    return (trouble === 'busy' ? busyPatienceMs : downPatienceMs) - this.#lostMs[trouble]
  }

  #wait(retryAfterMs: number | undefined): number {
    const { firstWaitMs, maxWaitMs, maxRetryAfterMs, random } = this.#settings
    const full = Math.min(maxWaitMs, firstWaitMs * 2 ** Math.min(30, this.#attempts - 1))
    const own = full * (0.5 + random() / 2)
    // A little jitter upon the server's wish too: sixty rollouts must not come back in the same millisecond.
    return retryAfterMs === undefined ? own : Math.min(maxRetryAfterMs, retryAfterMs + own * 0.1)
  }
}
