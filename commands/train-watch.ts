import { z } from 'zod'
import type { Session } from '../sessions/session.ts'
import { RunProgress } from '../sessions/run-progress.ts'
import type { Run, StoredRunEvent } from '../sessions/runs.ts'
import type { RunStage } from '../src/domain/run.ts'
import { type CommandContext, defineCommand } from './define.ts'
import { isAtWork, progressText } from './job.ts'
import { table } from './table.ts'
import { oneRun } from './train-model.ts'
import { bestText, shownRun } from './train-shown.ts'

/** How often a run is looked at, milliseconds. */
const LOOK_MS = 250
/** A process that was just started may take this long to say so. */
const START_MS = 10_000
/** Steps that are shown at most: every so-manieth of them. */
const SHOWN_STEPS = 40

/** One optimizer step or held-out evaluation in figures. */
interface WatchedStep {
  readonly kind: 'step' | 'eval'
  readonly stage: RunStage
  /** Within the stage. */
  readonly step: number
  readonly metrics: Readonly<Record<string, number | null>>
}

export const trainWatch = defineCommand({
  name: 'train watch',
  summary: 'Follow a run until it ends, then show its figures every few steps',
  example: 'sealign train watch r1',
  args: z.object({ run: z.string().optional().describe('run, r1; the newest one when left out') }),
  positional: ['run'],
  async run({ run: word }, context) {
    const session = context.session()
    const run = oneRun(session, word)
    const progress = await followed(session, run, context)
    return { ...shownRun(session, run, progress), steps: stepsOf(session.runs.events(run.id)) }
  },
  text({ run, state, note, best, steps }, style) {
    const every = Math.ceil(steps.filter(({ kind }) => kind === 'step').length / SHOWN_STEPS)
    const shown = steps.filter(({ kind, step }) => kind === 'eval' || step === 1 || step % every === 0)
    const rows = shown.map(({ kind, stage, step, metrics }) => [
      stage,
      step,
      kind === 'eval' ? 'held out' : '',
      figure(metrics, kind, 'loss'),
      figure(metrics, kind, 'rewards/margins'),
      figure(metrics, kind, 'rewards/accuracies'),
      figure(metrics, kind, 'learning_rate'),
    ])
    const titles = ['STAGE', 'STEP', '', 'LOSS', 'MARGIN', 'ACCURACY', 'LEARNING RATE']
    const end = `${run} ${state}${note === undefined ? '' : `: ${note}`}${best.length > 0 ? `; lowest held-out loss: ${bestText(best)}` : ''}`
    if (rows.length === 0) return end
    return `${table(
      titles.map((title) => ({ title })),
      rows,
      style,
    )}\n${end}`
  },
})

/** Reads what is new until nobody is at work on the Run any more; Ctrl-C ends the looking, not the Run. */
async function followed(session: Session, run: Run, context: CommandContext): Promise<RunProgress> {
  const started = Date.now()
  const progress = new RunProgress()
  for (;;) {
    const job = session.jobs.get(run.job)
    for (const stored of session.runs.events(run.id, progress.seq)) progress.hear(stored)
    context.progress(`r${run.id}: ${job?.state === 'paused' ? 'paused, ' : ''}${progressText(progress)}`)
    const starting = job?.owner === undefined && Date.now() - started < START_MS
    if (context.signal.aborted || !job || (!isAtWork(job) && !starting)) return progress
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
  }
}

/** Steps in order; what a trainer did again counts once. */
function stepsOf(events: readonly StoredRunEvent[]): WatchedStep[] {
  let steps: WatchedStep[] = []
  for (const { event } of events) {
    if (event.type === 'start') {
      const done = event.resume?.step ?? -1
      steps = steps.filter(({ stage, step }) => stage !== event.stage || step <= done)
    }
    if (event.type === 'step' || event.type === 'eval')
      steps.push({ kind: event.type, stage: event.stage, step: event.step, metrics: event.metrics })
  }
  return steps
}

function figure(metrics: WatchedStep['metrics'], kind: WatchedStep['kind'], name: string): string {
  const value = metrics[kind === 'eval' ? `eval_${name}` : name]
  if (value === null || value === undefined) return '–'
  return Math.abs(value) < 0.001 && value !== 0 ? value.toExponential(1) : value.toFixed(3)
}
