import type { StepDraft } from '../domain/trajectory.ts'
import { actionLanes } from '../tree/action-key.ts'
import { LANES } from '../tree/key-lanes.ts'

/** Rounds of the exact same action that the paper calls stuck (§5.2). */
const PAPER_ROUNDS = 3
const CALL = LANES.indexOf('call') * 2

/** Steps `from` … `to`, both included, t ≥ 1. */
export interface StepRange {
  readonly from: number
  readonly to: number
}

/** The paper's metric, Step by Step: it measures and never stops a run. */
export interface PaperMetric {
  /** Takes the next Step. */
  push(step: StepDraft): void
  /** The first Steps with the same Action for three rounds or more; `undefined`: the Trajectory is not stuck. */
  readonly stuck: StepRange | undefined
}

/**
 * Stuck in loop as SEAlign §5.2 measures it: the exact same action in three consecutive rounds.
 *
 * **Choice** – "exact same action" is the canonical call (merge mode `call`): thought and observation are left aside, a malformed
 * reply counts by its raw text, and waiting is no exemption.
 */
export function createPaperMetric(): PaperMetric {
  return new Metric()
}

/** The metric of a whole Trajectory. */
export function stuckPaper(steps: Iterable<StepDraft>): StepRange | undefined {
  const metric = createPaperMetric()
  for (const step of steps) metric.push(step)
  return metric.stuck
}

class Metric implements PaperMetric {
  #t = 0
  #action = ''
  #from = 1
  #stuck: StepRange | undefined

  get stuck(): StepRange | undefined {
    return this.#stuck
  }

  push(step: StepDraft): void {
    this.#t++
    const keys = actionLanes([step])
    const action = `${keys[CALL]}:${keys[CALL + 1]}`
    if (action !== this.#action) {
      this.#action = action
      this.#from = this.#t
    } else if (this.#t - this.#from + 1 >= PAPER_ROUNDS && (this.#stuck?.from ?? this.#from) === this.#from)
      this.#stuck = { from: this.#from, to: this.#t }
  }
}
