import type { Message } from '../domain/message.ts'
import { actionKind, type StepDraft } from '../domain/trajectory.ts'
import { normalObservation } from '../tree/observation-normal.ts'
import { runCalls, type Acted } from './act.ts'
import type { CallFormat } from './call-format/call-format.ts'
import type { ProfileAnswer, ProfileSession } from './profile.ts'
import type { ToolContext } from './tool.ts'
import { doneCalls } from './turn.ts'

/** Where a replayed prefix saw something else than the first time. */
export interface Divergence {
  /** Step, from 1. */
  readonly t: number
  /** One sentence for people. */
  readonly says: string
}

/** A prefix that was executed again. */
export interface Replayed {
  readonly divergence: Divergence | undefined
  /** What the framework said of the last Step. */
  readonly answer: ProfileAnswer | undefined
  /** The last Step called `finish`. */
  readonly finished: boolean
}

export interface ReplayParts {
  readonly steps: readonly StepDraft[]
  readonly format: CallFormat
  readonly session: ProfileSession
  readonly context: ToolContext
  /** Hears of a Step before it is executed. */
  readonly onStep?: (t: number) => void
}

/**
 * Executes the Actions of a prefix in a fresh Sandbox and requires every Observation to be the same, what differs between two
 * runs of the same command aside (`normalObservation`). The stored texts stay the ones the Policy reads.
 *
 * @throws what tools throw: SandboxError, or an abort.
 */
export async function replaySteps({ steps, format, session, context, onStep }: ReplayParts): Promise<Replayed> {
  let answer: ProfileAnswer | undefined
  let finished = false
  for (const [index, step] of steps.entries()) {
    const t = index + 1
    onStep?.(t)
    const kind = actionKind(step)
    const parsed = kind === 'call' ? format.parse(step.reply, session.tools) : undefined
    if (parsed && parsed.kind !== 'call')
      return ended(t, `step ${t} of the prefix is no call that the tools of this profile understand`)
    const acted: Acted | undefined = parsed ? await runCalls(parsed.calls, session, context) : undefined
    if (parsed && acted) {
      const seen = format.results(parsed, acted.results)
      const says = difference(step.observation, seen, t)
      if (says !== undefined) return ended(t, says)
    }
    answer = await session.afterStep({ kind, calls: doneCalls(parsed, acted) }, context)
    finished = acted?.finished ?? false
  }
  return { divergence: undefined, answer, finished }
}

function ended(t: number, says: string): Replayed {
  return { divergence: { t, says }, answer: undefined, finished: false }
}

/** Nudges may follow in what was stored: only the messages the tools made are compared. */
function difference(stored: readonly Message[], seen: readonly Message[], t: number): string | undefined {
  for (const [index, message] of seen.entries()) {
    const before = stored[index]
    if (before === undefined) return `step ${t} of the prefix has no stored observation to compare with`
    if (before.content === message.content) continue
    if (normalObservation(before.content) !== normalObservation(message.content))
      return `step ${t} of the prefix printed something else than the first time`
  }
  return undefined
}
