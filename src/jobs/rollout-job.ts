import { dirname } from 'node:path'
import { tmpdir } from 'node:os'
import type { Request } from '../../sessions/requests.ts'
import { FRESH, INTERRUPTED, type Rollout } from '../../sessions/rollouts.ts'
import type { Session } from '../../sessions/session.ts'
import { SealignError } from '../domain/errors.ts'
import { ownIdentity } from '../lib/process-identity.ts'
import type { Policy } from '../policy/policy.ts'
import type { Profile } from '../rollout/profile.ts'
import type { SandboxProvider } from '../sandbox/sandbox.ts'
import { Admission } from './admission.ts'
import { Breaker } from './breaker.ts'
import type { DiskReserve } from './disk-reserve.ts'
import { LiveBoard } from './live-board.ts'
import { GradingPool } from '../grading/grading-pool.ts'
import type { RolloutJobSettings } from './rollout-settings.ts'
import { RolloutWorker } from './rollout-worker.ts'

/** What a job works with. */
export interface JobMachinery {
  /** The Policy of one run (from 1) of a Task. */
  policyOf(task: string, run: number): Policy
  readonly provider: SandboxProvider
  readonly profile: Profile
  /** JSON with the newest figures of the model server; `undefined`: it tells none. */
  serverFigures(): Promise<string | undefined>
}

/** How often a living job says so, and how often it looks for requests, milliseconds. */
const HEARTBEAT_MS = 2000
const REQUESTS_MS = 150
const SERVER_MS = 5000
/** How often it looks whether more may be started, milliseconds. */
const ADMISSION_MS = 500

/** Does the rollouts of one job: admits, runs, grades, obeys requests, and leaves everything in the Session. */
export class RolloutJob {
  readonly #session: Session
  readonly #id: number
  readonly #settings: RolloutJobSettings
  readonly #machinery: JobMachinery
  readonly #reserve: DiskReserve
  readonly #board: LiveBoard
  readonly #grading: GradingPool
  readonly #breaker = new Breaker()
  readonly #admission: Admission
  readonly #workers = new Map<number, RolloutWorker>()
  #wake = Promise.withResolvers<void>()
  #paused = false
  #stopping = false
  #failure: unknown

  constructor(
    session: Session,
    id: number,
    settings: RolloutJobSettings,
    machinery: JobMachinery,
    reserve: DiskReserve,
  ) {
    this.#session = session
    this.#id = id
    this.#settings = settings
    this.#machinery = machinery
    this.#reserve = reserve
    this.#board = new LiveBoard(session, (error) => this.#fail(error))
    this.#grading = new GradingPool(settings.grading.concurrency)
    this.#admission = new Admission([dirname(session.path), tmpdir()], (refused) => this.#wait(refused))
  }

