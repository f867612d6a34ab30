import type { Rollout } from '../../sessions/rollouts.ts'
import { FRESH, INTERRUPTED } from '../../sessions/rollouts.ts'
import type { Session } from '../../sessions/session.ts'
import { SealignError } from '../domain/errors.ts'
import type { TaskDefinition } from '../domain/task.ts'
import { gradePatch } from '../grading/grade.ts'
import type { Verdict } from '../grading/verdict.ts'
import { verdictKey } from '../grading/verdict-key.ts'
import { runRollout } from '../rollout/rollout.ts'
import type { Prefix, RolloutControl } from '../rollout/rollout-parts.ts'
import { createStuckWatch } from '../rollout/stuck-watch.ts'
import type { RolloutEnd } from '../rollout/events.ts'
import type { Sandbox, SandboxLabels } from '../sandbox/sandbox.ts'
import type { Policy, Sampling } from '../policy/policy.ts'
import type { LiveBoard } from './live-board.ts'
import type { GradingPool } from '../grading/grading-pool.ts'
import type { JobMachinery } from './rollout-job.ts'
import { concludeRollout, RolloutRecord } from './rollout-record.ts'
import type { RolloutJobSettings } from './rollout-settings.ts'
import { sandboxSpec, taskFor } from './sandbox-spec.ts'

export interface WorkerParts {
  readonly session: Session
  readonly board: LiveBoard
  readonly rollout: Rollout
  readonly settings: RolloutJobSettings
  readonly machinery: JobMachinery
  readonly grading: GradingPool
}

/** One rollout of a job, from its Sandbox to its verdict. */
export class RolloutWorker implements RolloutControl {
  /** What it uses: a place among the agents, or one among the graders. */
  atWork: 'agent' | 'grading' = 'agent'
  ended: Promise<void> = Promise.resolve()
  readonly #parts: WorkerParts
  readonly #policy: Policy
  readonly #abort = new AbortController()
  #gate: PromiseWithResolvers<void> | undefined
  #nudges: string[] = []
  /** The job ends: what is unfinished stays as it is, for a later process to go on with. */
  #stopping = false

  constructor(parts: WorkerParts) {
    this.#parts = parts
    const { machinery, rollout } = parts
    this.#policy = machinery.policyOf(rollout.task, Number(rollout.run))
  }

  get signal(): AbortSignal {
    return this.#abort.signal
  }

  gate(): Promise<void> | undefined {
    return this.#gate?.promise
  }

  takeNudge(): string | undefined {
    const nudges = this.#nudges
    this.#nudges = []
    return nudges.length === 0 ? undefined : nudges.join('\n\n')
  }

