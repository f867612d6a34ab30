import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import { evaluationReport } from '../sessions/evaluation-facts.ts'
import { listSessions, sessionPath } from '../sessions/place.ts'
import { Session } from '../sessions/session.ts'
import { DEMO_STAGES } from '../sessions/demo.ts'
import { SealignError } from '../src/domain/errors.ts'
import type { EvaluationReport } from '../src/evaluation/report.ts'
import { isGone, type ProcessStart } from './child-job.ts'
import { type CommandContext, defineCommand } from './define.ts'
import { DemoSettings, demoSettings } from './demo-settings.ts'
import { reportText } from './eval-text.ts'
import { isAtWork, startJob } from './job.ts'

const LOOK_MS = 250

const DEMO_ARGS = z.object({
  seed: z.int().min(0).default(1).describe('decides every draw: the same seed gives the same numbers'),
  fast: z.boolean().default(false).describe('fewer tasks and rollouts'),
  tasks: z.int().min(1).max(1000).optional().describe('tasks that are learnt from; held-out ones in proportion'),
})
export type DemoArgs = z.output<typeof DEMO_ARGS>

/** What a demonstration came to. */
interface DemoResult {
  readonly session: string
  readonly job: string
  readonly settings: DemoSettings
  readonly seconds: number
  readonly report: EvaluationReport
  readonly exitCode: number
}

export const demoCommand = defineCommand({
  name: 'demo',
  summary: 'See the whole method at work on a small policy: rollouts, trees, pairs, training, evaluation',
  example: 'sealign demo --seed 2',
  args: DEMO_ARGS,
  async run(args, context): Promise<DemoResult> {
    const startedMs = Date.now()
    const { path, job, start } = beginDemo(args, { ...namedSession(context), watched: false, env: context.env })
    using session = Session.open(path)
    const stopped = await waitForDemo(session, job, start, context)
    return {
      session: session.name,
      job: `j${job}`,
      settings: DemoSettings.parse(JSON.parse(session.jobs.get(job)?.settings ?? '{}')),
      seconds: Math.round((Date.now() - startedMs) / 1000),
      report: evaluationReport(session),
      exitCode: stopped ? 130 : 0,
    }
  },
  text: ({ session, seconds, settings, report, exitCode }, style) =>
    exitCode === 0
      ? [
          `The embedded loop on ${settings.train} tasks, seed ${settings.seed}, in ${seconds} s. The policy is a small network over code edits, no language model.`,
          `It learnt from rollouts of the collector (a search that makes mistakes) and of its untrained self; the tasks below are others.`,
          '',
          reportText(report, style),
          '',
          `Everything is in session ${session}: sealign --session ${session}`,
        ].join('\n')
      : `stopped; \`sealign demo\` goes on with session ${session}`,
  json: ({ exitCode: _exitCode, ...result }) => result,
})

/** Where a demonstration happens: the session that was named, or one of its own. */
function namedSession({ sessionNamed, sessionPath: path }: CommandContext): { readonly named?: string } {
  return sessionNamed ? { named: path } : {}
}

/**
 * Starts a demonstration, or goes on with the last one of the same size when that was left in the middle.
 * @param watched - a screen shows it: it waits where a person may want to look or decide.
 */
export function beginDemo(
  { seed, fast, tasks }: DemoArgs,
  { named, watched, env }: { readonly named?: string; readonly watched: boolean; readonly env: NodeJS.ProcessEnv },
): { readonly path: string; readonly job: number; readonly start: ProcessStart | undefined } {
  const settings = demoSettings({ seed, fast, tasks, watched })
  const path = named ?? ownSession(settings, env)
  using session = Session.open(path, { create: true })
  const known = session.demo.newest()
  const unfinished = known !== undefined && isUnfinished(session, known, settings)
  const job = unfinished ? known : session.record(() => session.jobs.create('demo', JSON.stringify(settings)))
  const row = session.jobs.get(job)
  if (row !== undefined && unfinished && isAtWork(row)) return { path, job, start: undefined }
  startJob(session, job, env)
  return { path, job, start: { owner: row?.owner, atMs: Date.now() } }
}

/** `demo`, `demo-2`, …: the last one where it was left in the middle, else the next. */
function ownSession(settings: DemoSettings, env: NodeJS.ProcessEnv): string {
  const numbers = listSessions(env).flatMap(({ name }) => {
    const found = /^demo(?:-(\d{1,6}))?$/.exec(name)
    return found ? [Number(found[1] ?? 1)] : []
  })
  const last = Math.max(0, ...numbers)
  const place = (number: number): string => sessionPath(number === 1 ? 'demo' : `demo-${number}`, env)
  if (last === 0) return place(1)
  using session = Session.open(place(last))
  const job = session.demo.newest()
  return job !== undefined && isUnfinished(session, job, settings) ? place(last) : place(last + 1)
}

/** Whether it was left in the middle, or is being done; one that failed would fail again. How long it waits for people makes no other demonstration. */
function isUnfinished(session: Session, id: number, settings: DemoSettings): boolean {
  const job = session.jobs.get(id)
  if (job === undefined || job.state === 'done' || job.state === 'failed') return false
  const known = DemoSettings.safeParse(JSON.parse(job.settings))
  const size = ({ treeSeconds: _tree, reviewSeconds: _review, ...rest }: DemoSettings) => rest
  return known.success && isDeepStrictEqual(size(known.data), size(settings))
}

/** Shows how far it is until it is over; Ctrl-C stops it. @returns whether it was stopped. */
async function waitForDemo(
  session: Session,
  id: number,
  start: ProcessStart | undefined,
  context: CommandContext,
): Promise<boolean> {
  let asked = false
  for (;;) {
    const job = session.jobs.get(id)
    if (!job) throw new SealignError('bug', `demonstration j${id} has no row`)
    context.progress(progressText(session, id))
    if (context.signal.aborted && !asked) {
      session.requests.ask(id, 'stop')
      asked = true
    }
    if (job.state === 'done') return false
    if (job.state === 'failed' && isGone(job, start))
      throw new SealignError('store', `the demonstration failed: ${job.note ?? 'no reason given'}`, {
        hint: `Session ${session.name} keeps what it did; \`sealign demo\` begins another.`,
      })
    if (isGone(job, start)) {
      if (asked || job.state === 'stopped') return true
      throw new SealignError('store', `the process of the demonstration is gone (j${id})`, {
        hint: `\`sealign demo\` goes on with it; \`sealign job log j${id} --session ${session.name}\` may say why.`,
      })
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
  }
}

function progressText(session: Session, id: number): string {
  const mark = session.demo.stage(id)
  if (!mark) return 'starting'
  const rollout = session.jobs.list().find(({ kind, state }) => kind !== 'demo' && state === 'running')
  const figures = rollout && session.jobs.figures(rollout.id)
  const done =
    figures && figures.total > 0 ? ` (${figures.done} of ${figures.total} rollouts, ${figures.resolved} resolved)` : ''
  return `${DEMO_STAGES.indexOf(mark.stage) + 1}/${DEMO_STAGES.length} ${mark.stage}: ${mark.says}${done}`
}
