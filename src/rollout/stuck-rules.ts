import type { StepDraft } from '../domain/trajectory.ts'
import { actionLabel } from '../tree/action-key.ts'
import { createChantWatch } from './chanting.ts'
import { readStep, type StepReading } from './step-reading.ts'
import { STUCK_RULES, type StepFacts, type StuckRule } from './stuck.ts'
import { NO_FINDINGS, type StuckFinder, type StuckFinding } from './stuck-finding.ts'
import { actionName, stuckPhrase } from './stuck-words.ts'

/** Rounds at which each rule fires. */
export const STUCK_THRESHOLDS: Readonly<Record<StuckRule, number>> = {
  'action-observation': 4,
  'action-error': 3,
  malformed: 3,
  message: 3,
  cycle: 3,
  chanting: 1,
}

/** Shortest and longest round of a cycle, in Steps. */
const MIN_PERIOD = 2
const MAX_PERIOD = 5

/** A run of rounds that satisfies a rule. */
interface Run {
  readonly rule: StuckRule
  readonly period: number
  /** Steps from the first of the run to the newest. */
  readonly steps: number
  readonly threshold: number
}

/**
 * Our own rules, each a count of rounds up to the newest Step:
 * - `action-observation`: the same call with the same normalised Observation; thoughts are left aside
 * - `action-error`: the same call, failing each time, whatever the error
 * - `malformed`: replies that could not be read, equal or not · `message`: the same message without a call
 * - `cycle`: the same 2 to 5 rounds again and again · `chanting`: replies that repeat themselves inside
 *
 * A Step in which the machinery failed ends every run. A round in which the Policy waits needs `waitRounds`.
 */
export class SealignRules implements StuckFinder {
  readonly rules: readonly StuckRule[]
  readonly #thresholds: ReadonlyMap<StuckRule, number>
  readonly #waitRounds: number
  readonly #chant = createChantWatch()
  #last: StepReading | undefined
  /** Lengths, in Steps, of the runs that end with the newest Step. */
  readonly #runs: Record<Exclude<StuckRule, 'cycle'>, number> = { ...NO_RUNS }
  #sameRound = 0
  readonly #ring = new Ring()

  /** @param thresholds - rounds per rule; a rule that is missing is off. */
  constructor(thresholds: ReadonlyMap<StuckRule, number>, waitRounds: number) {
    this.#thresholds = thresholds
    this.rules = STUCK_RULES.filter((rule) => thresholds.has(rule))
    this.#waitRounds = waitRounds
  }

  push(step: StepDraft, t: number, facts?: StepFacts): readonly StuckFinding[] {
    const reading = readStep(step, facts)
    if (reading.infrastructure) {
      this.reset()
      return NO_FINDINGS
    }
    this.#count(step, reading)
    this.#ring.push(reading.round, reading.waits, actionName(step))
    this.#last = reading
    let findings: StuckFinding[] | undefined
    for (const rule of this.rules) {
      const run = this.#run(rule, reading)
      if (run !== undefined) (findings ??= []).push(this.#finding(run, step, t))
    }
    return findings ?? NO_FINDINGS
  }

  reset(): void {
    this.#last = undefined
    this.#sameRound = 0
    Object.assign(this.#runs, NO_RUNS)
    this.#ring.reset()
  }

  #count(step: StepDraft, reading: StepReading): void {
    const { kind, failed } = reading
    const last = this.#last
    const runs = this.#runs
    const sameAction = last?.action === reading.action
    this.#sameRound = last?.round === reading.round ? this.#sameRound + 1 : 1
    runs['action-observation'] = kind === 'call' ? this.#sameRound : 0
    runs['action-error'] = kind === 'call' && failed ? (sameAction ? runs['action-error'] : 0) + 1 : 0
    runs.malformed = kind === 'malformed' ? runs.malformed + 1 : 0
    runs.message = kind === 'message' ? this.#sameRound : 0
    runs.chanting = this.#thresholds.has('chanting') && this.#chants(step) ? runs.chanting + 1 : 0
  }

  #chants({ reply }: StepDraft): boolean {
    this.#chant.reset()
    if (reply.reasoning !== undefined && this.#chant.push(reply.reasoning)) return true
    this.#chant.reset()
    return this.#chant.push(reply.content)
  }

  /** The run of a rule that has reached its threshold. */
  #run(rule: StuckRule, { waits }: StepReading): Run | undefined {
    const rounds = this.#thresholds.get(rule)
    if (rounds === undefined) return undefined
    if (rule === 'cycle') return this.#cycle(rounds)
    const steps = this.#runs[rule]
    const threshold = waits ? Math.max(rounds, this.#waitRounds) : rounds
    return steps >= threshold ? { rule, period: 1, steps, threshold } : undefined
  }

  /** The shortest cycle; one round again and again is not one. */
  #cycle(rounds: number): Run | undefined {
    for (let period = MIN_PERIOD; period <= MAX_PERIOD; period++) {
      const agreed = this.#ring.agreed(period)
      if (agreed === 0 || this.#sameRound >= period) continue
      const threshold = this.#ring.waits(period) ? Math.max(rounds, this.#waitRounds) : rounds
      if (agreed >= period * (threshold - 1)) return { rule: 'cycle', period, steps: agreed + period, threshold }
    }
    return undefined
  }

  #finding({ rule, period, steps, threshold }: Run, step: StepDraft, t: number): StuckFinding {
    const repeats = Math.floor(steps / period)
    const names = rule === 'chanting' ? [this.#chant.chant?.chunk ?? ''] : this.#ring.names(period)
    const from = t - repeats * period + 1
    return {
      detection: { rule, from, to: t, period, repeats, says: stuckPhrase(rule, repeats, names) },
      threshold,
      label: actionLabel(step),
    }
  }
}

const NO_RUNS = { 'action-observation': 0, 'action-error': 0, malformed: 0, message: 0, chanting: 0 } as const

/** The last rounds, and for each period how many of the newest Steps equal the one a period before. */
class Ring {
  readonly #rounds: { readonly round: string; readonly waits: boolean; readonly name: string }[] = []
  readonly #agreed = new Array<number>(MAX_PERIOD + 1).fill(0)
  #steps = 0

  push(round: string, waits: boolean, name: string): void {
    for (let period = MIN_PERIOD; period <= MAX_PERIOD; period++)
      this.#agreed[period] = this.#back(period)?.round === round ? (this.#agreed[period] ?? 0) + 1 : 0
    this.#rounds[this.#steps % MAX_PERIOD] = { round, waits, name }
    this.#steps++
  }

  agreed(period: number): number {
    return this.#agreed[period] ?? 0
  }

  /** Whether one of the newest `period` Steps waits. */
  waits(period: number): boolean {
    for (let back = 1; back <= period; back++) if (this.#back(back)?.waits) return true
    return false
  }

  /** Names of the newest `period` Actions, oldest first. */
  names(period: number): string[] {
    return Array.from({ length: period }, (_, at) => this.#back(period - at)?.name ?? '')
  }

  reset(): void {
    this.#rounds.length = 0
    this.#agreed.fill(0)
    this.#steps = 0
  }

  /** The round `back` Steps before the one to come, 1 ≤ back ≤ MAX_PERIOD. */
  #back(back: number) {
    return back > this.#steps ? undefined : this.#rounds[(this.#steps - back) % MAX_PERIOD]
  }
}
