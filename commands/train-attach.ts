import { stat } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { z } from 'zod'
import { SealignError } from '../src/domain/errors.ts'
import type { ExternalTrainerSettings } from '../src/jobs/training-settings.ts'
import { safeText } from '../src/lib/safe-text.ts'
import { modelName } from '../src/training/external/model-name.ts'
import { findTraces, isAnything, LOOKED_FOR, sourcesText, type Traces } from '../src/training/external/traces.ts'
import type { Run } from '../sessions/runs.ts'
import type { Session } from '../sessions/session.ts'
import { defineCommand } from './define.ts'
import { isAtWork, startJob } from './job.ts'
import { endText, exitCodeOf, waitForJob } from './job-wait.ts'

const MAX_NAME = 60

export const trainAttach = defineCommand({
  name: 'train attach',
  summary:
    'Show a training that another program does (TRL, LLaMA-Factory, Axolotl …) as a run, from the files it writes',
  example: 'sealign train attach saves/qwen-dpo',
  args: z.object({
    folder: z.string().describe('folder the trainer writes to; an empty one is waited for'),
    name: z
      .string()
      .min(1)
      .max(MAX_NAME)
      .optional()
      .describe("what the run is called; the folder's name when left out"),
    once: z
      .boolean()
      .default(false)
      .describe('read what is there and end, instead of looking for more until it is done'),
  }),
  positional: ['folder'],
  async run({ folder: word, name, once }, context) {
    const folder = resolve(word)
    const traces = await tracesIn(folder, once)
    const session = context.session({ create: true })
    const before = session.runs.list().find((run) => run.trainer === 'external' && run.folder === folder)
    const settings: ExternalTrainerSettings = { trainer: 'external', folder, follow: !once }
    const isThere = before !== undefined && isFollowed(session, before)
    const run = before ?? createRun(session, settings, name ?? nameOf(folder), await modelName(folder))
    if (!isThere) {
      session.record(() => session.jobs.setSettings(run.job, JSON.stringify(settings)))
      startJob(session, run.job, context.env)
    }
    const started = {
      session: session.name,
      run: `r${run.id}`,
      job: `j${run.job}`,
      name: run.name,
      folder,
      model: run.model,
      sources: sourcesText(traces),
      follows: isThere || !once,
      known: before !== undefined,
      atWork: isThere,
    }
    if (!once || isThere) return { ...started, ended: undefined, exitCode: 0 }
    const ended = await waitForJob(session, run.job, context)
    return { ...started, ended, exitCode: exitCodeOf(ended, context.signal) }
  },
  text({ run, job, folder, sources, known, atWork, ended }) {
    const place = safeText(folder)
    if (ended) return [`${run} read ${sources.join(', ')} of ${place}.`, endText(ended)].join('\n')
    if (atWork) return `${run} follows ${place} already, as ${job}. \`sealign train watch ${run}\` shows it.`
    const what =
      sources.length === 0
        ? `waits for a trainer to write to ${place}, where nothing is yet (looked for: ${LOOKED_FOR})`
        : `${known ? 'goes on with' : 'follows'} ${place}: ${sources.join(', ')}`
    return `${run} ${what}. It is ${job}; \`sealign train watch ${run}\` shows it, \`sealign train stop ${run}\` ends the looking.`
  },
  json: ({ exitCode: _exitCode, ended, ...started }) => ({ ...started, ...(ended && { ended }) }),
})

/** @throws SealignError `not-found` when the folder is not there, or holds other things than a training. */
async function tracesIn(folder: string, once: boolean): Promise<Traces> {
  const info = await stat(folder).catch(() => undefined)
  if (info === undefined)
    throw new SealignError('not-found', `train attach: ${folder} does not exist`, {
      hint: 'Name the folder the trainer writes to (output_dir); an empty one is waited for.',
    })
  if (!info.isDirectory())
    throw new SealignError('not-found', `train attach: ${folder} is not a folder`, {
      hint: 'Name the folder the trainer writes to (output_dir).',
    })
  const traces = await findTraces(folder).catch((error: unknown) => {
    throw new SealignError('not-found', `train attach: ${folder} cannot be read`, { cause: error })
  })
  if (traces.trainings.length > 1)
    throw new SealignError('usage', `train attach: ${folder} holds ${traces.trainings.length} trainings`, {
      hint: `Name one of them: ${traces.trainings.slice(0, 5).join(', ')}`,
    })
  if (!isAnything(traces) && (once || !traces.isEmpty))
    throw new SealignError('not-found', `train attach: there is no training in ${folder}: no ${LOOKED_FOR}`, {
      hint: 'A trainer writes these once it has logged a step; an empty folder can be attached before.',
    })
  return traces
}

function isFollowed(session: Session, run: Run): boolean {
  const job = session.jobs.get(run.job)
  return job !== undefined && isAtWork(job)
}

function createRun(session: Session, settings: ExternalTrainerSettings, name: string, model: string | undefined): Run {
  const id = session.record(() =>
    session.runs.create({
      job: session.jobs.create('training', JSON.stringify(settings)),
      dataset: undefined,
      trainer: 'external',
      model: model ?? 'unknown',
      folder: settings.folder,
      name,
      settings: JSON.stringify({ folder: settings.folder }),
    }),
  )
  const run = session.runs.get(id)
  if (run === undefined) throw new SealignError('bug', `run r${id} was not kept`)
  return run
}

function nameOf(folder: string): string {
  return basename(folder).slice(0, MAX_NAME) || folder
}
