import { setTimeout as sleep } from 'node:timers/promises'
import { SealignError } from '../../domain/errors.ts'
import type { ExternalTraining } from '../../training/external/external-training.ts'
import { LoggedTraining } from '../../training/external/logged-training.ts'
import { OwnTraining } from '../../training/external/own-training.ts'
import { findTraces, isAnything, type Traces } from '../../training/external/traces.ts'
import type { RunEvent } from '../../training/run-event.ts'
import { pollGpus } from '../gpu-poll.ts'
import type { ExternalTrainerSettings } from '../training-settings.ts'
import type { Trainer, TrainerCall } from './trainer.ts'

/** How often a training is looked at, milliseconds. */
const LOOK_MS = 1000
/** A training at its last step is done when nothing more came for this long: an evaluation may follow it. */
const QUIET_MS = 10_000

type End = Extract<RunEvent, { type: 'end' }>

/**
 * Reads what another program writes about its training, from the beginning each time: what was stored of it before no longer counts.
 * Nothing of the training itself is changed; a stop only ends the looking.
 */
export function externalTrainer(settings: ExternalTrainerSettings): Trainer {
  return async (call) => {
    const gpus = new AbortController()
    // What cannot be stored is told where the training's own events are.
    const polling = settings.follow ? pollGpus(call.hear, gpus.signal).catch(() => undefined) : undefined
    let end: End
    try {
      end = await new Looking(settings, call).untilEnd()
    } finally {
      gpus.abort()
      await polling
    }
    call.hear(end)
  }
}

class Looking {
  readonly #settings: ExternalTrainerSettings
  readonly #call: TrainerCall
  readonly #warned = new Set<string>()
  #training: ExternalTraining | undefined
  #newsMs = Date.now()

  constructor(settings: ExternalTrainerSettings, call: TrainerCall) {
    this.#settings = settings
    this.#call = call
  }

  async untilEnd(): Promise<End> {
    const { control } = this.#call
    const { folder, follow } = this.#settings
    let traces: Traces | undefined = await findTraces(folder).catch((error: unknown) => {
      throw new SealignError('not-found', `the folder ${folder} of the training cannot be read`, { cause: error })
    })
    for (;;) {
      await control.gate()
      const hasNews = traces !== undefined && (await this.#look(traces))
      if (hasNews) this.#newsMs = Date.now()
      const isLast = !follow || control.signal.aborted
      this.#tell(isLast || !hasNews)
      if (this.#isDone(hasNews)) return this.#end('completed')
      if (isLast || control.signal.aborted) return this.#end('stopped')
      await sleep(LOOK_MS, undefined, { signal: control.signal }).catch(() => undefined)
      // A folder that is lost for a while may come back.
      traces = await findTraces(folder).catch((error: unknown) => this.#warn(error))
    }
  }

  async #look(traces: Traces): Promise<boolean> {
    const [own] = traces.ownEvents
    if (own !== undefined) this.#training ??= new OwnTraining(own)
    else if (isAnything(traces)) this.#training ??= new LoggedTraining(this.#settings.folder)
    try {
      return (await this.#training?.look(traces)) === true
    } catch (error) {
      return this.#warn(error) ?? false
    }
  }

  #tell(withLast: boolean): void {
    const { control, hear } = this.#call
    for (const event of this.#training?.events(withLast) ?? []) {
      hear(event)
      if (control.signal.aborted) return
    }
  }

  #isDone(hasNews: boolean): boolean {
    const done = this.#training?.standing().done ?? 'no'
    if (!this.#settings.follow) return done !== 'no'
    return done === 'sure' ? !hasNews : done === 'likely' && Date.now() - this.#newsMs >= QUIET_MS
  }

  #end(status: 'completed' | 'stopped'): End {
    const { folder, follow } = this.#settings
    if (this.#training === undefined)
      return { type: 'end', status, best: [], seconds: 0, message: `no trainer has written anything to ${folder} yet` }
    if (status === 'completed') return this.#training.end(status)
    const { step, totalSteps } = this.#training.standing()
    const at = totalSteps > 0 ? `step ${step} of ${totalSteps}` : `step ${step}`
    return this.#training.end(status, follow ? `looked at until ${at}` : `read once, at ${at}`)
  }

  /** Says once what the file system does not give. @throws what is no error of the file system. */
  #warn(error: unknown): undefined {
    if (!(error instanceof Error && 'code' in error)) throw error
    if (!this.#warned.has(error.message)) this.#call.hear({ type: 'warning', message: error.message })
    this.#warned.add(error.message)
  }
}
