import { availableParallelism } from 'node:os'

/** Gradings that run at once where nobody says how many: tests use the CPU, agents wait for the model. */
export function defaultConcurrency(cores: number = availableParallelism()): number {
  return Math.max(1, Math.floor(cores - 0.25 * cores))
}

interface Waiting {
  /** Seconds the work is expected to take. */
  readonly seconds: number
  readonly begin: () => void
}

/** Bounds how many gradings run at once; whoever waits with the longest work begins first, so that none is left alone at the end. */
export class GradingPool {
  readonly #concurrency: number
  #running = 0
  /** Longest last; in order of arrival where equal. */
  readonly #queue: Waiting[] = []

  /** @param concurrency - at least 1; default: three quarters of the cores. */
  constructor(concurrency: number = defaultConcurrency()) {
    this.#concurrency = Math.max(1, Math.floor(concurrency))
  }

  get running(): number {
    return this.#running
  }

  get waiting(): number {
    return this.#queue.length
  }

  /**
   * Waits for a place, works, and gives the place back however the work ends.
   * @param seconds - expected duration; 0: unknown.
   * @throws the signal's reason when it is aborted before a place is free; running work hears its own signal.
   */
  async run<Result>(work: () => Promise<Result>, signal?: AbortSignal, seconds = 0): Promise<Result> {
    await this.#place(signal, seconds)
    try {
      signal?.throwIfAborted()
      return await work()
    } finally {
      this.#running--
      this.#next()
    }
  }

  async #place(signal: AbortSignal | undefined, seconds: number): Promise<void> {
    signal?.throwIfAborted()
    if (this.#running < this.#concurrency) {
      this.#running++
      return
    }
    const turn = Promise.withResolvers<void>()
    const waiting: Waiting = { seconds, begin: turn.resolve }
    const leave = (): void => {
      const at = this.#queue.indexOf(waiting)
      if (at === -1) return
      this.#queue.splice(at, 1)
      turn.reject(signal?.reason)
    }
    this.#queue.splice(this.#placeOf(seconds), 0, waiting)
    signal?.addEventListener('abort', leave, { once: true })
    try {
      await turn.promise
    } finally {
      signal?.removeEventListener('abort', leave)
    }
  }

  /** Behind everything that takes at most as long: what is taken next stands at the end. */
  #placeOf(seconds: number): number {
    let low = 0
    let high = this.#queue.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#queue[middle]?.seconds ?? 0) < seconds) low = middle + 1
      else high = middle
    }
    return low
  }

  #next(): void {
    if (this.#running >= this.#concurrency) return
    const waiting = this.#queue.pop()
    if (!waiting) return
    this.#running++
    waiting.begin()
  }
}
