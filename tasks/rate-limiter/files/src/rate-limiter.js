/** A token bucket per key: `capacity` calls at once, then `perSecond` more each second. */
export class RateLimiter {
  #buckets = new Map()
  #capacity
  #perSecond
  #now

  /** @param {() => number} now milliseconds */
  constructor({ capacity, perSecond, now }) {
    this.#capacity = capacity
    this.#perSecond = perSecond
    this.#now = now
  }

  /** Whether a call may go on now; takes its tokens if so. */
  tryTake(key, cost = 1) {
    const bucket = this.#filled(key)
    if (bucket.tokens <= cost) return false
    bucket.tokens -= cost
    return true
  }

  /** Milliseconds until `cost` tokens are there; 0 when they are. */
  waitFor(key, cost = 1) {
    const missing = cost - this.#filled(key).tokens
    return missing > 0 ? Math.ceil((missing / this.#perSecond) * 1_000) : 0
  }

  #filled(key) {
    const now = this.#now()
    const bucket = this.#buckets.get(key) ?? { tokens: this.#capacity, at: now }
    const gained = ((now - bucket.at) / 1_000) * this.#perSecond
    bucket.tokens = Math.min(this.#capacity, bucket.tokens + gained)
    bucket.at = now
    this.#buckets.set(key, bucket)
    return bucket
  }
}
