import { EvaluationFacts } from '../sessions/evaluation-facts.ts'
import type { Session } from '../sessions/session.ts'
import { SealignError } from '../src/domain/errors.ts'
import type { EvaluationReport } from '../src/evaluation/report.ts'
import type { Loadable } from './model.ts'

/** Milliseconds of reading before keys and frames have their turn again. */
const SLICE_MS = 8

/**
 * The report over a Session's Evaluations for the screen. Nothing is read before somebody asks; then rollouts are measured in short slices,
 * and afterwards only those that ended since.
 */
export class SessionReport implements Disposable {
  readonly #facts: EvaluationFacts
  readonly #tell: () => void
  #value: Loadable<EvaluationReport> = { state: 'loading' }
  #asked = false
  #next: NodeJS.Immediate | undefined

  /** @param tell - called when what `report` answers changed by itself. */
  constructor(session: Session, tell: () => void) {
    this.#facts = new EvaluationFacts(session)
    this.#tell = tell
  }

  report(): Loadable<EvaluationReport> {
    if (!this.#asked) {
      this.#asked = true
      this.#guarded(() => this.#begin())
    }
    return this.#value
  }

  /** Looks for what changed; says whether anything did. */
  refresh(): boolean {
    if (!this.#asked) return false
    return this.#guarded(() => {
      if (!this.#facts.look()) return false
      if (this.#next === undefined) this.#slice()
      return true
    })
  }

  [Symbol.dispose](): void {
    clearImmediate(this.#next)
  }

  #begin(): boolean {
    this.#facts.look()
    this.#slice()
    return true
  }

  /** Measures for a while; what is left goes on by itself. A report that is there stays while newer rollouts are read. */
  #slice(): void {
    const until = performance.now() + SLICE_MS
    const done = this.#facts.read(() => performance.now() < until)
    if (done || this.#value.state === 'ready') this.#value = { state: 'ready', value: this.#facts.report() }
    else this.#value = { state: 'loading', note: `${this.#facts.waiting} to go` }
    this.#next = done ? undefined : setImmediate(() => this.#guarded(() => this.#goOn()))
  }

  #goOn(): boolean {
    this.#slice()
    this.#tell()
    return true
  }

  #guarded(work: () => boolean): boolean {
    try {
      return work()
    } catch (error) {
      this.#next = undefined
      this.#value = {
        state: 'error',
        message: `the report could not be read: ${error instanceof Error ? error.message : String(error)}`,
        ...(error instanceof SealignError && error.hint !== undefined && { hint: error.hint }),
      }
      return true
    }
  }
}
