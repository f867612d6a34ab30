import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { z } from 'zod'
import { SealignError } from '../src/domain/errors.ts'
import { jobLogPath, launchJob } from '../src/jobs/launch.ts'
import { policyName, RolloutJobSettings } from '../src/jobs/rollout-settings.ts'
import { safeText } from '../src/lib/safe-text.ts'
import { isActive, isLost, type Job, type JobFigures, type JobKind } from '../sessions/jobs.ts'
import type { RunProgress } from '../sessions/run-progress.ts'
import type { Session } from '../sessions/session.ts'
import { defineCommand } from './define.ts'
import { count, table } from './table.ts'

/**
 * A job as people see it: one whose process is gone is `lost`, whatever it last said. Of a training `done` and `total` count
 * optimizer steps.
 */
export interface ShownJob extends JobFigures {
  readonly job: string
  readonly kind: JobKind
  readonly state: Job['state'] | 'lost'
  readonly note: string | undefined
  /** What it is at, where the counts do not say: `r1: dpo step 12 of 40, loss 0.531`. */
  readonly activity?: string
  readonly policy: string
  readonly sandbox: string
  readonly createdAt: string
}

export function shownJob(session: Session, job: Job): ShownJob {
  const { id, kind, note, createdAt } = job
  const state = isLost(job) ? 'lost' : job.state
  const shown = { job: `j${id}`, kind, state, note, createdAt, ...session.jobs.figures(id) } as const
  if (kind === 'training') return { ...shown, ...shownTraining(session, id) }
  if (kind === 'demo') return { ...shown, policy: kind, sandbox: '–' }
  const { policy, sandbox } = RolloutJobSettings.parse(JSON.parse(job.settings))
  return { ...shown, policy: policyName(policy), sandbox: sandbox.kind }
}

function shownTraining(session: Session, job: number) {
  const run = session.runs.ofJob(job)
  const progress = session.runs.progress(run?.id ?? 0)
  return {
    done: progress.step,
    total: progress.totalSteps,
    activity: `r${run?.id ?? '?'}: ${progressText(progress)}`,
    policy: 'training',
    sandbox: '–',
  }
}

/** `dpo step 12 of 40, loss 0.531` of a Run. */
export function progressText({ stage, phase, step, totalSteps, loss, end }: RunProgress): string {
  if (stage === undefined) return phase ?? 'begins'
  const at =
    end?.status === 'completed'
      ? `${count(step, 'step')}`
      : `${stage} step ${step}${totalSteps > 0 ? ` of ${totalSteps}` : ''}`
  return loss === undefined ? at : `${at}, loss ${loss.toFixed(3)}`
}

/** @throws SealignError `usage` or `not-found`. Without a word: the newest job, of one kind when given. */
export function oneJob(session: Session, word: string | undefined, kind?: JobKind): Job {
  const job =
    word === undefined
      ? session.jobs.list().find((each) => kind === undefined || each.kind === kind)
      : session.jobs.get(jobNumber(word))
  if (job && kind !== undefined && job.kind !== kind)
    throw new SealignError('usage', `${word} is a ${job.kind} job, not a ${kind} job`, {
      hint: '`sealign job list` names them.',
    })
  if (job) return job
  throw new SealignError(
    'not-found',
    word === undefined ? 'there is no job in this session yet' : `there is no job ${word}`,
    {
      hint: word === undefined ? 'sealign rollout start begins one.' : '`sealign job list` names them.',
    },
  )
}

function jobNumber(word: string): number {
  const digits = /^j?(\d{1,9})$/.exec(word)?.[1]
  if (digits === undefined)
    throw new SealignError('usage', `${JSON.stringify(word)} is not a job`, { hint: 'Jobs are written j1, j2, …' })
  return Number(digits)
}

/** Whether a process is at work on a job now. */
export function isAtWork(job: Job): boolean {
  return isActive(job) && !isLost(job)
}

/** Starts a process for a job that has none. */
export function startJob(session: Session, job: number, env: NodeJS.ProcessEnv): void {
  launchJob(session.path, job, resolve(process.argv[1] ?? ''), env)
}

export const jobList = defineCommand({
  name: 'job list',
  summary: 'Show the jobs of a session and how far they are',
  example: 'sealign job list',
  args: z.object({}),
  run(_args, context) {
    const session = context.session()
    return { jobs: session.jobs.list().map((job) => shownJob(session, job)) }
  },
  text: ({ jobs }, style) =>
    jobs.length === 0
      ? 'There are no jobs in this session yet. Start one: sealign rollout start --tasks SET --policy openai --base-url URL --model NAME'
      : table(
          ['JOB', 'STATE', 'DONE', 'RUNNING', 'GRADING', 'RESOLVED', 'FAILED', 'POLICY', 'SANDBOX', 'NOTE'].map(
            (title) => ({ title }),
          ),
          jobs.map((job) => [
            job.job,
            job.state,
            `${job.done + job.cancelled}/${job.total}`,
            job.running,
            job.grading,
            job.resolved,
            job.infrastructure,
            job.policy,
            job.sandbox,
            noteOf(job),
          ]),
          style,
        ),
  json: ({ jobs }) => jobs,
})

function noteOf({ job, kind, state, note, activity }: ShownJob): string {
  const verb = kind === 'training' ? 'train' : 'rollout'
  const words = [activity, state === 'lost' ? `its process is gone: sealign ${verb} resume ${job}` : note]
  return words.filter(Boolean).join('; ')
}

export const jobStop = defineCommand({
  name: 'job stop',
  summary: 'Stop a job in good order; `rollout resume` goes on with it',
  example: 'sealign job stop j3',
  args: z.object({ job: z.string().optional().describe('job; the newest one when left out') }),
  positional: ['job'],
  run({ job: word }, context) {
    const session = context.session()
    const job = oneJob(session, word)
    const atWork = isAtWork(job)
    if (atWork) session.requests.ask(job.id, 'stop')
    return { job: `j${job.id}`, asked: atWork }
  },
  text: ({ job, asked }) => (asked ? `${job} was asked to stop` : `${job} is not at work`),
})

/** Lines of a log that are shown. */
const LOG_LINES = 200

export const jobLog = defineCommand({
  name: 'job log',
  summary: 'Show what the process of a job had to say about itself',
  example: 'sealign job log j3',
  args: z.object({ job: z.string().optional().describe('job; the newest one when left out') }),
  positional: ['job'],
  run({ job: word }, context) {
    const session = context.session()
    const job = oneJob(session, word)
    const path = jobLogPath(session.path, job.id)
    return { job: `j${job.id}`, path, lines: logLines(path), events: session.events.ofJob(job.id).length }
  },
  text: ({ job, path, lines, events }) =>
    [
      ...lines.map((line) => safeText(line)),
      lines.length === 0 ? `the process of ${job} has written nothing to ${path}` : `(${path})`,
      `${count(events, 'event')} in the session`,
    ].join('\n'),
})

function logLines(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').trimEnd().split('\n').filter(Boolean).slice(-LOG_LINES)
  } catch {
    return []
  }
}
