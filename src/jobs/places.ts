/** A number of places; whoever finds none waits in line. */
export class Places {
  #free: number
  readonly #line: PromiseWithResolvers<void>[] = []

  constructor(places: number) {
    this.#free = places
  }

  /** Does work in a place. @throws the signal's reason when aborted before a place was free. */
  async use<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    await this.#enter(signal)
    try {
      return await work()
    } finally {
      const next = this.#line.shift()
      if (next) next.resolve()
      else this.#free++
    }
  }

  async #enter(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    if (this.#free > 0) {
      this.#free--
      return
    }
    const turn = Promise.withResolvers<void>()
    this.#line.push(turn)
    const leave = (): void => {
      const at = this.#line.indexOf(turn)
      if (at < 0) return
      this.#line.splice(at, 1)
      turn.reject(signal.reason)
    }
    signal.addEventListener('abort', leave, { once: true })
    try {
      await turn.promise
    } finally {
      signal.removeEventListener('abort', leave)
    }
  }
}
