import type { StepTiming } from './events.ts'

/** Tells where the time of each Step goes, storing of the Step before it included. */
export class StepClock {
  #since = 0
  #policyMs = 0
  #commandMs = 0
  #leftOutMs = 0

  /** The first Step begins now. */
  begin(): void {
    this.#since = performance.now()
    this.#policyMs = this.#commandMs = this.#leftOutMs = 0
  }

  async policy<Result>(work: () => Promise<Result>): Promise<Result> {
    const since = performance.now()
    const result = await work()
    this.#policyMs += performance.now() - since
    return result
  }

  async command<Result>(work: () => Promise<Result>): Promise<Result> {
    const since = performance.now()
    const result = await work()
    this.#commandMs += performance.now() - since
    return result
  }

  /** Time that belongs to nobody: a pause. */
  leaveOut(ms: number): void {
    this.#leftOutMs += ms
  }

  /** Ends a Step, begins the next one. */
  lap(): StepTiming {
    const policyMs = this.#policyMs
    const commandMs = this.#commandMs
    const total = performance.now() - this.#since - this.#leftOutMs
    this.begin()
    return { policyMs, commandMs, overheadMs: Math.max(0, total - policyMs - commandMs) }
  }
}
