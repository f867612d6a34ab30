import { z } from 'zod'
import type { DemoMark } from '../sessions/demo.ts'
import { isActive, isLost, type Job } from '../sessions/jobs.ts'
import type { Session } from '../sessions/session.ts'
import { SealignError } from '../src/domain/errors.ts'
import { ownIdentity } from '../src/lib/process-identity.ts'
import { rest, untilDone } from './child-job.ts'
import type { CommandContext } from './define.ts'
import { DemoSettings } from './demo-settings.ts'
import { type EmbeddedTask, embeddedTasks, SMALL_ROLLOUTS, taskFlags } from './embedded-tasks.ts'
import { evalStart } from './eval-start.ts'
import { pairAccept } from './pair.ts'
import { rolloutStart } from './rollout-start.ts'
import { runForJson } from './run-json.ts'
import { taskImport } from './task.ts'
import { trainStart } from './train-start.ts'
import { count } from './table.ts'

const HEARTBEAT_MS = 2000
const LOOK_MS = 200
/** After the last review of a person nothing is decided for this long, milliseconds. */
const REVIEW_QUIET_MS = 20_000

/** What is measured after training. */
const AFTER = [
  { name: 'SFT', stage: 'sft', what: 'the evaluation after SFT' },
  { name: 'SFT+DPO', stage: 'dpo', what: 'the evaluation after SFT and DPO' },
] as const

/**
 * Does the stages of a demonstration, one command after the other, as a person would type them. What is done is marked in the
 * Session, so that another process goes on where this one ended.
 * @throws SealignError when a stage cannot be done.
 */
export async function driveDemo(session: Session, job: Job, context: CommandContext): Promise<'done' | 'stopped'> {
  return await new DemoDrive(session, job, context).run()
}

class DemoDrive {
  readonly #session: Session
  readonly #job: Job
  readonly #settings: DemoSettings
  readonly #context: CommandContext
  readonly #stop = new AbortController()
  #failure: unknown

  constructor(session: Session, job: Job, context: CommandContext) {
    this.#session = session
    this.#job = job
    this.#settings = DemoSettings.parse(JSON.parse(job.settings))
    this.#context = { ...bound(context), signal: this.#stop.signal, session: () => session }
    context.signal.addEventListener('abort', () => this.#stop.abort(), { once: true })
  }

  async run(): Promise<'done' | 'stopped'> {
    const { jobs } = this.#session
    if (!jobs.claim(this.#job.id, ownIdentity()))
      throw new SealignError('store', `j${this.#job.id} is already being done by a living process`)
    const timers = [
      setInterval(() => this.#guarded(() => jobs.beat(this.#job.id)), HEARTBEAT_MS),
      setInterval(() => this.#guarded(() => this.#takeRequests()), LOOK_MS),
    ]
    try {
      await this.#stages()
      if (this.#failure !== undefined) throw this.#failure
      return this.#end(this.#stopping ? 'stopped' : 'done')
    } catch (error) {
      if (this.#stopping && this.#failure === undefined) return this.#end('stopped')
      jobs.setState(this.#job.id, 'failed', error instanceof Error ? error.message : String(error))
      this.#touch()
      throw error
    } finally {
      for (const timer of timers) clearInterval(timer)
    }
  }

  /** A store that cannot be written ends the demonstration, not its process in the middle of something. */
  #guarded(work: () => void): void {
    try {
      work()
    } catch (error) {
      this.#failure ??= error
      this.#stop.abort()
    }
  }

  #end(state: 'done' | 'stopped'): 'done' | 'stopped' {
    if (state === 'stopped') this.#stopChildren()
    this.#session.jobs.setState(this.#job.id, state)
    this.#touch()
    return state
  }

  async #stages(): Promise<void> {
    const tasks = await embeddedTasks(this.#settings.train, this.#settings.heldOut)
    const [train, heldOut] = [tasks.train.map(({ name }) => name), tasks.heldOut.map(({ name }) => name)]
    await this.#once('tasks', () => this.#importTasks([...tasks.train, ...tasks.heldOut]))
    await this.#collect(train)
    // Before the trees are looked at, so that both cores have something to do meanwhile.
    const before = await this.#begin('before', () => this.#evaluate('before', 'base', heldOut))
    await this.#showTrees()
    await this.#review()
    const run = await this.#train()
    this.#mark({
      stage: 'evaluate',
      pane: 'report',
      says: `${count(heldOut.length, 'task')} it never saw, before and after`,
    })
    await this.#wait(before.job, 'the evaluation before training')
    for (const { name, stage, what } of AFTER) {
      const { job } = await this.#begin(name, () => this.#evaluate(name, `${run}/${stage}`, heldOut))
      await this.#wait(job, what)
    }
    if (!this.#stopping) this.#mark({ stage: 'report', pane: 'report', says: 'what changed, with intervals' })
  }

  async #importTasks(tasks: readonly EmbeddedTask[]): Promise<{ tasks: number }> {
    this.#mark({ stage: 'tasks', pane: 'rollouts', says: 'small JavaScript packages, one bug each' })
    await runForJson(
      taskImport,
      tasks.map(({ folder }) => folder),
      this.#context,
    )
    return { tasks: tasks.length }
  }

  /** The paper collects with models stronger than the one it aligns; here that is a documented search, and the policy itself. */
  async #collect(train: readonly string[]): Promise<void> {
    const { collectorRuns, ownRuns } = this.#settings
    const runs = train.length * (collectorRuns + ownRuns)
    this.#mark({
      stage: 'collect',
      pane: 'rollouts',
      says: `${count(runs, 'rollout')} of ${count(train.length, 'task')}`,
    })
    const collector = await this.#begin('collect', () =>
      this.#roll(train, collectorRuns, ['--policy', 'collector', '--seed', String(this.#settings.seed)]),
    )
    await this.#wait(collector.job, 'the rollouts')
    if (ownRuns === 0) return
    const own = await this.#begin('own', () => this.#roll(train, ownRuns, this.#policyWords('base')))
    await this.#wait(own.job, 'the rollouts of the untrained policy')
  }

