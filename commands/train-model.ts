import { existsSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import type { RunStage } from '../src/domain/run.ts'
import { SealignError } from '../src/domain/errors.ts'
import type { Run } from '../sessions/runs.ts'
import type { Session } from '../sessions/session.ts'

/** Weights of the embedded policy. */
export interface EmbeddedModel {
  /** As people know it: `base`, `r1/dpo`, the name of a file. */
  readonly model: string
  /** Absolute path; '': the untrained ones. */
  readonly weights: string
}

/**
 * What a person calls a model of the embedded policy: `base`, a Run (`r1`: what its last stage left), one of its stages
 * (`r1/sft`), or a file.
 * @throws SealignError `not-found` when there is no such Run, stage or file.
 */
export function embeddedModel(session: Session, word: string): EmbeddedModel {
  if (word === 'base') return { model: 'base', weights: '' }
  const [, digits, stage] = /^r(\d{1,9})(?:\/(.+))?$/.exec(word) ?? []
  if (digits !== undefined) return modelOfRun(session, oneRun(session, `r${digits}`), stage)
  const path = resolve(word)
  if (existsSync(path)) return { model: basename(path), weights: path }
  throw new SealignError('not-found', `there is no model ${JSON.stringify(word)}: it is neither a run nor a file`, {
    hint: 'Models of the embedded policy are base, r1, r1/sft, r1/dpo or a file of weights; `sealign train list` names the runs.',
  })
}

function modelOfRun(session: Session, run: Run, wanted: string | undefined): EmbeddedModel {
  if (run.trainer !== 'embedded')
    throw new SealignError('usage', `run r${run.id} trained a language model: the embedded policy cannot use it`, {
      hint:
        run.trainer === 'torch'
          ? `Serve it (sealign train export r${run.id} --out DIR, then vLLM) and ask it with --policy openai --base-url URL.`
          : 'Serve what its trainer wrote, and ask it with --policy openai --base-url URL.',
    })
  const { stage, path } = weightsOfRun(session, run, wanted)
  return { model: `r${run.id}/${stage}`, weights: path }
}

/** What a stage of a Run left; without a stage, what its last one did. @throws SealignError `not-found` when there is nothing. */
export function weightsOfRun(session: Session, run: Run, wanted: string | undefined): StageWeights {
  const stages = finishedStages(session, run)
  const found = wanted === undefined ? stages.at(-1) : stages.find(({ stage }) => stage === wanted)
  if (found) return found
  const names = stages.map(({ stage }) => `r${run.id}/${stage}`)
  throw new SealignError(
    'not-found',
    `run r${run.id} has no weights${wanted === undefined ? ' yet' : ` of a stage ${JSON.stringify(wanted)}`}`,
    { hint: names.length > 0 ? `It has: ${names.join(', ')}` : '`sealign train list` says how far it is.' },
  )
}

/** Weights that a stage of a Run left. */
export interface StageWeights {
  readonly stage: RunStage
  readonly path: string
  /** Of their numbers. */
  readonly sha256: string
}

/** What the stages of a Run left, in order. Files lie in the Run's folder, wherever that is now. */
export function finishedStages(session: Session, run: Run): StageWeights[] {
  const stages = new Map<RunStage, StageWeights>()
  for (const { event } of session.runs.events(run.id)) {
    if (event.type !== 'checkpoint' || event.kind !== 'final') continue
    const { stage, path, sha256 } = event
    stages.set(stage, { stage, path: join(run.folder, basename(path)), sha256 })
  }
  return [...stages.values()]
}

/** @throws SealignError `usage` or `not-found`. Without a word: the newest Run. */
export function oneRun(session: Session, word: string | undefined): Run {
  const digits = word === undefined ? undefined : /^r?(\d{1,9})$/.exec(word)?.[1]
  if (word !== undefined && digits === undefined)
    throw new SealignError('usage', `${JSON.stringify(word)} is not a run`, { hint: 'Runs are written r1, r2, …' })
  const run = digits === undefined ? session.runs.list()[0] : session.runs.get(Number(digits))
  if (run) return run
  throw new SealignError(
    'not-found',
    word === undefined ? 'there is no run in this session yet' : `there is no run ${word}`,
    { hint: word === undefined ? 'sealign train start begins one.' : '`sealign train list` names them.' },
  )
}
