import type { RolloutEvent } from './events.ts'

/**
 * Hands events to whoever hears a rollout. The first failure there – a full disk, a locked store – is kept and thrown at the
 * next event that is waited for: a rollout that nobody can store must not go on.
 */
export class Listener {
  readonly #hear: (event: RolloutEvent) => void | Promise<void>
  #failed = false
  #failure: unknown

  constructor(hear: (event: RolloutEvent) => void | Promise<void>) {
    this.#hear = hear
  }

  /** What went wrong where events are heard. */
  get failure(): unknown {
    return this.#failure
  }

  /** Tells without waiting. */
  readonly tell = (event: RolloutEvent): void => {
    if (this.#failed) return
    try {
      this.#hear(event)?.catch((error: unknown) => this.#fail(error))
    } catch (error) {
      this.#fail(error)
    }
  }

  /** Tells and waits until it was heard. @throws the first failure of any event so far. */
  async store(event: RolloutEvent): Promise<void> {
    this.rethrow()
    try {
      await this.#hear(event)
    } catch (error) {
      this.#fail(error)
    }
    this.rethrow()
  }

  rethrow(): void {
    if (this.#failed) throw this.#failure
  }

  #fail(error: unknown): void {
    if (!this.#failed) this.#failure = error
    this.#failed = true
  }
}
