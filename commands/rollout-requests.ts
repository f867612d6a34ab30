import { z } from 'zod'
import { SealignError } from '../src/domain/errors.ts'
import { concludeRollout } from '../src/jobs/rollout-record.ts'
import { FRESH, type Rollout } from '../sessions/rollouts.ts'
import type { RequestKind } from '../sessions/requests.ts'
import type { Session } from '../sessions/session.ts'
import { type CommandContext, defineCommand } from './define.ts'
import { startJob, isAtWork, oneJob } from './job.ts'
import { oneRollout } from './rollout.ts'

/** What was asked of whom; the process of the job does it. */
interface Asked {
  readonly kind: RequestKind
  readonly targets: readonly string[]
  readonly note?: string
}

const TARGETS = z.array(z.string()).describe('rollouts (12 13) or whole jobs (j3)')

/** Words that name rollouts or jobs. @throws SealignError `usage`, `not-found`. */
function targetsOf(session: Session, words: readonly string[]): { readonly job: number; readonly rollout?: Rollout }[] {
  return words.map((word) => {
    if (/^j\d+$/.test(word)) return { job: oneJob(session, word).id }
    if (!/^\d{1,12}$/.test(word))
      throw new SealignError('usage', `${JSON.stringify(word)} is neither a rollout nor a job`, {
        hint: 'Rollouts are numbers (12), jobs begin with a j (j3).',
      })
    const rollout = oneRollout(session, Number(word))
    return { job: rollout.job, rollout }
  })
}

function ask(context: CommandContext, words: readonly string[], kind: RequestKind, text?: string): Asked {
  const session = context.session()
  const targets = targetsOf(session, words)
  const idle: string[] = []
  for (const { job, rollout } of targets) {
    const row = session.jobs.get(job)
    if (row && isAtWork(row)) session.requests.ask(job, kind, rollout?.id, text)
    else idle.push(`j${job}`)
  }
  const note = idle.length > 0 ? `${[...new Set(idle)].join(', ')} is not at work: nobody hears this there` : undefined
  return { kind, targets: words, ...(note !== undefined && { note }) }
}

function askedText({ kind, targets, note }: Asked): string {
  return note ?? `${targets.join(' ')}: ${kind} was asked for`
}

export const rolloutPause = defineCommand({
  name: 'rollout pause',
  summary: 'Let rollouts, or a whole job, rest after the step they are in',
  example: 'sealign rollout pause 12',
  args: z.object({ targets: TARGETS }),
  positional: ['targets'],
  run: ({ targets }, context) => ask(context, targets, 'pause'),
  text: askedText,
})

export const rolloutResume = defineCommand({
  name: 'rollout resume',
  summary: 'Go on with paused rollouts, or with a job that was stopped or lost',
  example: 'sealign rollout resume j3',
  args: z.object({ targets: TARGETS }),
  positional: ['targets'],
  run({ targets }, context): Asked {
    const session = context.session()
    const started: string[] = []
    for (const { job } of targetsOf(session, targets)) {
      const row = session.jobs.get(job)
      if (!row || isAtWork(row)) continue
      startJob(session, job, context.env)
      started.push(`j${job}`)
    }
    const asked = ask(
      context,
      targets.filter((word) => !started.includes(word)),
      'resume',
    )
    return started.length > 0 ? { ...asked, targets, note: `${started.join(', ')} goes on in a new process` } : asked
  },
  text: askedText,
})

export const rolloutCancel = defineCommand({
  name: 'rollout cancel',
  summary: 'End rollouts now; what they did is kept, unscored',
  example: 'sealign rollout cancel 12 13',
  args: z.object({ targets: TARGETS }),
  positional: ['targets'],
  run({ targets }, context): Asked {
    const session = context.session()
    const cancelled = new Set<number>()
    for (const { job, rollout } of targetsOf(session, targets)) {
      const row = session.jobs.get(job)
      if (!row || isAtWork(row)) continue
      // Nobody is at work on it: the rows are ours.
      for (const each of rollout ? [rollout] : session.rollouts.ofJob(job)) if (!isOver(each)) cancelled.add(each.id)
    }
    for (const id of cancelled) concludeRollout(session, id, { state: 'cancelled' })
    if (cancelled.size > 0) return { kind: 'cancel', targets, note: `cancelled: ${[...cancelled].join(' ')}` }
    return ask(context, targets, 'cancel')
  },
  text: askedText,
})

