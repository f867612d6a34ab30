import type { RunEvent } from '../run-event.ts'
import type { Traces } from './traces.ts'

/** How an external training stands. */
export interface Standing {
  /** `sure`: its trainer said that it is done; `likely`: it is at its last step. */
  readonly done: 'no' | 'likely' | 'sure'
  readonly step: number
  /** 0: not known. */
  readonly totalSteps: number
}

/** A training that another program does, read from what it writes. */
export interface ExternalTraining {
  /** Reads what is new. @returns whether anything is. */
  look(traces: Traces): Promise<boolean>
  /**
   * What that tells, in order.
   * @param withLast - also what more may be still to come of.
   */
  events(withLast: boolean): Iterable<RunEvent>
  standing(): Standing
  /** Its end, for a reason that is ours (`stopped`) or because it is done. */
  end(status: 'completed' | 'stopped', message?: string): Extract<RunEvent, { type: 'end' }>
}
