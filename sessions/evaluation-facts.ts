import type { StepDraft } from '../src/domain/trajectory.ts'
import { reportOf } from '../src/evaluation/comparison.ts'
import type { SeenLoop } from '../src/evaluation/failure-signs.ts'
import type { EvaluationReport, EvaluationSummary } from '../src/evaluation/report.ts'
import { type RolloutFacts, rolloutFacts } from '../src/evaluation/rollout-facts.ts'
import { summarize } from '../src/evaluation/summary.ts'
import { patchedFiles } from '../src/grading/patch-blocks.ts'
import { stuckPaper } from '../src/rollout/stuck-paper.ts'
import { createStuckFinder } from '../src/rollout/stuck-watch.ts'
import type { Evaluation } from './evaluations.ts'
import { isActive, isLost } from './jobs.ts'
import type { Rollout } from './rollouts.ts'
import type { Session } from './session.ts'

/** The report over every Evaluation of a Session, read to its end. */
export function evaluationReport(session: Session): EvaluationReport {
  const facts = new EvaluationFacts(session)
  facts.look()
  facts.read(() => true)
  return facts.report()
}

/** One Evaluation with the rollouts that were measured. */
interface Measured {
  readonly evaluation: Evaluation
  readonly tasks: ReadonlySet<string>
  readonly rollouts: number
  /** By id of the rollout. */
  readonly facts: Map<number, RolloutFacts>
  /** What was made of them; `undefined`: not what is known now. */
  summary: EvaluationSummary | undefined
}

/**
 * Measures the ended rollouts of a Session's Evaluations. Each is read once: a look notes which ended since the last one, and reading
 * may be done in parts.
 */
export class EvaluationFacts {
  readonly #session: Session
  readonly #measured = new Map<number, Measured>()
  /** Ended rollouts that are not measured yet, by id. */
  readonly #waiting = new Map<number, Rollout>()
  #revision = -1
  #report: EvaluationReport = reportOf([])

  constructor(session: Session) {
    this.#session = session
  }

  /** Ended rollouts still to be read. */
  get waiting(): number {
    return this.#waiting.size
  }

  /** Notes what changed since the last look; says whether anything did. */
  look(): boolean {
    // What is written while this looks is seen again by the next look.
    const { revision } = this.#session.rollouts
    let moved = false
    if (revision !== this.#revision && this.#measured.size > 0)
      for (const rollout of this.#session.rollouts.changedSince(this.#revision))
        if (this.#measured.has(rollout.job) && this.#note(rollout)) moved = true
    for (const evaluation of this.#session.evaluations.list()) if (this.#begin(evaluation)) moved = true
    this.#revision = revision
    return moved || [...this.#measured.values()].some((each) => this.#isStale(each))
  }

  /** Measures waiting rollouts, one by one, as long as `goOn` says so; returns whether none is left. */
  read(goOn: () => boolean): boolean {
    for (const [id, rollout] of this.#waiting) {
      if (!goOn()) return false
      this.#waiting.delete(id)
      const measured = this.#measured.get(rollout.job)
      if (!measured) continue
      measured.facts.set(id, factsOf(this.#session, rollout))
      measured.summary = undefined
    }
    return true
  }

  /** The report over what was read; the same object until that changes. */
  report(): EvaluationReport {
    const measured = [...this.#measured.values()]
    const stale = measured.filter((each) => this.#isStale(each))
    if (stale.length === 0 && this.#report.evaluations.length === measured.length) return this.#report
    for (const each of stale) each.summary = this.#summary(each)
    this.#report = reportOf(measured.flatMap(({ summary }) => summary ?? []))
    return this.#report
  }

  #begin(evaluation: Evaluation): boolean {
    if (this.#measured.has(evaluation.job)) return false
    const rollouts = this.#session.rollouts.ofJob(evaluation.job)
    const tasks = new Set(rollouts.map(({ task }) => task))
    const facts = new Map<number, RolloutFacts>()
    this.#measured.set(evaluation.job, { evaluation, tasks, rollouts: rollouts.length, facts, summary: undefined })
    for (const rollout of rollouts) this.#note(rollout)
    return true
  }

  /** A rollout that is queued again is forgotten until it ends again; says whether the report changes. */
  #note(rollout: Rollout): boolean {
    const measured = this.#measured.get(rollout.job)
    const forgotten = measured?.facts.delete(rollout.id) === true
    if (measured && forgotten) measured.summary = undefined
    if (rollout.state === 'done') this.#waiting.set(rollout.id, rollout)
    else this.#waiting.delete(rollout.id)
    return forgotten || rollout.state === 'done'
  }

  #isStale({ evaluation, summary }: Measured): boolean {
    return summary === undefined || summary.state !== this.#stateOf(evaluation)
  }

  #summary({ evaluation, tasks, rollouts, facts }: Measured): EvaluationSummary {
    const { id, name, model, job } = evaluation
    const head = { id: `e${id}`, name, model, job: `j${job}`, rollouts, tasks: tasks.size }
    const ordered = [...facts.values()].sort((a, b) => a.rollout - b.rollout)
    return summarize({ ...head, state: this.#stateOf(evaluation) }, ordered)
  }

  #stateOf({ job: id }: Evaluation): EvaluationSummary['state'] {
    const job = this.#session.jobs.get(id)
    if (job?.state === 'done') return 'done'
    return job !== undefined && isActive(job) && !isLost(job) ? 'running' : 'stopped'
  }
}

/** Measures one ended rollout by what is stored of it. */
function factsOf(session: Session, rollout: Rollout): RolloutFacts {
  const { id, trajectory, task, run, outcome, end = '', infrastructure, usage } = rollout
  const steps = trajectory === undefined ? [] : [...session.trajectories.steps(trajectory)]
  const paper = stuckPaper(steps)
  return rolloutFacts({
    rollout: id,
    ...(trajectory !== undefined && { trajectory }),
    task,
    run,
    outcome,
    end,
    ...(infrastructure !== undefined && { infrastructure }),
    tokens: usage.promptTokens + usage.completionTokens,
    steps,
    changed: changedPaths(session.rollouts.patch(id) ?? ''),
    stuck: paper !== undefined,
    loop: paper ? { from: paper.from, says: `the same action ×${paper.to - paper.from + 1}` } : detectedLoop(steps),
  })
}

/** The first loop that the stuck detector's own rules find (docs/stuck.md): cycles, malformed replies in a row, chanting. */
function detectedLoop(steps: readonly StepDraft[]): SeenLoop | undefined {
  const finder = createStuckFinder('sealign')
  for (const [index, step] of steps.entries()) {
    const [finding] = finder?.push(step, index + 1) ?? []
    if (finding) return { from: finding.detection.from, says: finding.detection.says }
  }
  return undefined
}

function changedPaths(patch: string): string[] {
  return patchedFiles(patch).flatMap(({ from, to }) => [from, to].filter((path) => path !== undefined))
}