export const rolloutRequeue = defineCommand({
  name: 'rollout requeue',
  summary: 'Do rollouts that ended again from their beginning; the old steps are kept',
  example: 'sealign rollout requeue 12',
  args: z.object({
    targets: TARGETS.optional(),
    failed: z.boolean().default(false).describe('every rollout that failed without the policy’s fault'),
  }),
  positional: ['targets'],
  run({ targets = [], failed }, context) {
    const session = context.session()
    const chosen = new Map<number, Rollout>()
    for (const { job, rollout } of targetsOf(session, targets))
      for (const each of rollout ? [rollout] : session.rollouts.ofJob(job).filter(isOver)) chosen.set(each.id, each)
    if (failed)
      for (const each of session.rollouts.changedSince(-1))
        if (isOver(each) && each.infrastructure !== undefined) chosen.set(each.id, each)
    const running = [...chosen.values()].find((rollout) => !isOver(rollout))
    if (running)
      throw new SealignError(
        'usage',
        `rollout ${running.id} is ${running.state}: only one that ended can be done again`,
        {
          hint: `Cancel it first: sealign rollout cancel ${running.id}`,
        },
      )
    for (const job of new Set([...chosen.values()].map((rollout) => rollout.job)))
      requeue(context, session, job, chosen)
    return { requeued: [...chosen.keys()] }
  },
  text: ({ requeued }) =>
    requeued.length === 0 ? 'there is nothing to do again' : `queued again: ${requeued.join(' ')}`,
})

function isOver({ state }: Rollout): boolean {
  return state === 'done' || state === 'cancelled'
}

/** A living process is asked, so that no one else writes its rollouts; else the rows are ours and a process is started. */
function requeue(context: CommandContext, session: Session, job: number, chosen: ReadonlyMap<number, Rollout>): void {
  const row = session.jobs.get(job)
  const rollouts = [...chosen.values()].filter((rollout) => rollout.job === job)
  if (!row) return
  if (isAtWork(row)) {
    for (const { id } of rollouts) session.requests.ask(job, 'requeue', id)
    return
  }
  session.record((revision) => {
    for (const { id, attempt } of rollouts) session.rollouts.change(id, { ...FRESH, attempt: attempt + 1 }, revision)
  })
  startJob(session, job, context.env)
}

export const rolloutNudge = defineCommand({
  name: 'rollout nudge',
  summary: 'Say something to the policy in the middle of a rollout',
  example: 'sealign rollout nudge 12 "The bug is in parse(), not in the tests."',
  args: z.object({
    rollout: z.string().describe('number of the rollout'),
    text: z.array(z.string()).describe('what it is told, as a user message after its next step'),
  }),
  positional: ['rollout', 'text'],
  run: ({ rollout, text }, context) => ask(context, [rollout], 'nudge', text.join(' ')),
  text: askedText,
})

export const rolloutShell = defineCommand({
  name: 'rollout shell',
  summary: 'Show the command that opens a shell in the sandbox of a running rollout',
  example: 'sealign rollout shell 12',
  args: z.object({ rollout: z.int().describe('number of the rollout') }),
  positional: ['rollout'],
  run({ rollout: id }, context) {
    const { attach, state } = oneRollout(context.session(), id)
    if (!attach)
      throw new SealignError('not-found', `rollout ${id} has no sandbox now: it is ${state}`, {
        hint: 'Only a rollout that is at work has one.',
      })
    return { rollout: id, argv: attach }
  },
  text: ({ argv }) =>
    argv.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)).join(' '),
})
