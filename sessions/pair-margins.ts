import type { RunEvent } from '../src/training/run-event.ts'

/** How a Pair fares in a Run whose policy prefers its rejected side again and again. */
export interface WrongPair {
  readonly id: string
  /** Newest reward margin, and the mean of those that were judged; both < 0. */
  readonly last: number
  readonly mean: number
  /** How often it was measured, and how often below 0. */
  readonly times: number
  readonly negative: number
  /** Newest margins, oldest first. */
  readonly recent: readonly number[]
  /** Not learnt from, only evaluated. */
  readonly heldOut: boolean
}

/** A Pair is judged by this many of its newest margins: all of them negative. One with fewer is not judged. */
export const JUDGED_MARGINS = 3
const RECENT = 24

interface Measure {
  readonly step: number
  readonly margin: number
  readonly heldOut: boolean
}

/**
 * Reward margins of the Pairs of a Run, folded from what its trainer said; each event costs its own batch. Before anything was learnt (the
 * first step, the evaluation before it) policy and reference are the same, and a margin is 0 or rounding: those are left out.
 */
export class PairMargins {
  readonly #measures = new Map<string, Measure[]>()
  readonly #wrong = new Set<string>()
  #list: readonly WrongPair[] | undefined

  hear(event: RunEvent): void {
    if (event.type === 'start') return this.#goBack(event.stage === 'dpo' ? (event.resume?.step ?? -1) : -1)
    if (event.type === 'step' && event.step > 1)
      event.margins?.forEach((margin, at) => this.#measure(event.batch[at], margin, event.step, false))
    if (event.type === 'eval' && event.step > 0)
      for (const { id, margin } of event.pairs ?? []) this.#measure(id, margin, event.step, true)
  }

  /** Pairs whose newest margins are all negative, worst first; the same array until more is heard. */
  wrong(): readonly WrongPair[] {
    this.#list ??= [...this.#wrong]
      .map((id) => wrongPair(id, this.#measures.get(id) ?? []))
      .sort((a, b) => a.mean - b.mean || (a.id < b.id ? -1 : 1))
    return this.#list
  }

  #measure(id: string | undefined, margin: number | null, step: number, heldOut: boolean): void {
    if (id === undefined || margin === null) return
    const measures = this.#measures.get(id) ?? []
    this.#measures.set(id, measures)
    measures.push({ step, margin, heldOut })
    this.#judge(id, measures)
  }

  #judge(id: string, measures: readonly Measure[]): void {
    const judged = measures.slice(-JUDGED_MARGINS)
    if (judged.length === JUDGED_MARGINS && judged.every(({ margin }) => margin < 0)) this.#wrong.add(id)
    else this.#wrong.delete(id)
    this.#list = undefined
  }

  /** Forgets what was measured in steps that are done again. */
  #goBack(done: number): void {
    for (const [id, measures] of this.#measures) {
      const kept = measures.filter(({ step }) => step <= done)
      this.#measures.set(id, kept)
      this.#judge(id, kept)
    }
  }
}

/** Why a Pair goes back to review: `margin −0.42 in r3, negative 5 of 7 times`. */
export function marginNote({ last, negative, times }: WrongPair, run: string): string {
  const size = Math.abs(last)
  const text = size >= 0.01 ? size.toFixed(2) : size.toPrecision(1)
  return `margin −${text} in ${run}, negative ${negative} of ${times} times`
}

function wrongPair(id: string, measures: readonly Measure[]): WrongPair {
  const judged = measures.slice(-JUDGED_MARGINS)
  const newest = judged.at(-1)
  return {
    id,
    last: newest?.margin ?? Number.NaN,
    mean: judged.reduce((sum, { margin }) => sum + margin, 0) / judged.length,
    times: measures.length,
    negative: measures.filter(({ margin }) => margin < 0).length,
    recent: measures.slice(-RECENT).map(({ margin }) => margin),
    heldOut: measures.every(({ heldOut }) => heldOut),
  }
}
