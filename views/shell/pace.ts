/** Shortest time between two frames that only data asked for, milliseconds: a live screen stays calm. */
const DATA_MS = 100

/**
 * When to draw although no key was pressed: after data changed, at once and then at most ten times a second, and when what is shown
 * changes by itself.
 */
export class Pace {
  readonly #draw: () => void
  #pending: NodeJS.Timeout | undefined
  #waking: NodeJS.Timeout | undefined
  #lastMs = Number.NEGATIVE_INFINITY

  constructor(draw: () => void) {
    this.#draw = draw
  }

  /** Data changed. */
  changed(): void {
    if (this.#pending !== undefined) return
    const wait = this.#lastMs + DATA_MS - performance.now()
    if (wait <= 0) return this.#now()
    this.#pending = setTimeout(() => this.#now(), wait).unref()
  }

  /** What is drawn now will be out of date in `ms` milliseconds; `undefined`: never by itself. */
  wakeIn(ms: number | undefined): void {
    clearTimeout(this.#waking)
    this.#waking = ms === undefined ? undefined : setTimeout(() => this.changed(), ms).unref()
  }

  #now(): void {
    clearTimeout(this.#pending)
    this.#pending = undefined
    this.#lastMs = performance.now()
    this.#draw()
  }
}
