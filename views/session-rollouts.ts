import { type Job, type JobFigures, isActive, isLost } from '../sessions/jobs.ts'
import type { Rollout } from '../sessions/rollouts.ts'
import type { Session } from '../sessions/session.ts'
import { policyName, RolloutJobSettings } from '../src/jobs/rollout-settings.ts'
import type { JobRow, RolloutDetail, RolloutRow, RolloutVerdict } from './model.ts'
import type { RunRow } from './run-model.ts'

const NO_ROLLOUTS = { policy: '', sandbox: '', done: 0, total: 0, running: 0, grading: 0 }

/** Rollouts and jobs of a Session as the screen shows them; only rows that changed are read and made again. */
export class SessionRollouts {
  readonly #session: Session
  readonly #runOf: (job: number) => RunRow | undefined
  readonly #rows = new Map<number, RolloutRow>()
  readonly #settings = new Map<number, RolloutJobSettings>()
  /** Counts by job, until one of its rollouts changes. */
  readonly #figures = new Map<number, JobFigures>()
  #list: readonly RolloutRow[] = []
  #jobs: readonly JobRow[] = []
  #revision = -1
  #lost = ''

  /** @param runOf - the Run that a job trains, as it was read last. */
  constructor(session: Session, runOf: (job: number) => RunRow | undefined = () => undefined) {
    this.#session = session
    this.#runOf = runOf
    this.refresh()
  }

  get rows(): readonly RolloutRow[] {
    return this.#list
  }

  get jobs(): readonly JobRow[] {
    return this.#jobs
  }

