import { z } from 'zod'
import { SealignError } from '../src/domain/errors.ts'
import type { JsonObject } from '../src/domain/json.ts'
import { safeText } from '../src/lib/safe-text.ts'
import type { RequestKind } from '../sessions/requests.ts'
import { type CommandContext, defineCommand } from './define.ts'
import { isAtWork, startJob } from './job.ts'
import { count, table } from './table.ts'
import { finishedStages, oneRun, type StageWeights } from './train-model.ts'
import { bestText, type ShownRun, shownRun } from './train-shown.ts'

const RUN_ARG = z.string().optional().describe('run, r1; the newest one when left out')

export const trainList = defineCommand({
  name: 'train list',
  summary: 'Show the runs of a session and how far they are',
  example: 'sealign train list',
  args: z.object({}),
  run(_args, context) {
    const session = context.session()
    return { runs: session.runs.list().map((run) => shownRun(session, run)) }
  },
  text: ({ runs }, style) =>
    runs.length === 0
      ? 'There are no runs in this session yet. Start one: sealign train start'
      : table(
          ['RUN', 'NAME', 'STATE', 'STAGE', 'STEP', 'LOSS', 'BEST', 'MODEL', 'PAIRS', 'TRAJECTORIES', 'NOTE'].map(
            (title) => ({ title }),
          ),
          runs.map((run) => [
            run.run,
            run.name,
            run.state,
            run.stage ?? '–',
            run.totalSteps > 0 ? `${run.step}/${run.totalSteps}` : run.step,
            run.loss?.toFixed(3) ?? '–',
            bestText(run.best),
            run.model,
            run.dataset === '' ? '–' : run.pairs,
            run.dataset === '' ? '–' : run.trajectories,
            run.state === 'lost' ? `its process is gone: sealign train resume ${run.run}` : (run.note ?? ''),
          ]),
          style,
        ),
  json: ({ runs }) => runs,
})

interface RunDetail extends ShownRun {
  readonly folder: string
  readonly settings: JsonObject
  readonly datasetFolder: string
  /** What computes. */
  readonly backend: string | undefined
  readonly parameters: number | undefined
  readonly seconds: number | undefined
  /** Of a trainer that failed: what to do. */
  readonly hint: string | undefined
  readonly warnings: readonly string[]
  /** Weights each stage left. */
  readonly weights: readonly StageWeights[]
}

export const trainShow = defineCommand({
  name: 'train show',
  summary: 'Show one run: what it learns from, how far it is, and what it left',
  example: 'sealign train show r1',
  args: z.object({ run: RUN_ARG }),
  positional: ['run'],
  run({ run: word }, context): RunDetail {
    const session = context.session()
    const run = oneRun(session, word)
    const progress = session.runs.progress(run.id)
    const events = session.runs.events(run.id).map(({ event }) => event)
    return {
      ...shownRun(session, run, progress),
      folder: run.folder,
      settings: JSON.parse(run.settings) as JsonObject,
      datasetFolder: session.datasets.get(run.dataset)?.folder ?? '',
      backend: progress.model?.backend,
      parameters: progress.model?.params,
      seconds: progress.end?.seconds,
      hint: progress.end?.error?.hint,
      warnings: events.flatMap((event) => (event.type === 'warning' ? [event.message] : [])),
      weights: finishedStages(session, run),
    }
  },
  text: (shown) =>
    detailText(shown)
      .map((line) => safeText(line))
      .join('\n'),
})

function detailText(shown: RunDetail): string[] {
  const { run, name, job, state, note, stage, step, totalSteps, loss, best, model, trainer, backend, parameters } =
    shown
  const computing = backend === undefined ? '' : `, ${count(parameters ?? 0, 'parameter')} on ${backend}`
  return [
    `${run}${name === run ? '' : ` “${name}”`} (${job}): ${state}${note === undefined ? '' : `, ${note}`}`,
    ...(shown.hint === undefined ? [] : [shown.hint]),
    `${trainer} from ${model}${computing}`,
    `${stage ?? 'not begun'}, step ${step}${totalSteps > 0 ? ` of ${totalSteps}` : ''}${loss === undefined ? '' : `, loss ${loss.toFixed(4)}`}`,
    ...(best.length > 0 ? [`lowest held-out loss: ${bestText(best)}`] : []),
    shown.dataset === ''
      ? `learns from files of its own; it writes to ${shown.folder}`
      : `dataset ${shown.dataset.slice(0, 16)}: ${count(shown.trajectories, 'trajectory', 'trajectories')}, ${count(shown.pairs, 'pair')}; ${shown.datasetFolder}`,
    ...shown.weights.map((weights) => `weights of ${weights.stage}: ${weights.path}`),
    ...shown.warnings.map((warning) => `! ${warning}`),
  ]
}

/** What was asked of a Run. */
interface AskedRun {
  readonly run: string
  readonly asked: RequestKind
  readonly note: string
}

function ask(context: CommandContext, word: string | undefined, kind: 'stop' | 'pause'): AskedRun {
  const session = context.session()
  const run = oneRun(session, word)
  const job = session.jobs.get(run.job)
  const atWork = job !== undefined && isAtWork(job)
  if (atWork) session.requests.ask(run.job, kind)
  return { run: `r${run.id}`, asked: kind, note: atWork ? `was asked to ${kind}` : 'is not at work' }
}

const askedText = ({ run, note }: AskedRun): string => `${run} ${note}`

export const trainStop = defineCommand({
  name: 'train stop',
  summary: 'Stop a run in good order; `train resume` goes on with it',
  example: 'sealign train stop r1',
  args: z.object({ run: RUN_ARG }),
  positional: ['run'],
  run: ({ run }, context) => ask(context, run, 'stop'),
  text: askedText,
})

export const trainPause = defineCommand({
  name: 'train pause',
  summary: 'Let a run rest after the step it is in',
  example: 'sealign train pause r1',
  args: z.object({ run: RUN_ARG }),
  positional: ['run'],
  run: ({ run }, context) => ask(context, run, 'pause'),
  text: askedText,
})

export const trainResume = defineCommand({
  name: 'train resume',
  summary: 'Go on with a run that was paused, stopped or lost',
  example: 'sealign train resume r1',
  args: z.object({ run: RUN_ARG }),
  positional: ['run'],
  run({ run: word }, context): AskedRun {
    const session = context.session()
    const run = oneRun(session, word)
    const job = session.jobs.get(run.job)
    if (!job) throw new SealignError('bug', `run r${run.id} has no job`)
    const resumed = { run: `r${run.id}`, asked: 'resume' } as const
    if (job.state === 'done') return { ...resumed, note: 'is done' }
    if (isAtWork(job)) {
      session.requests.ask(run.job, 'resume')
      return { ...resumed, note: 'was asked to go on' }
    }
    startJob(session, run.job, context.env)
    return { ...resumed, note: 'goes on in a new process' }
  },
  text: askedText,
})
