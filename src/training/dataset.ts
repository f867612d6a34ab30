import type { Json } from '../domain/json.ts'
import type { Message } from '../domain/message.ts'
import type { Outcome } from '../domain/trajectory.ts'

/** A critical pair as it is trained on (paper eq. 4–5): one prefix, two replies. */
export interface DatasetPair {
  readonly id: string
  readonly task: string
  /** `owner/name`, where known. */
  readonly repository?: string
  /** Tool definitions of the conversation, where the source listed them. */
  readonly tools?: readonly Json[]
  /** Actions before the two. */
  readonly depth: number
  /** > 0; 1 unless somebody weighs pairs. */
  readonly weight: number
  /** Success rates of the two actions in the session's Tree, in [0, 1]. */
  readonly scores?: { readonly chosen: number; readonly rejected: number }
  /** Every message before the action, literal, of the chosen side. */
  readonly prefix: readonly Message[]
  readonly chosen: Message
  readonly rejected: Message
}

/** A whole Trajectory: SFT learns the actions of resolved ones (paper eq. 3). */
export interface DatasetTrajectory {
  readonly id: string
  readonly task: string
  readonly repository?: string
  readonly tools?: readonly Json[]
  readonly outcome: Outcome
  readonly prompt: readonly Message[]
  readonly steps: readonly { readonly reply: Message; readonly observation: readonly Message[] }[]
}

/** What a Run learns from, frozen; both lists sorted by id. */
export interface Dataset {
  /** SHA-256 of the content, hexadecimal. */
  readonly hash: string
  readonly pairs: readonly DatasetPair[]
  readonly trajectories: readonly DatasetTrajectory[]
}