  /** Reads what changed; says whether anything did. */
  refresh(): boolean {
    // A demonstration only starts others; the guide line says where it stands.
    const jobs = this.#session.jobs
      .list()
      .filter(({ kind }) => kind !== 'demo')
      .reverse()
    const lost = new Set(jobs.filter((job) => isLost(job)).map(({ id }) => id))
    const changed = this.#session.rollouts.changedSince(this.#revision)
    for (const rollout of changed) {
      this.#revision = Math.max(this.#revision, rollout.revision)
      this.#rows.set(rollout.id, this.#rowOf(rollout, lost.has(rollout.job)))
      this.#figures.delete(rollout.job)
    }
    const lostNow = [...lost].join()
    if (lostNow !== this.#lost) this.#markLost(lost)
    if (changed.length > 0 || lostNow !== this.#lost) this.#list = [...this.#rows.values()]
    const moved = changed.length > 0 || lostNow !== this.#lost
    this.#lost = lostNow
    const rows = jobs.map((job) => this.#jobRow(job, lost.has(job.id)))
    const jobsMoved = JSON.stringify(rows) !== JSON.stringify(this.#jobs)
    if (jobsMoved) this.#jobs = rows
    return moved || jobsMoved
  }

  /** Whether a job is at work, so that its death must be looked for even while nothing is written. */
  get watching(): boolean {
    return this.#jobs.some(({ state }) => state === 'running' || state === 'waiting' || state === 'paused')
  }

  detail(id: number): RolloutDetail {
    const rollout = this.#session.rollouts.get(id)
    if (!rollout) return { live: '', liveKind: '', nudges: [] }
    const patch = this.#session.rollouts.patch(id)
    const verdict = this.#verdict(rollout)
    return {
      live: rollout.live,
      liveKind: rollout.liveKind,
      nudges: this.#nudges(id),
      ...(patch !== undefined && { patch }),
      ...(verdict && { verdict }),
      ...(rollout.attach && { attach: rollout.attach }),
    }
  }

  #markLost(lost: ReadonlySet<number>): void {
    for (const [id, row] of this.#rows) {
      const isOver = row.state === 'done' || row.state === 'cancelled' || row.state === 'queued'
      if (isOver || (row.state === 'lost') === lost.has(Number(row.job.slice(1)))) continue
      const rollout = this.#session.rollouts.get(id)
      if (rollout) this.#rows.set(id, this.#rowOf(rollout, lost.has(rollout.job)))
    }
  }

  #rowOf(rollout: Rollout, jobLost: boolean): RolloutRow {
    const { limits, sandbox, policy } = this.#settingsOf(rollout.job)
    const isOver = rollout.state === 'done' || rollout.state === 'cancelled' || rollout.state === 'queued'
    const { end, infrastructure, phase, phaseNote, startedMs, endedMs, activeMs, stuck, trajectory } = rollout
    return {
      id: rollout.id,
      job: `j${rollout.job}`,
      task: rollout.task,
      run: rollout.run,
      state: jobLost && !isOver ? 'lost' : rollout.state,
      outcome: rollout.outcome,
      step: rollout.steps,
      turns: limits.turns,
      ...rollout.usage,
      contextLimit: limits.contextTokens,
      action: rollout.action,
      model: policyName(policy),
      sandbox: sandbox.kind,
      ...(end !== undefined && { end }),
      ...(infrastructure !== undefined && { infrastructure }),
      ...(phase !== undefined && { phase }),
      ...(phaseNote !== undefined && { phaseNote }),
      ...(startedMs !== undefined && { startedMs }),
      ...(endedMs !== undefined && { endedMs }),
      ...(activeMs !== undefined && { activeMs }),
      ...(stuck && { stuck }),
      ...(trajectory !== undefined && { trajectory }),
    }
  }

  #settingsOf(job: number): RolloutJobSettings {
    let settings = this.#settings.get(job)
    if (!settings) {
      settings = RolloutJobSettings.parse(JSON.parse(this.#session.jobs.get(job)?.settings ?? '{}'))
      this.#settings.set(job, settings)
    }
    return settings
  }

  #jobRow(job: Job, lost: boolean): JobRow {
    const { id, note } = job
    const server = job.server === undefined ? undefined : (JSON.parse(job.server) as JobRow['server'])
    return {
      id: `j${id}`,
      state: lost ? 'lost' : job.state,
      ...(job.kind === 'rollout' ? this.#rolloutsOf(id) : this.#otherWork(job)),
      // While it lives its heartbeat is no news.
      heartbeatMs: isActive(job) && !lost ? 0 : job.heartbeatMs,
      ...(note !== undefined && { note }),
      ...(server && { server }),
    }
  }

  /** Of a training, optimizer steps. */
  #otherWork({ id, kind }: Job): typeof NO_ROLLOUTS {
    const run = this.#runOf(id)
    if (!run) return { ...NO_ROLLOUTS, policy: kind }
    return { ...NO_ROLLOUTS, policy: `${kind} ${run.id}`, done: run.step, total: run.totalSteps }
  }

  #rolloutsOf(job: number): typeof NO_ROLLOUTS {
    const { policy, sandbox } = this.#settingsOf(job)
    const figures = this.#figures.get(job) ?? this.#session.jobs.figures(job)
    this.#figures.set(job, figures)
    const { done, cancelled, total, running, grading } = figures
    return { policy: policyName(policy), sandbox: sandbox.kind, done: done + cancelled, total, running, grading }
  }

  #verdict({ verdictKey }: Rollout): RolloutVerdict | undefined {
    const verdict = verdictKey === undefined ? undefined : this.#session.verdicts.get(verdictKey)
    if (!verdict) return undefined
    const { outcome, reason, says, failToPass, passToPass, log, seconds } = verdict
    return {
      outcome,
      reason,
      says,
      failToPass,
      passToPass,
      failed: [...failToPass.failed, ...passToPass.failed],
      log,
      seconds: seconds.total,
    }
  }

  #nudges(id: number): RolloutDetail['nudges'] {
    return this.#session.events
      .ofRollout(id)
      .filter(({ kind }) => kind === 'nudge')
      .map(({ body }) => ({
        t: typeof body['t'] === 'number' ? body['t'] : 0,
        text: typeof body['text'] === 'string' ? body['text'] : '',
        by: typeof body['by'] === 'string' ? body['by'] : '',
      }))
  }
}