  /**
   * Works until every rollout is done or the job is stopped.
   * @throws SealignError when the store cannot be written; what was stored stays.
   */
  async run(signal: AbortSignal): Promise<'done' | 'stopped'> {
    const { jobs } = this.#session
    if (!jobs.claim(this.#id, ownIdentity()))
      throw new SealignError('store', `job j${this.#id} is already being done by a living process`, {
        hint: '`sealign job list` shows it.',
      })
    // A power cut may cost the newest steps, a killed process none.
    this.#session.db.exec('pragma synchronous = normal')
    signal.addEventListener('abort', () => this.#stop(), { once: true })
    const timers = this.#startTimers()
    try {
      await this.#machinery.provider.sweep()
      this.#recover()
      const result = await this.#work()
      this.#board.flush()
      jobs.setState(this.#id, result)
      this.#touch()
      return result
    } catch (error) {
      await this.#abandon()
      this.#reserve.release()
      this.#tryToSay(error)
      throw error
    } finally {
      for (const timer of timers) clearInterval(timer)
      this.#board[Symbol.dispose]()
      await this.#machinery.provider.close()
    }
  }

  #startTimers(): NodeJS.Timeout[] {
    const guarded = (work: () => void) => () => {
      try {
        work()
      } catch (error) {
        this.#fail(error)
      }
    }
    return [
      setInterval(
        guarded(() => this.#session.jobs.beat(this.#id)),
        HEARTBEAT_MS,
      ),
      setInterval(
        guarded(() => this.#takeRequests()),
        REQUESTS_MS,
      ),
      setInterval(() => void this.#readServer(), SERVER_MS),
      setInterval(() => this.#ring(), ADMISSION_MS),
    ]
  }

  async #work(): Promise<'done' | 'stopped'> {
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure
      if (!this.#stopping && !this.#paused) this.#admit()
      if (this.#workers.size === 0) {
        if (this.#stopping) return 'stopped'
        if (this.#session.jobs.figures(this.#id).queued === 0) return 'done'
      }
      await this.#wake.promise
      this.#wake = Promise.withResolvers()
    }
  }

  /** Starts as many queued rollouts as there is room for. */
  #admit(): void {
    const agents = [...this.#workers.values()].filter((worker) => worker.atWork === 'agent').length
    const free = this.#settings.concurrency - agents
    if (free <= 0) return
    const queued = this.#session.rollouts.queued(this.#id, free)
    if (queued.length === 0 || !this.#admission.admits()) return
    for (const rollout of queued) this.#start(rollout)
  }

  /** The machine has nothing left, or has again. */
  #wait(refused: string | undefined): void {
    this.#session.jobs.setState(this.#id, refused === undefined ? 'running' : 'waiting', refused)
    this.#touch()
  }

  #start(rollout: Rollout): void {
    const worker = new RolloutWorker({
      session: this.#session,
      board: this.#board,
      rollout,
      settings: this.#settings,
      machinery: this.#machinery,
      grading: this.#grading,
    })
    if (this.#paused) worker.pause()
    this.#workers.set(rollout.id, worker)
    void worker
      .run()
      .catch((error: unknown) => this.#fail(error))
      .finally(() => this.#ended(rollout.id))
  }

  #ended(id: number): void {
    this.#workers.delete(id)
    const rollout = this.#session.rollouts.get(id)
    if (rollout?.state === 'done') {
      const failed = this.#breaker.hear(rollout.id, rollout.infrastructure)
      if (failed) this.#trip(failed.says, failed.rollouts)
    }
    this.#ring()
  }

  /** The same failure again and again is not the rollouts' own: they go back into the queue, and a person is asked. */
  #trip(says: string, rollouts: readonly number[]): void {
    this.#paused = true
    for (const worker of this.#workers.values()) worker.pause()
    for (const id of rollouts) this.#requeue(id)
    this.#session.jobs.setState(this.#id, 'paused', says)
    this.#note('paused', { because: says })
  }

  #takeRequests(): void {
    for (const request of this.#session.requests.take(this.#id)) {
      this.#obey(request)
      this.#ring()
    }
  }

  #obey({ kind, rollout, text }: Request): void {
    const worker = rollout === undefined ? undefined : this.#workers.get(rollout)
    switch (kind) {
      case 'stop':
        return this.#stop()
      case 'pause':
        return rollout === undefined ? this.#pauseAll() : worker?.pause()
      case 'resume':
        return rollout === undefined ? this.#resumeAll() : worker?.resume()
      case 'nudge':
        return worker?.nudge(text ?? '')
      case 'cancel':
        return rollout === undefined ? this.#cancelAll() : this.#cancel(rollout)
      case 'requeue':
        if (rollout !== undefined) this.#requeue(rollout)
        return
    }
  }

  #pauseAll(): void {
    this.#paused = true
    for (const worker of this.#workers.values()) worker.pause()
    this.#session.jobs.setState(this.#id, 'paused')
    this.#note('paused', {})
  }

  #resumeAll(): void {
    this.#paused = false
    this.#breaker.reset()
    for (const worker of this.#workers.values()) worker.resume()
    this.#session.jobs.setState(this.#id, 'running')
    this.#note('resumed', {})
  }

  #cancel(id: number): void {
    const worker = this.#workers.get(id)
    if (worker) return worker.cancel()
    const rollout = this.#session.rollouts.get(id)
    if (rollout?.state === 'queued') this.#change(id, { state: 'cancelled', end: 'cancelled', endedMs: Date.now() })
  }

  #cancelAll(): void {
    for (const { id } of this.#session.rollouts.ofJob(this.#id)) this.#cancel(id)
  }

  #requeue(id: number): void {
    const rollout = this.#session.rollouts.get(id)
    if (!rollout || this.#workers.has(id) || (rollout.state !== 'done' && rollout.state !== 'cancelled')) return
    this.#change(id, { ...FRESH, attempt: rollout.attempt + 1 })
  }

  /** What an earlier process left in the middle: graded again, or queued to go on by replaying its Steps. */
  #recover(): void {
    for (const rollout of this.#session.rollouts.ofJob(this.#id)) {
      const { id, state } = rollout
      if (state === 'grading') this.#start(rollout)
      if (state === 'starting' || state === 'running' || state === 'paused') this.#change(id, INTERRUPTED)
    }
  }

  #stop(): void {
    this.#stopping = true
    for (const worker of this.#workers.values()) worker.stop()
    this.#ring()
  }

  #fail(error: unknown): void {
    this.#failure ??= error
    this.#ring()
  }

  async #abandon(): Promise<void> {
    for (const worker of this.#workers.values()) worker.stop()
    await Promise.allSettled([...this.#workers.values()].map((worker) => worker.ended))
  }

  /** The store may be what failed: saying so is worth one try. */
  #tryToSay(error: unknown): void {
    try {
      this.#session.jobs.setState(this.#id, 'failed', error instanceof Error ? error.message : String(error))
      this.#touch()
    } catch {
      // The log file has it.
    }
  }

  async #readServer(): Promise<void> {
    const figures = await this.#machinery.serverFigures().catch(() => undefined)
    if (figures === undefined || this.#failure !== undefined) return
    try {
      this.#session.jobs.setServer(this.#id, figures)
    } catch (error) {
      this.#fail(error)
    }
  }

  #change(id: number, change: Parameters<Session['rollouts']['change']>[1]): void {
    this.#session.record((revision) => this.#session.rollouts.change(id, change, revision))
  }

  #note(kind: string, body: Parameters<Session['events']['append']>[3]): void {
    this.#session.record(() => this.#session.events.append(this.#id, undefined, kind, body))
  }

  /** Lets the screens notice a change of the job itself. */
  #touch(): void {
    this.#session.record(() => undefined)
  }

  #ring(): void {
    this.#wake.resolve()
  }
}
