/** Remembers what an async function returned, by key. Calls for the same key at the same time share one request. */
export class PromiseMemo {
  #load
  #now
  #keepFor
  #entries = new Map()

  /**
   * @param {(key: string) => Promise<unknown>} load
   * @param {{ now: () => number, keepFor?: number }} options milliseconds
   */
  constructor(load, { now, keepFor = Infinity }) {
    this.#load = load
    this.#now = now
    this.#keepFor = keepFor
  }

  /** Failures are not kept: the next call asks again. */
  async get(key) {
    try {
      return this.#entry(key).promise
    } catch (error) {
      this.#entries.delete(key)
      throw error
    }
  }

  forget(key) {
    return this.#entries.delete(key)
  }

  #entry(key) {
    const known = this.#entries.get(key)
    if (known !== undefined && this.#now() < known.until) return known
    const entry = { promise: this.#load(key), until: this.#now() + this.#keepFor }
    this.#entries.set(key, entry)
    return entry
  }
}
