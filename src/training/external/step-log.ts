import { FigureColumn } from './figure-column.ts'

/** What one step of a training said: an optimizer step, or the evaluation after it. */
export interface LoggedStep {
  readonly kind: 'step' | 'eval'
  readonly step: number
  /** A figure that is not finite is null. */
  readonly metrics: Readonly<Record<string, number | null>>
}

/** Different metrics that are kept at most. */
const MAX_METRICS = 500
/** Beyond any training: such a step is a mistake. */
const MAX_STEP = 2 ** 40
const HELD_OUT = 'eval_'

/**
 * Figures of a training by name and step, put together from everything that describes it: whoever says a figure of a step first is
 * believed. They are given out in the order of their steps, each once; what changes after it was given out is given out again.
 */
export class StepLog {
  readonly #columns = new Map<string, FigureColumn>()
  #isFull = false
  /** Place (`placeOf`) of what was given out last. */
  #given = -1
  #changedFrom: number | undefined

  get names(): readonly string[] {
    return [...this.#columns.keys()]
  }

  /** Whether there were too many metrics. */
  get isFull(): boolean {
    return this.#isFull
  }

  /** The highest step of which anything is known; -1: none. */
  get lastStep(): number {
    return Math.floor(this.#lastPlace() / 2)
  }

  get(name: string, step: number): number | undefined {
    return this.#columns.get(name)?.get(step)
  }

  /** Says whether it was not known yet; what is no step is passed over. */
  add(name: string, step: number, value: number): boolean {
    if (!isStep(step)) return false
    let column = this.#columns.get(name)
    if (!column) {
      if (this.#columns.size >= MAX_METRICS) {
        this.#isFull = true
        return false
      }
      column = new FigureColumn()
      this.#columns.set(name, column)
    }
    if (!column.add(step, Number.isFinite(value) ? value : Number.NaN)) return false
    if (placeOf(name, step) <= this.#given) this.#change(step)
    return true
  }

  /** Forgets everything of `step` and later ones: they are done again. */
  cut(step: number): void {
    for (const column of this.#columns.values()) column.cut(step)
    if (2 * step <= this.#given) this.#change(step)
  }

  /** Where something that was given out has changed: the step from which on `next` gives everything again. */
  takeBack(): number | undefined {
    const step = this.#changedFrom
    if (step === undefined) return undefined
    this.#changedFrom = undefined
    this.#given = 2 * step - 1
    return step
  }

  /** @param withLast - also the very last: more figures of it may be still to come. */
  next(withLast: boolean): LoggedStep | undefined {
    let place = Number.POSITIVE_INFINITY
    for (const [name, column] of this.#columns) {
      const step = column.from(name.startsWith(HELD_OUT) ? Math.ceil(this.#given / 2) : Math.floor(this.#given / 2) + 1)
      if (step !== undefined) place = Math.min(place, placeOf(name, step))
    }
    if (place === Number.POSITIVE_INFINITY || (!withLast && place === this.#lastPlace())) return undefined
    this.#given = place
    return this.#at(place)
  }

  /** The lowest finite figure of this name before step `end`. */
  lowest(name: string, end: number): { readonly step: number; readonly value: number } | undefined {
    return this.#columns.get(name)?.lowest(end)
  }

  #at(place: number): LoggedStep {
    const step = Math.floor(place / 2)
    const metrics: Record<string, number | null> = {}
    for (const [name, column] of this.#columns) {
      if (placeOf(name, step) !== place) continue
      const value = column.get(step)
      if (value !== undefined) metrics[name] = Number.isNaN(value) ? null : value
    }
    return { kind: place % 2 === 0 ? 'step' : 'eval', step, metrics }
  }

  #lastPlace(): number {
    let last = -1
    for (const [name, column] of this.#columns) if (column.last >= 0) last = Math.max(last, placeOf(name, column.last))
    return last
  }

  #change(step: number): void {
    this.#changedFrom = Math.min(this.#changedFrom ?? step, step)
  }
}

/** Whether a training may have such a step: a whole number from 0. */
export function isStep(step: unknown): step is number {
  return typeof step === 'number' && Number.isInteger(step) && step >= 0 && step <= MAX_STEP
}

/** Steps in order, each evaluation right after its step. */
function placeOf(name: string, step: number): number {
  return 2 * step + (name.startsWith(HELD_OUT) ? 1 : 0)
}
