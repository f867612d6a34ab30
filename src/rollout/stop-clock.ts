/** Why a rollout was stopped from outside. */
export type StopReason = 'cancelled' | 'time-limit'

/** Longest delay a Node timer can hold. */
const MAX_DELAY_MS = 2 ** 31 - 1

/** One signal for two ways to stop a rollout: a person cancels it, or its wall time is over. A pause stops the clock. */
export class StopClock {
  readonly #controller = new AbortController()
  readonly #cancel: AbortSignal
  readonly #onCancel = (): void => this.#stop('cancelled')
  #leftMs: number
  #startedAt = 0
  #timer: NodeJS.Timeout | undefined
  #why: StopReason | undefined

  constructor(cancel: AbortSignal, wallMs: number) {
    this.#cancel = cancel
    this.#leftMs = wallMs
    cancel.addEventListener('abort', this.#onCancel, { once: true })
    if (cancel.aborted) this.#onCancel()
    else this.#run()
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** `undefined`: not stopped. */
  get why(): StopReason | undefined {
    return this.#why
  }

  /** Waits for the end of a pause while the clock stands; returns its milliseconds. A cancelled rollout waits no longer. */
  async rest(gate: Promise<void>): Promise<number> {
    const since = performance.now()
    clearTimeout(this.#timer)
    this.#leftMs -= since - this.#startedAt
    let wake = (): void => {}
    const stopped = new Promise<void>((resolve) => (wake = resolve))
    this.signal.addEventListener('abort', wake)
    try {
      if (!this.signal.aborted) await Promise.race([gate, stopped])
    } finally {
      this.signal.removeEventListener('abort', wake)
      if (!this.signal.aborted) this.#run()
    }
    return performance.now() - since
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#cancel.removeEventListener('abort', this.#onCancel)
  }

  #run(): void {
    this.#startedAt = performance.now()
    this.#timer = setTimeout(() => this.#stop('time-limit'), Math.min(Math.max(this.#leftMs, 0), MAX_DELAY_MS))
  }

  #stop(why: StopReason): void {
    this.#why ??= why
    clearTimeout(this.#timer)
    this.#controller.abort()
  }
}
