import { loadTensorFlow } from '../../policy/embedded/backend.ts'
import { modelName } from '../../policy/embedded/embedded-policy.ts'
import { type EmbeddedWeights, loadWeights } from '../../policy/embedded/weights.ts'
import type { Dataset } from '../dataset.ts'
import type { RunEvent } from '../run-event.ts'
import { gatherExamples, type StageExamples } from './gather.ts'
import { type Division, divideByTask } from './held-out.ts'
import type { EmbeddedSettings } from './settings.ts'
import { freshProgress, stepsOf, type StageEnd, trainStage, type TrainingControl } from './stage.ts'
import { type TensorEngine, tensorFlowEngine } from './tensor-engine.ts'
import {
  freshState,
  loadState,
  removeState,
  saveState,
  type StageBest,
  type TrainingState,
  trainingIdentity,
} from './training-state.ts'

export interface EmbeddedTraining {
  readonly dataset: Dataset
  readonly start: EmbeddedWeights
  readonly settings: EmbeddedSettings
  /** Where `sft.json`, `dpo.json` (the best of each stage) and, until the end, `state.json` are kept. */
  readonly folder: string
  readonly control: TrainingControl
  /** Name of the Run in the weights' provenance. */
  readonly run?: string
  /** Default: TensorFlow.js on the best backend. */
  readonly engine?: TensorEngine
}

export interface TrainingEnd {
  readonly status: 'completed' | 'stopped' | 'failed'
  /** Of each stage that had an evaluation. */
  readonly best: readonly StageBest[]
  /** Why it failed. */
  readonly message?: string
}

/**
 * Trains the embedded policy: SFT (paper eq. 3), then fine-grained DPO (eq. 5) from the best weights of SFT, which are its frozen reference.
 *
 * Where it is stopped it keeps its state; called again with the same folder, Dataset, start and settings it goes on, and on the same backend
 * ends with the same weights, bit for bit, as if it had never been stopped.
 * @throws SealignError when there is nothing to learn from, or the folder holds another training.
 */
export async function trainEmbedded(
  parts: EmbeddedTraining,
  hear: (event: RunEvent) => void | Promise<void>,
): Promise<TrainingEnd> {
  const started = performance.now()
  const end = await train(parts, hear)
  await hear({
    type: 'end',
    status: end.status,
    best: end.best.map(({ stage, step, loss, path }) => ({ stage, step, loss, path })),
    seconds: (performance.now() - started) / 1000,
    ...(end.message === undefined ? {} : { message: end.message }),
  })
  return end
}

async function train(parts: EmbeddedTraining, hear: (event: RunEvent) => void | Promise<void>): Promise<TrainingEnd> {
  const { dataset, start, settings, folder, control } = parts
  await hear({ type: 'phase', name: 'load' })
  const identity = trainingIdentity(dataset, start, settings)
  const found = await loadState(folder, identity)
  const gathered = await gatherExamples(dataset, settings, control.signal).catch((error: unknown) => {
    if (control.signal.aborted && error === control.signal.reason) return undefined
    throw error
  })
  if (gathered === undefined) return { status: 'stopped', best: found?.finished ?? [] }
  const engine = parts.engine ?? tensorFlowEngine(await loadTensorFlow())
  const state = found ?? freshState(identity, engine.backend)
  if (state.backend !== engine.backend) {
    const message = `the training began on ${state.backend} and goes on with ${engine.backend}: its last digits may differ`
    await hear({ type: 'warning', message })
  }
  return trainStages({ ...parts, engine }, hear, gathered, state)
}

async function trainStages(
  parts: EmbeddedTraining & { readonly engine: TensorEngine },
  hear: (event: RunEvent) => void | Promise<void>,
  gathered: readonly StageExamples[],
  state: TrainingState,
): Promise<TrainingEnd> {
  const { settings, folder, start } = parts
  const divisions = divideByTask(
    gathered.map(({ examples }) => examples),
    settings.heldOut,
    settings.seed,
  )
  let from = start
  for (const [at, examples] of gathered.entries()) {
    const finished = state.finished.find(({ stage }) => stage === examples.stage)
    const division = divisions[at]
    if (division === undefined) continue
    if (finished === undefined) {
      const end = await trainOne({ ...parts, start: from }, hear, examples, division, state)
      if (end.status !== 'completed') {
        if (end.status === 'failed') await removeState(folder)
        const best = [...state.finished, ...(end.best === undefined ? [] : [end.best])]
        return { status: end.status, best, ...(end.status === 'failed' ? { message: end.message } : {}) }
      }
      state.finished.push(end.best)
      delete state.progress
      await saveState(folder, state)
    }
    from = await loadWeights((finished ?? state.finished.at(-1))?.path ?? '')
  }
  await removeState(folder)
  return { status: 'completed', best: state.finished }
}

async function trainOne(
  parts: EmbeddedTraining & { readonly engine: TensorEngine },
  hear: (event: RunEvent) => void | Promise<void>,
  gathered: StageExamples,
  division: Division,
  state: TrainingState,
): Promise<StageEnd> {
  const { dataset, start, settings, folder, engine, control, run } = parts
  const { stage } = gathered
  const { training, heldOut } = division
  const resumed = state.progress?.stage === stage ? state.progress : undefined
  const { pairs, beta, warmup, weightDecay, clip, patience, heldOut: share, seed } = settings
  await hear({
    type: 'start',
    stage,
    config: {
      ...settings[stage],
      ...(stage === 'dpo' && { pairs, beta }),
      warmup,
      weightDecay,
      clip,
      patience,
      heldOut: share,
      seed,
    },
    model: { id: modelName(start), params: start.numbers.length, backend: engine.backend },
    data: {
      examples: actionsOf(training),
      validation: actionsOf(heldOut),
      trajectories: dataset.trajectories.length,
      pairs: dataset.pairs.length,
      dropped: [...gathered.dropped],
    },
    totalSteps: stepsOf(settings[stage], training.length),
    epochs: settings[stage].epochs,
    ...(resumed === undefined ? {} : { resume: { step: resumed.step } }),
  })
  if (heldOut.length === 0 && resumed === undefined) {
    const message = 'nothing is held out: the best weights are those with the lowest loss on what was learnt'
    await hear({ type: 'warning', stage, message })
  }
  const save = async (progress: NonNullable<TrainingState['progress']>): Promise<void> => {
    await hear({ type: 'phase', name: 'save', stage })
    state.progress = progress
    const { path, sha256 } = await saveState(folder, state)
    await hear({ type: 'checkpoint', stage, step: progress.step, path, kind: 'state', sha256 })
  }
  const provenance = { seed: start.provenance.seed, dataset: dataset.hash, ...(run === undefined ? {} : { run }) }
  return trainStage(
    { stage, settings, engine, start, provenance, folder, control, hear, save, training, heldOut },
    resumed ?? freshProgress(stage, start),
  )
}

/** Actions of SFT, Pairs of DPO: an SFT example stands for as many Actions as its weight says. */
function actionsOf(examples: Division['training']): number {
  return examples.reduce((sum, { weight, rejected }) => sum + (rejected.length === 0 ? weight : 1), 0)
}
