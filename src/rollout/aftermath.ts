import type { StepDraft } from '../domain/trajectory.ts'
import type { Acted } from './act.ts'
import type { ParsedReply } from './call-format/parsed-reply.ts'
import type { EndReason } from './events.ts'
import type { ProfileSession } from './profile.ts'
import type { RolloutParts } from './rollout-parts.ts'
import type { StuckReport } from './stuck.ts'
import type { ToolContext } from './tool.ts'
import { doneCalls } from './turn.ts'

/** What follows a Step's results: messages for the Policy, and whether it was the last one. */
export interface Aftermath {
  /** Appended to the Observation, in order. */
  readonly nudges: readonly Nudge[]
  readonly stuck: StuckReport | undefined
  readonly end: EndReason | undefined
}

interface Nudge {
  readonly text: string
  readonly by: 'stuck' | 'person' | 'profile'
}

/** A Step with what it did, before anything was appended to its Observation. */
export interface FreshStep {
  readonly t: number
  readonly step: StepDraft
  readonly parsed: ParsedReply
  readonly acted: Acted | undefined
  /** Replies without a call up to this one, itself included. */
  readonly messagesInRow: number
}

/** Who may speak after a Step. */
type Speakers = Pick<RolloutParts, 'stuck' | 'limits' | 'control'> & { readonly session: ProfileSession }

/**
 * Asks, in this order: the framework, the stuck detector, the person. After the last Step nobody but the framework speaks: no
 * reply would follow.
 */
export async function aftermathOf(fresh: FreshStep, speakers: Speakers, context: ToolContext): Promise<Aftermath> {
  const { t, step, parsed, acted, messagesInRow } = fresh
  const { session, stuck, limits, control } = speakers
  const answer = await session.afterStep({ kind: parsed.kind, calls: doneCalls(parsed, acted) }, context)
  const failed = acted?.results.some((result) => result.failed) === true
  const report = stuck.push(step, t, failed ? { failed } : undefined)
  const nudges: Nudge[] = answer?.note === undefined ? [] : [{ text: answer.note, by: 'profile' }]
  const end = acted?.finished
    ? 'finished'
    : (answer?.end ??
      (messagesInRow >= limits.messages ? 'gave-up' : report?.effect === 'stopped' ? 'stuck' : undefined))
  if (end !== undefined) return { nudges, stuck: report, end }
  if (report?.nudge !== undefined) nudges.push({ text: report.nudge, by: 'stuck' })
  const person = control.takeNudge()
  if (person !== undefined) {
    nudges.push({ text: person, by: 'person' })
    stuck.reset()
  }
  return { nudges, stuck: report, end: undefined }
}
