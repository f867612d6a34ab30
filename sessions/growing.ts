import type { StepDraft, TrajectoryDraft } from '../src/domain/trajectory.ts'
import { actionLanes, fillObservationLanes } from '../src/tree/action-key.ts'
import { STEP_WORDS } from '../src/tree/key-lanes.ts'
import { observationText } from '../src/domain/trajectory.ts'
import { wordsOf } from './prepared.ts'
import type { Session } from './session.ts'

/** What is known of a Trajectory before its first Step. */
export type Beginning = Omit<
  TrajectoryDraft,
  'steps' | 'outcome' | 'end' | 'infrastructure' | 'patch' | 'tokens' | 'costUsd'
>

/** Names a rollout and its attempt: the same path and attempt are the same Trajectory. */
export interface GrowingOrigin {
  readonly path: string
  readonly attempt: number
  /** Id of the rollout. */
  readonly rollout?: number
}

/**
 * A Trajectory that a rollout writes Step by Step. Until it is finished it has no revision, so that trees leave it out;
 * each Step costs its own row and nothing that grows with the others but their keys (48 bytes a Step).
 */
export class GrowingTrajectory {
  readonly id: number
  readonly #session: Session
  #keys: Uint32Array
  #steps: number

  private constructor(session: Session, id: number, keys: Uint32Array) {
    this.#session = session
    this.id = id
    this.#keys = keys
    this.#steps = keys.length / STEP_WORDS
  }

  /** Inside a transaction. */
  static begin(session: Session, beginning: Beginning, origin: GrowingOrigin): GrowingTrajectory {
    const id = session.trajectories.begin(beginning, origin)
    return new GrowingTrajectory(session, id, new Uint32Array())
  }

  /** Goes on with one that an earlier process left unfinished. */
  static resume(session: Session, id: number): GrowingTrajectory {
    return new GrowingTrajectory(session, id, wordsOf(session.trajectories.keys(id)))
  }

  get steps(): number {
    return this.#steps
  }

  /** Appends a Step; inside a transaction. */
  append(step: StepDraft): void {
    const keys = new Uint32Array(this.#keys.length + STEP_WORDS)
    keys.set(this.#keys)
    this.#keys = keys
    this.#write(step, ++this.#steps)
  }

  /** Puts another Step in place of the newest one; inside a transaction. */
  amend(step: StepDraft): void {
    this.#write(step, this.#steps)
  }

  #write(step: StepDraft, t: number): void {
    const own = actionLanes([step])
    fillObservationLanes(own, 0, observationText(step))
    this.#keys.set(own, (t - 1) * STEP_WORDS)
    this.#session.trajectories.putStep(this.id, step, t, this.#keys)
  }
}
