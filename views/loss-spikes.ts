import type { LossSpike, StepFigures } from './run-model.ts'

/** Steps before one that it is compared with, and the fewest that tell anything. */
const WINDOW = 50
const FEWEST = 20
/** A spike is this many median deviations above the median (for figures of a bell curve 5.4 standard deviations) … */
const DEVIATIONS = 8
/** … and this part of the median, so that a flat curve's rounding is none. */
const LEAST_PART = 0.05

/**
 * Steps whose loss stands out: beyond median + 8 × median absolute deviation of the 50 steps of its stage before it, never in the first 20.
 * Steps that stand out one after the other are one spike, at its first. Each step is looked at once, when it is said.
 */
export class LossSpikes {
  #stage: string | undefined
  #window: number[] = []
  #spikes: LossSpike[] = []
  #wasHigh = false

  get list(): readonly LossSpike[] {
    return this.#spikes
  }

  hear({ x, stage, kind, metrics }: StepFigures): void {
    const loss = metrics['loss']
    if (kind !== 'step' || loss === undefined || !Number.isFinite(loss)) return
    if (stage !== this.#stage) {
      this.#window = []
      this.#wasHigh = false
    }
    this.#stage = stage
    if (this.#window.length >= FEWEST) {
      const median = medianOf(this.#window)
      const deviation = medianOf(this.#window.map((each) => Math.abs(each - median)))
      const most = median + Math.max(DEVIATIONS * deviation, LEAST_PART * Math.abs(median))
      const isHigh = loss > most
      // Another array: the one that was handed out stays as it was.
      if (isHigh && !this.#wasHigh) this.#spikes = [...this.#spikes, { x, loss, median }]
      this.#wasHigh = isHigh
    }
    this.#window.push(loss)
    if (this.#window.length > WINDOW) this.#window.shift()
  }
}

function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const [low = Number.NaN, high = Number.NaN] = [sorted[middle - 1], sorted[middle]]
  return sorted.length % 2 === 1 ? high : (low + high) / 2
}
