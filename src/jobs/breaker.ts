/** Rollouts in a row that may fail with one and the same sentence before the job stops trying. */
const IN_A_ROW = 3

/** Notices when our machinery fails every rollout in the same way: a wrong key, a dead endpoint, a stopped engine. */
export class Breaker {
  #says: string | undefined
  #rollouts: number[] = []

  /** @param infrastructure - why the rollout failed; `undefined`: it did not. Returns what all of the last ones failed of. */
  hear(
    rollout: number,
    infrastructure: string | undefined,
  ): { readonly says: string; readonly rollouts: readonly number[] } | undefined {
    if (infrastructure === undefined || infrastructure !== this.#says) this.#rollouts = []
    this.#says = infrastructure
    if (infrastructure === undefined) return undefined
    this.#rollouts.push(rollout)
    if (this.#rollouts.length < IN_A_ROW) return undefined
    const rollouts = this.#rollouts
    this.reset()
    return { says: infrastructure, rollouts }
  }

  reset(): void {
    this.#says = undefined
    this.#rollouts = []
  }
}
