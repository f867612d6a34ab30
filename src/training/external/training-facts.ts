import type { JsonObject } from '../../domain/json.ts'
import { FigureColumn } from './figure-column.ts'

/** Steps whose times say how fast a training is. */
const WINDOW = 50
const MAX_WARNINGS = 20

/** What is known of a training beside its figures; whoever reads something of it adds to this. */
export class TrainingFacts {
  /** Optimizer steps in all. */
  totalSteps: number | undefined
  epochs: number | undefined
  /** Of weights and activations. */
  dtype: string | undefined
  config: JsonObject = {}
  /** Folder of the best checkpoint. */
  bestPath: string | undefined
  /** The step after which the trainer said that it is done. */
  doneAt: number | undefined
  seconds: number | undefined
  /** The newest beginning again: steps from `step` on are only believed where they were written after `atMs`. */
  attempt: { readonly step: number; readonly atMs: number } | undefined
  /** What the trainer itself expects, and after which step. */
  remaining: { readonly step: number; readonly seconds: number } | undefined
  readonly #warnings = new Set<string>()
  readonly #epochs = new FigureColumn()
  readonly #times = new FigureColumn()

  /** What a person should know, each once. */
  get warnings(): readonly string[] {
    return [...this.#warnings]
  }

  warn(message: string): void {
    if (this.#warnings.size < MAX_WARNINGS) this.#warnings.add(message)
  }

  addEpoch(step: number, epoch: number): void {
    if (Number.isFinite(epoch)) this.#epochs.add(step, epoch)
  }

  /** The trainer said that it is done. */
  endAt(step: number, seconds?: number): void {
    this.doneAt = step
    if (seconds !== undefined && Number.isFinite(seconds)) this.seconds = seconds
  }

  /** When a step was done, milliseconds since the epoch. */
  addTime(step: number, atMs: number): void {
    if (Number.isFinite(atMs)) this.#times.add(step, atMs)
  }

  /** When a step was done, seconds since the epoch; the first known one for steps before it. */
  secondsAt(step: number): number | undefined {
    const ms = this.#times.latest(step) ?? this.#times.get(this.#times.from(0) ?? -1)
    return ms === undefined ? undefined : ms / 1000
  }

  cut(step: number): void {
    this.#epochs.cut(step)
    this.#times.cut(step)
    this.remaining = undefined
    if ((this.doneAt ?? -1) >= step) this.doneAt = undefined
  }

  /** Passes over the data after a step: as it was said, else its part of all steps; 0 where nobody knows. */
  epochOf(step: number): number {
    const part = this.totalSteps === undefined || this.epochs === undefined ? 0 : (step / this.totalSteps) * this.epochs
    return this.#epochs.get(step) ?? (part > 0 ? part : (this.#epochs.latest(step) ?? 0))
  }

  /** Steps in all, from what a pass takes, where the trainer has not said it itself. */
  expectedSteps(step: number): number | undefined {
    const epoch = this.#epochs.latest(step)
    if (this.epochs === undefined || epoch === undefined || epoch <= 0) return undefined
    return Math.max(step, Math.round((step / epoch) * this.epochs))
  }

  /** How long the training still takes after its newest step, at the pace of the last ones; null: nobody knows. */
  etaSeconds(step: number, totalSteps: number): number | null {
    if (this.remaining?.step === step) return this.remaining.seconds
    if (totalSteps < step) return null
    const first = this.#times.from(Math.max(0, step - WINDOW))
    const [from, to] = [this.#times.get(first ?? -1), this.#times.get(step)]
    if (first === undefined || from === undefined || to === undefined || first === step || to < from) return null
    return ((to - from) / 1000 / (step - first)) * (totalSteps - step)
  }

  /** Seconds between the first step that has a time and the last one. */
  span(step: number): number {
    const [from, to] = [this.#times.get(this.#times.from(0) ?? -1), this.#times.latest(step)]
    return from === undefined || to === undefined ? 0 : Math.max(0, (to - from) / 1000)
  }
}