  async #showTrees(): Promise<void> {
    this.#mark({ stage: 'trees', pane: 'tree', says: 'runs merged on common prefixes, scored by what lies below' })
    await rest(this.#settings.treeSeconds * 1000, this.#stop.signal)
  }

  /** A person may review; what is undecided after a while is decided by the rule, which is shown. */
  async #review(): Promise<void> {
    await this.#once('review', async () => {
      const { rule, reviewSeconds } = this.#settings
      const says = `pairs that fit \`${rule}\` are accepted`
      let until = Date.now() + reviewSeconds * 1000
      let seen = this.#reviews()
      this.#mark({ stage: 'review', pane: 'pairs', says, ...(reviewSeconds > 0 && { untilMs: until }) })
      while (Date.now() < until && !this.#stopping) {
        await rest(LOOK_MS, this.#stop.signal)
        const now = this.#reviews()
        if (now === seen) continue
        seen = now
        until = Date.now() + REVIEW_QUIET_MS
        this.#mark({ stage: 'review', pane: 'pairs', says: `you review; then ${says}`, untilMs: until })
      }
      if (this.#stopping) return {}
      return (await runForJson(pairAccept, ['--where', rule], this.#context)) as object
    })
  }

  #reviews(): number {
    return this.#session.reviews.newest
  }

  /** @returns the run's name, `r1`. */
  async #train(): Promise<string> {
    this.#mark({ stage: 'train', pane: 'train', says: 'SFT on resolved runs, then DPO on the accepted pairs' })
    const words = ['--trainer', 'embedded', '--model', 'base', '--seed', String(this.#settings.seed)]
    const run = await this.#begin('train', () => runForJson(trainStart, words, this.#context))
    await this.#wait(run.job, 'the training')
    return z.object({ run: z.string() }).parse(run).run
  }

  async #evaluate(name: string, model: string, heldOut: readonly string[]): Promise<unknown> {
    const runs = String(this.#settings.evaluationRuns)
    const words = ['--name', name, ...taskFlags(heldOut), '--runs', runs, ...this.#policyWords(model)]
    return runForJson(evalStart, [...words, '--turns', String(this.#settings.turns), ...SMALL_ROLLOUTS], this.#context)
  }

  #policyWords(model: string): string[] {
    const { seed, temperature } = this.#settings
    return ['--policy', 'embedded', '--model', model, '--seed', String(seed), '--temperature', String(temperature)]
  }

  #roll(tasks: readonly string[], runs: number, words: readonly string[]): Promise<unknown> {
    const { turns } = this.#settings
    const size = ['--runs', String(runs), '--turns', String(turns), ...SMALL_ROLLOUTS]
    return runForJson(rolloutStart, [...taskFlags(tasks), ...size, ...words], this.#context)
  }

  /** Starts a job once: what an earlier process started is found by its mark. */
  async #begin(what: string, start: () => Promise<unknown>): Promise<z.infer<typeof Started>> {
    return Started.parse(await this.#once(what, async () => Started.parse(await start())))
  }

  /** Does something once, whatever process does it; its result is kept. */
  async #once<T extends object>(what: string, work: () => Promise<T>): Promise<object> {
    const known = this.#session.demo.done(this.#job.id, what)
    if (known !== undefined) return known
    this.#stop.signal.throwIfAborted()
    const result = await work()
    if (!this.#stopping) this.#session.record(() => this.#session.demo.finish(this.#job.id, what, result))
    return result
  }

  #wait(name: string, what: string): Promise<void> {
    return untilDone(this.#session, name, what, { signal: this.#stop.signal, env: this.#context.env })
  }

  #takeRequests(): void {
    for (const { kind } of this.#session.requests.take(this.#job.id))
      if (kind === 'stop' || kind === 'cancel') this.#stop.abort()
  }

  get #stopping(): boolean {
    return this.#stop.signal.aborted
  }

  #stopChildren(): void {
    for (const job of this.#session.jobs.list())
      if (job.id !== this.#job.id && isActive(job) && !isLost(job)) this.#session.requests.ask(job.id, 'stop')
  }

  #mark(mark: DemoMark): void {
    if (this.#stopping) return
    this.#session.record(() => this.#session.demo.mark(this.#job.id, mark))
  }

  /** Lets the screens notice a change of the job itself. */
  #touch(): void {
    this.#session.record(() => undefined)
  }
}

const Started = z.looseObject({ job: z.string() })

/** The context without what a class computes on demand: it is copied once. */
function bound(context: CommandContext): Omit<CommandContext, 'session' | 'signal'> {
  const { sessionPath, config, env } = context
  return { sessionPath, sessionNamed: true, config, env, progress: (line) => context.progress(line) }
}
