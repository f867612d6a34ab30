/** Keeps the entries used last; `limit` of them. */
export class LruCache {
  #entries = new Map()
  #limit

  constructor(limit) {
    this.#limit = limit
    this.hits = 0
    this.misses = 0
  }

  get size() {
    return this.#entries.size
  }

  has(key) {
    return this.#entries.has(key)
  }

  /** The value of a key; reading it makes it the one used last. */
  get(key) {
    if (!this.#entries.has(key)) {
      this.misses++
      return undefined
    }
    this.hits++
    const value = this.#entries.get(key)
    this.#entries.set(key, value)
    return value
  }

  set(key, value) {
    this.#entries.delete(key)
    this.#entries.set(key, value)
    if (this.#entries.size > this.#limit) {
      const [oldest] = this.#entries.keys()
      this.#entries.delete(oldest)
    }
    return this
  }

  /** Keys, the one used longest ago first. */
  keys() {
    return [...this.#entries.keys()]
  }
}
