import type { Message } from '../domain/message.ts'
import type { TaskDefinition } from '../domain/task.ts'
import type { StepDraft } from '../domain/trajectory.ts'
import type { Policy, Sampling } from '../policy/policy.ts'
import type { Sandbox } from '../sandbox/sandbox.ts'
import type { Usage } from './events.ts'
import type { RolloutLimits } from './limits.ts'
import type { WorkspaceStart } from './private-git.ts'
import type { Profile } from './profile.ts'
import type { StuckWatch } from './stuck.ts'

/** What one rollout is made of. */
export interface RolloutParts {
  readonly task: TaskDefinition
  readonly policy: Policy
  /** Makes the Sandbox; called once. Whoever gave it closes the Sandbox, after the rollout. */
  readonly sandbox: (signal: AbortSignal) => Promise<Sandbox>
  readonly profile: Profile
  readonly limits: RolloutLimits
  readonly sampling: Sampling
  /** A fresh one. */
  readonly stuck: StuckWatch
  readonly prefix?: Prefix
  readonly control: RolloutControl
}

/** Steps that were made before: a rollout that is resumed, or a branch from a Node. */
export interface Prefix {
  readonly steps: readonly StepDraft[]
  /** `replay`: the Sandbox is fresh and the Actions are executed again · `snapshot`: it already stands after the last Step. */
  readonly from: 'replay' | 'snapshot'
  /** Whether they are stored already (resume); otherwise each is told as a `step` once the whole prefix was replayed. */
  readonly stored: boolean
  /** The stored prompt, so that the Policy reads the same letters again; default: made anew. */
  readonly prompt?: readonly Message[]
  /** What was used for them, where it counts on. */
  readonly usage?: Usage
  /** For `snapshot`: what patches are made against, as the `prompt` event told it. */
  readonly start?: WorkspaceStart
  /** For `snapshot`: the folder in which the shell stood. */
  readonly directory?: string
}

/** What a person can do to a rollout while it runs. */
export interface RolloutControl {
  /** Cancels it. */
  readonly signal: AbortSignal
  /** Asked between Steps: a promise that lasts as long as the pause; `undefined`: go on. */
  gate(): Promise<void> | undefined
  /** A message for the Policy, handed over once. */
  takeNudge(): string | undefined
}
