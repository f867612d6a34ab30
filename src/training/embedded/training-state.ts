import { createHash } from 'node:crypto'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { SealignError } from '../../domain/errors.ts'
import { RUN_STAGES } from '../../domain/run.ts'
import { decodeNumbers, encodeNumbers, type EmbeddedWeights, writeWhole } from '../../policy/embedded/weights.ts'
import type { Dataset } from '../dataset.ts'
import type { EmbeddedSettings } from './settings.ts'

const VERSION = 1

const StageBest = z.object({
  stage: z.enum(RUN_STAGES),
  step: z.int(),
  loss: z.number(),
  path: z.string(),
  /** Of the weights' numbers. */
  sha256: z.string(),
})
/** A stage's evaluation with the lowest held-out loss. */
export type StageBest = z.infer<typeof StageBest>

const Numbers = z.codec(
  z.string(),
  z.custom<Float32Array>((value) => value instanceof Float32Array),
  { decode: decodeNumbers, encode: encodeNumbers },
)

const Progress = z.object({
  stage: z.enum(RUN_STAGES),
  /** Optimizer steps done, skipped ones included. */
  step: z.int(),
  numbers: Numbers,
  mean: Numbers,
  square: Numbers,
  best: StageBest.optional(),
  /** Evaluations since the best one. */
  stale: z.int(),
  /** Steps skipped in a row, because their loss was no number. */
  skipped: z.int(),
  /** Steps in a row in which both sides of the Pairs became less likely. */
  falling: z.int(),
  toldOfFalling: z.boolean(),
})
/** Where a stage stands between two steps: all it takes to go on exactly as if nothing had happened. */
export type StageProgress = z.infer<typeof Progress>

const TrainingState = z.object({
  version: z.literal(VERSION),
  /** Hash of everything that decides what is learnt. */
  identity: z.string(),
  backend: z.string(),
  /** Stages that have ended. */
  finished: z.array(StageBest),
  /** Absent between two stages. */
  progress: Progress.optional(),
})
export type TrainingState = z.infer<typeof TrainingState>

export function freshState(identity: string, backend: string): TrainingState {
  return { version: VERSION, identity, backend, finished: [] }
}

/** Equal for two trainings that must end with the same weights. */
export function trainingIdentity(dataset: Dataset, start: EmbeddedWeights, settings: EmbeddedSettings): string {
  return createHash('sha256')
    .update(JSON.stringify([dataset.hash, start.sha256, start.sizes, settings]))
    .digest('hex')
}

function statePath(folder: string): string {
  return join(folder, 'state.json')
}

export async function saveState(folder: string, state: TrainingState): Promise<{ path: string; sha256: string }> {
  const path = statePath(folder)
  const text = JSON.stringify(z.encode(TrainingState, state))
  await writeWhole(path, text)
  return { path, sha256: createHash('sha256').update(text).digest('hex') }
}

/**
 * The state of an interrupted training in this folder; `undefined` where there is none.
 * @throws SealignError when it is damaged, or of another training.
 */
export async function loadState(folder: string, identity: string): Promise<TrainingState | undefined> {
  const path = statePath(folder)
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  })
  if (text === undefined) return undefined
  const state = decoded(text)
  const hint = `Remove ${path} to train from the beginning`
  if (state === undefined)
    throw new SealignError('trainer', `${path} is damaged: the training cannot go on from it`, { hint })
  if (state.identity === identity) return state
  throw new SealignError(
    'trainer',
    `${path} belongs to a training with another dataset, start or settings: it cannot go on from there`,
    { hint },
  )
}

export async function removeState(folder: string): Promise<void> {
  await rm(statePath(folder), { force: true })
}

function decoded(text: string): TrainingState | undefined {
  try {
    return z.decode(TrainingState, JSON.parse(text) as z.input<typeof TrainingState>)
  } catch {
    return undefined
  }
}
