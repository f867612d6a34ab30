import type { Outcome, StepDraft } from '../domain/trajectory.ts'
import type { StuckOptions, StuckPolicy, StuckRule } from './stuck.ts'
import { Escalation, type EscalationSettings } from './stuck-escalation.ts'
import { NO_FINDINGS, type StuckFinder, type StuckFinding } from './stuck-finding.ts'
import { createPaperMetric } from './stuck-paper.ts'
import { createStuckFinder, escalationOf } from './stuck-watch.ts'

/** One finished Trajectory; its Steps are read once, in order. */
export interface BacktestTrajectory {
  readonly id: string
  readonly outcome: Outcome
  readonly steps: Iterable<StepDraft>
  /** Tokens the model wrote over the whole Trajectory, where recorded. */
  readonly completionTokens?: number
}

/** What would have happened if the Trajectories had ended where a rule took effect. */
export interface BacktestCut {
  readonly trajectories: number
  /** Median Step of the effect; `undefined` when there was none. */
  readonly medianStep: number | undefined
  readonly stepsSaved: number
  /** Tokens of the replies that would not have been written; see `BacktestReport.tokens`. */
  readonly tokensSaved: number
  /** Ids of the resolved Trajectories among them: work that would have been lost. */
  readonly resolved: readonly string[]
}

/** A rule alone, or all of them together. */
export interface BacktestRow {
  readonly rule: StuckRule | 'all'
  /** The rule's threshold was reached: flagged, and the Policy nudged (if it was not stopped at once). */
  readonly fired: BacktestCut
  /** The loop went on and the rollout would have been stopped. */
  readonly stopped: BacktestCut
}

export interface BacktestReport {
  readonly policy: StuckPolicy
  readonly trajectories: number
  readonly resolved: number
  readonly steps: number
  /** One row per rule that is on, each as if it were the only one, then `all`. */
  readonly rules: readonly BacktestRow[]
  /** The paper's stuck-in-loop metric (§5.2) over the same Trajectories. */
  readonly paper: { readonly trajectories: number; readonly resolved: readonly string[] }
  /**
   * Whence tokens are known, in Trajectories: `recorded` totals are shared out by the length of the replies, the others are
   * `estimated` at four characters a token.
   */
  readonly tokens: { readonly recorded: number; readonly estimated: number }
}

const CHARACTERS_PER_TOKEN = 4

/**
 * Runs the stuck detector over finished Trajectories. What a nudge would have changed cannot be known: after it, the
 * recorded Steps go on as they were.
 *
 * One pass; memory grows with the number of Trajectories that a rule fired in, not with their Steps.
 * @throws SealignError `usage` as `createStuckWatch` does.
 */
export function backtest(
  trajectories: Iterable<BacktestTrajectory>,
  policy: StuckPolicy = 'sealign',
  options: StuckOptions = {},
): BacktestReport {
  const finder = createStuckFinder(policy, options)
  const escalation = escalationOf(policy, options)
  const tallies = [...(finder?.rules ?? []), 'all' as const].map((rule) => new RuleTally(rule))
  const counts = { trajectories: 0, resolved: 0, steps: 0 }
  const tokens = { recorded: 0, estimated: 0 }
  const paper = { trajectories: 0, resolved: [] as string[] }
  for (const trajectory of trajectories) {
    finder?.reset()
    const run = new Followed(
      finder,
      tallies.map(({ rule }) => new RuleMarks(rule, escalation)),
    )
    for (const step of trajectory.steps) run.push(step)
    const resolved = trajectory.outcome === 'resolved'
    counts.trajectories++
    counts.steps += run.steps
    if (resolved) counts.resolved++
    tokens[trajectory.completionTokens === undefined ? 'estimated' : 'recorded']++
    for (const [at, tally] of tallies.entries()) tally.add(trajectory, run, run.marks[at])
    if (!run.paper) continue
    paper.trajectories++
    if (resolved) paper.resolved.push(trajectory.id)
  }
  return { policy, ...counts, rules: tallies.map((tally) => tally.row()), paper, tokens }
}

