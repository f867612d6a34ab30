import type { Run } from '../../../sessions/runs.ts'
import type { RunEvent } from '../../training/run-event.ts'

/** How a job guides the trainer of its Run. */
export interface TrainerControl {
  /** Aborted: keep a state and end. */
  readonly signal: AbortSignal
  /** While a Run is paused, a promise that is kept when it goes on; `undefined`: it is not paused. */
  gate(): Promise<void> | undefined
}

/** What a trainer is called with. */
export interface TrainerCall {
  readonly run: Run
  /** Folder of the frozen Dataset; `undefined`: the Run has none. */
  readonly dataset: string | undefined
  readonly control: TrainerControl
  /** What was said in earlier processes of the Run, in order. */
  readonly past: () => readonly RunEvent[]
  /** Keeps what the trainer says; it is in the Session when this returns. */
  readonly hear: (event: RunEvent) => void
}

/** Trains a Run until it is done, was stopped or failed, and says each of its events, an `end` last. */
export type Trainer = (call: TrainerCall) => Promise<void>
