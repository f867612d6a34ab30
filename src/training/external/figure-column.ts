/** One figure over ascending steps; what is looked for lies nearly always beside what was looked for before. */
export class FigureColumn {
  readonly #steps: number[] = []
  readonly #values: number[] = []
  #at = 0

  /** The highest step; -1: there is none. */
  get last(): number {
    return this.#steps.at(-1) ?? -1
  }

  get(step: number): number | undefined {
    const at = this.#find(step)
    return this.#steps[at] === step ? this.#values[at] : undefined
  }

  /** The figure of this step, else that of the newest one before it. */
  latest(step: number): number | undefined {
    return this.get(step) ?? this.#values[this.#find(step) - 1]
  }

  /** Says whether the step had none yet; the first one stays. */
  add(step: number, value: number): boolean {
    if (step > this.last) {
      this.#steps.push(step)
      this.#values.push(value)
      return true
    }
    const at = this.#find(step)
    if (this.#steps[at] === step) return false
    this.#steps.splice(at, 0, step)
    this.#values.splice(at, 0, value)
    return true
  }

  /** Forgets `step` and everything after it. */
  cut(step: number): void {
    const at = this.#find(step)
    this.#steps.length = at
    this.#values.length = at
  }

  /** The first step that is `step` or more. */
  from(step: number): number | undefined {
    return this.#steps[this.#find(step)]
  }

  /** The lowest figure of the steps before `end`, the first of equal ones. */
  lowest(end: number): { readonly step: number; readonly value: number } | undefined {
    let best: { readonly step: number; readonly value: number } | undefined
    const stop = this.#find(end)
    for (let at = 0; at < stop; at++) {
      const value = this.#values[at] ?? Number.NaN
      if (value < (best?.value ?? Number.POSITIVE_INFINITY)) best = { step: this.#steps[at] ?? 0, value }
    }
    return best
  }

  /** The first place whose step is `step` or more. */
  #find(step: number): number {
    for (let near = this.#at; near <= Math.min(this.#at + 1, this.#steps.length); near++)
      if (this.#isFirst(near, step)) return (this.#at = near)
    let [low, high] = [0, this.#steps.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#steps[middle] ?? 0) < step) low = middle + 1
      else high = middle
    }
    return (this.#at = low)
  }

  #isFirst(at: number, step: number): boolean {
    const isBefore = at === 0 || (this.#steps[at - 1] ?? 0) < step
    return isBefore && (at === this.#steps.length || (this.#steps[at] ?? 0) >= step)
  }
}