  pause(): void {
    if (this.#gate !== undefined || this.atWork !== 'agent') return
    this.#gate = Promise.withResolvers()
    this.#change({ state: 'paused' })
  }

  resume(): void {
    if (this.#gate === undefined) return
    this.#gate.resolve()
    this.#gate = undefined
    if (this.atWork === 'agent') this.#change({ state: 'running' })
  }

  nudge(text: string): void {
    this.#nudges.push(text)
  }

  cancel(): void {
    this.#gate?.resolve()
    this.#abort.abort()
  }

  stop(): void {
    this.#stopping = true
    this.cancel()
  }

  run(): Promise<void> {
    this.ended = this.#run()
    return this.ended
  }

  async #run(): Promise<void> {
    const { session, rollout, settings } = this.#parts
    const stored = session.taskDefinitions.get(rollout.task)
    if (!stored)
      throw new SealignError('bug', `rollout ${rollout.id} is of a task without a definition: ${rollout.task}`)
    const task = taskFor(stored, settings)
    let { end } = rollout
    if (rollout.state !== 'grading') {
      const ended = await this.#roll(task)
      if (ended === undefined) return
      end = ended.end
      if (!this.#isGraded(ended)) return
    }
    if (settings.grading.enabled && end !== undefined) await this.#grade(task)
  }

  /** The agent's part; `undefined`: there is nothing to judge now. */
  async #roll(task: TaskDefinition): Promise<RolloutEnd | undefined> {
    const { session, board, rollout, settings, machinery } = this.#parts
    const { profile } = machinery
    const policy = this.#policy
    const record = new RolloutRecord(session, board, rollout, {
      model: policy.model,
      sampling: {
        ...policy.describe(),
        ...defined(this.#sampling()),
        profile: `${profile.name} ${profile.version}`,
        format: profile.format.name,
      },
      ...(task.repository !== undefined && { repository: task.repository }),
    })
    this.#change({ state: 'starting', startedMs: rollout.startedMs ?? Date.now(), activeMs: Date.now() })
    let sandbox: Sandbox | undefined
    const prefix = this.#prefix()
    try {
      const end = await runRollout(
        {
          task,
          policy,
          profile,
          sandbox: async () => {
            const spec = sandboxSpec(task, settings, this.#labels(task, 'agent'), policy.trusted)
            sandbox = await machinery.provider.create(spec, this.signal)
            this.#change({ state: this.#gate ? 'paused' : 'running', attach: sandbox.attachCommand() })
            return sandbox
          },
          limits: settings.limits,
          sampling: this.#sampling(),
          stuck: createStuckWatch(settings.stuck.policy, { rules: defined(settings.stuck.rules) }),
          control: this,
          ...(prefix && { prefix }),
        },
        (event) => record.hear(event),
      )
      if (this.#stopping) {
        board.take(rollout.id)
        this.#change(INTERRUPTED)
        return undefined
      }
      if (end.end === 'diverged' && prefix?.stored === true) {
        this.#startOver(record, end)
        return undefined
      }
      record.end(end, this.#isGraded(end))
      return end
    } finally {
      await sandbox?.close().catch(() => undefined)
    }
  }

  /** What is replayed first: the Steps an earlier process already stored, or the way to the node that is expanded. */
  #prefix(): Prefix | undefined {
    const { session, rollout } = this.#parts
    const { trajectory } = rollout
    const from = 'replay'
    if (trajectory !== undefined && rollout.steps > 0) {
      const prompt = session.trajectories.prompt(trajectory)
      return { steps: [...session.trajectories.steps(trajectory)], from, stored: true, prompt, usage: rollout.usage }
    }
    if (!rollout.prefix) return undefined
    const steps = [...session.trajectories.steps(rollout.prefix.trajectory)].slice(0, rollout.prefix.steps)
    const prompt = session.trajectories.prompt(rollout.prefix.trajectory)
    return { steps, from, stored: false, prompt }
  }

  /** Every run of a Task draws other replies from the same seed. */
  #sampling(): Sampling {
    const { seed, ...sampling } = this.#parts.settings.sampling
    const run = Number(this.#parts.rollout.run) - 1
    return { ...defined(sampling), ...(seed !== undefined && { seed: seed + run }) }
  }

  /** The Sandbox did not answer as it had: what was done so far is kept apart, and the rollout begins anew. */
  #startOver(record: RolloutRecord, end: RolloutEnd): void {
    const { rollout } = this.#parts
    record.end(end, false)
    this.#change({ ...FRESH, attempt: rollout.attempt + 1 })
  }

  /** Whether what is left says something about the Policy; one that destroyed its repository leaves nothing, which counts. */
  #isGraded({ end }: RolloutEnd): boolean {
    const own = end !== 'cancelled' && end !== 'infrastructure' && end !== 'diverged'
    return own && this.#parts.settings.grading.enabled
  }

  async #grade(task: TaskDefinition): Promise<void> {
    const { session, rollout, settings, machinery, grading } = this.#parts
    this.atWork = 'grading'
    const patch = session.rollouts.patch(rollout.id) ?? ''
    const grade = (): Promise<Verdict> =>
      grading.run(
        () =>
          gradePatch({
            task,
            patch,
            provider: machinery.provider,
            labels: this.#labels(task, 'grader'),
            trusted: this.#policy.trusted,
            staged: settings.grading.staged,
            signal: this.signal,
            limits: {
              cpus: task.grading.cpus ?? settings.sandbox.cpus,
              memoryBytes: task.grading.memoryBytes ?? settings.sandbox.memoryBytes,
            },
            ...(settings.sandbox.network && { network: true }),
            cache: {
              get: (key) => session.verdicts.get(key),
              put: (key, kept) => session.record(() => session.verdicts.put(key, kept)),
            },
          }),
        this.signal,
      )
    try {
      this.#judge(task, patch, await grade())
    } catch (error) {
      if (!this.signal.aborted) throw error
      // What is to be graded stays so when the job stops; a person who cancels wants no verdict.
      if (!this.#stopping) concludeRollout(session, rollout.id, { state: 'cancelled' })
    }
  }

  #judge(task: TaskDefinition, patch: string, verdict: Verdict): void {
    const { session, rollout } = this.#parts
    const failed = verdict.reason === 'infrastructure'
    // Kept under the patch's own key it would answer for the same patch elsewhere: only a whole verdict may.
    const own = failed || verdict.partial
    const key = own ? `rollout ${rollout.id}.${rollout.attempt}` : verdictKey(task, patch)
    concludeRollout(session, rollout.id, {
      state: 'done',
      outcome: verdict.outcome,
      verdict: { key, verdict },
      ...(failed && { infrastructure: verdict.says }),
    })
  }

  #labels(task: TaskDefinition, role: SandboxLabels['role']): SandboxLabels {
    const { session, rollout } = this.#parts
    return { session: session.path, job: `j${rollout.job}`, role, task: task.id, run: rollout.run }
  }

  #change(change: Parameters<Session['rollouts']['change']>[1]): void {
    const { session, rollout } = this.#parts
    session.record((revision) => session.rollouts.change(rollout.id, change, revision))
  }
}

/** The object without its empty fields. */
function defined<T extends object>(object: T): { [Name in keyof T]: Exclude<T[Name], undefined> } {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as never
}
