import type { Request } from '../../sessions/requests.ts'
import type { Run } from '../../sessions/runs.ts'
import type { Session } from '../../sessions/session.ts'
import { SealignError } from '../domain/errors.ts'
import { ownIdentity } from '../lib/process-identity.ts'
import type { RunEvent } from '../training/run-event.ts'
import type { DiskReserve } from './disk-reserve.ts'
import type { Trainer } from './trainers/trainer.ts'

/** How often a living job says so, and how often it looks for requests, milliseconds. */
const HEARTBEAT_MS = 2000
const REQUESTS_MS = 150

/** Trains one Run: obeys requests, and leaves everything its trainer says in the Session before the trainer goes on. */
export class TrainingJob {
  readonly #session: Session
  readonly #id: number
  readonly #trainer: Trainer
  readonly #reserve: DiskReserve
  readonly #abort = new AbortController()
  #gate: PromiseWithResolvers<void> | undefined
  #beatMs = 0
  #lookMs = 0
  #failure: unknown
  #end: Extract<RunEvent, { type: 'end' }> | undefined

  constructor(session: Session, id: number, trainer: Trainer, reserve: DiskReserve) {
    this.#session = session
    this.#id = id
    this.#trainer = trainer
    this.#reserve = reserve
  }

  /**
   * Trains until the Run is done or somebody asks it to stop; one that was stopped or lost goes on from the trainer's last state.
   * @throws SealignError when the Dataset, the disk or the store fails, or the trainer gives up.
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
    if (signal.aborted) this.#stop()
    const timer = setInterval(() => this.#look(), REQUESTS_MS)
    try {
      this.#touch()
      await this.#train()
      if (this.#failure !== undefined) throw this.#failure
      return this.#conclude()
    } catch (error) {
      this.#reserve.release()
      const told = trainingError(error)
      this.#tryToSay(told)
      throw told
    } finally {
      clearInterval(timer)
    }
  }

  async #train(): Promise<void> {
    const run = this.#session.runs.ofJob(this.#id)
    if (!run) throw new SealignError('bug', `job j${this.#id} trains no run`)
    await this.#trainer({
      run,
      dataset: this.#session.datasets.get(run.dataset)?.folder,
      control: { signal: this.#abort.signal, gate: () => this.#gate?.promise },
      past: () => this.#session.runs.events(run.id).map(({ event }) => event),
      hear: (event) => this.#hear(run, event),
    })
  }

  /** Stores what the trainer said. One in this process computes without a pause between steps: heartbeat and requests must not wait for a timer. */
  #hear(run: Run, event: RunEvent): void {
    if (this.#failure !== undefined) throw this.#failure
    this.#session.record(() => this.#session.runs.append(run.id, event))
    if (event.type === 'end') this.#end = event
    this.#look()
  }

  #look(): void {
    const now = Date.now()
    try {
      if (now - this.#beatMs >= HEARTBEAT_MS) {
        this.#beatMs = now
        this.#session.jobs.beat(this.#id)
      }
      if (now - this.#lookMs < REQUESTS_MS) return
      this.#lookMs = now
      for (const request of this.#session.requests.take(this.#id)) this.#obey(request)
    } catch (error) {
      this.#failure ??= error
      this.#stop()
    }
  }

  #obey({ kind }: Request): void {
    switch (kind) {
      case 'pause':
        if (this.#gate !== undefined) return
        this.#gate = Promise.withResolvers()
        return this.#setState('paused')
      case 'resume':
        if (this.#gate === undefined) return
        this.#setState('running')
        return this.#open()
      case 'stop':
      case 'cancel':
        return this.#stop()
      case 'requeue':
      case 'nudge':
        return
    }
  }

  #stop(): void {
    this.#abort.abort()
    this.#open()
  }

  #open(): void {
    this.#gate?.resolve()
    this.#gate = undefined
  }

  #conclude(): 'done' | 'stopped' {
    const { status = 'stopped', message = 'the trainer said no more', error } = this.#end ?? {}
    if (status === 'failed')
      throw new SealignError('trainer', message, error?.hint === undefined ? {} : { hint: error.hint })
    const state = status === 'completed' ? 'done' : 'stopped'
    this.#setState(state)
    return state
  }

  #setState(state: 'running' | 'paused' | 'done' | 'stopped'): void {
    this.#session.jobs.setState(this.#id, state)
    this.#touch()
  }

  /** The store may be what failed: saying so is worth one try. */
  #tryToSay(error: Error): void {
    try {
      this.#session.jobs.setState(this.#id, 'failed', error.message)
      this.#touch()
    } catch {
      // The log file has it.
    }
  }

  /** Lets the screens notice a change of the job itself. */
  #touch(): void {
    this.#session.record(() => undefined)
  }
}

/** A full disk in words; what was trained up to the last state is kept. */
function trainingError(error: unknown): Error {
  if (error instanceof Error && 'code' in error && error.code === 'ENOSPC')
    return new SealignError('store', 'the disk is full: the trainer could not write its state', {
      hint: 'Make room, then `sealign train resume`.',
      cause: error,
    })
  return error instanceof Error ? error : new Error(String(error))
}