/** Where a Trajectory stood when something happened: Steps done, and characters of the replies so far. */
interface Mark {
  readonly t: number
  readonly written: number
}

/** One rule's first effect and its stop in one Trajectory. */
class RuleMarks {
  readonly #rule: StuckRule | 'all'
  readonly #escalation: Escalation
  fired: Mark | undefined
  stopped: Mark | undefined

  constructor(rule: StuckRule | 'all', settings: EscalationSettings) {
    this.#rule = rule
    this.#escalation = new Escalation(settings)
  }

  take(findings: readonly StuckFinding[], at: Mark): void {
    if (this.stopped !== undefined) return
    const own = this.#rule === 'all' ? findings : findings.filter(({ detection }) => detection.rule === this.#rule)
    const report = this.#escalation.next(own)
    if (report === undefined) return
    this.fired ??= at
    if (report.effect === 'stopped') this.stopped = at
  }
}

/** One Trajectory while its Steps pass by. */
class Followed {
  readonly marks: readonly RuleMarks[]
  readonly #finder: StuckFinder | undefined
  readonly #metric = createPaperMetric()
  #steps = 0
  #written = 0

  constructor(finder: StuckFinder | undefined, marks: readonly RuleMarks[]) {
    this.#finder = finder
    this.marks = marks
  }

  get steps(): number {
    return this.#steps
  }

  /** Characters of all replies. */
  get written(): number {
    return this.#written
  }

  get paper(): boolean {
    return this.#metric.stuck !== undefined
  }

  push(step: StepDraft): void {
    this.#steps++
    this.#written += charactersOf(step)
    this.#metric.push(step)
    const findings = this.#finder?.push(step, this.#steps) ?? NO_FINDINGS
    for (const marks of this.marks) marks.take(findings, { t: this.#steps, written: this.#written })
  }
}

/** What the model wrote: text, reasoning and native calls. */
function charactersOf({ reply }: StepDraft): number {
  let characters = reply.content.length + (reply.reasoning?.length ?? 0)
  for (const { name, arguments: args } of reply.toolCalls ?? [])
    characters += name.length + (typeof args === 'string' ? args.length : JSON.stringify(args).length)
  return characters
}

class RuleTally {
  readonly rule: StuckRule | 'all'
  readonly #fired = new CutTally()
  readonly #stopped = new CutTally()

  constructor(rule: StuckRule | 'all') {
    this.rule = rule
  }

  add(trajectory: BacktestTrajectory, run: Followed, marks: RuleMarks | undefined): void {
    if (marks?.fired) this.#fired.add(trajectory, run, marks.fired)
    if (marks?.stopped) this.#stopped.add(trajectory, run, marks.stopped)
  }

  row(): BacktestRow {
    return { rule: this.rule, fired: this.#fired.cut(), stopped: this.#stopped.cut() }
  }
}

class CutTally {
  readonly #at: number[] = []
  readonly #resolved: string[] = []
  #steps = 0
  #tokens = 0

  add({ id, outcome, completionTokens }: BacktestTrajectory, run: Followed, { t, written }: Mark): void {
    const total = completionTokens ?? run.written / CHARACTERS_PER_TOKEN
    this.#at.push(t)
    this.#steps += run.steps - t
    this.#tokens += run.written === 0 ? 0 : (total * (run.written - written)) / run.written
    if (outcome === 'resolved') this.#resolved.push(id)
  }

  cut(): BacktestCut {
    return {
      trajectories: this.#at.length,
      medianStep: median(this.#at),
      stepsSaved: this.#steps,
      tokensSaved: Math.round(this.#tokens),
      resolved: this.#resolved,
    }
  }
}

/** The lower of the two middle values where their number is even. */
function median(values: readonly number[]): number | undefined {
  return values.toSorted((a, b) => a - b)[Math.ceil(values.length / 2) - 1]
}
