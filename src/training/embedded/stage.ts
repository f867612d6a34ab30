import { join } from 'node:path'
import { setImmediate as breathe } from 'node:timers/promises'
import type { RunStage } from '../../domain/run.ts'
import type { Network } from '../../policy/embedded/network.ts'
import { randomOf } from '../../policy/embedded/random.ts'
import { saveWeights, weightsOf, type WeightsProvenance } from '../../policy/embedded/weights.ts'
import type { RunEvent } from '../run-event.ts'
import { adamStep, freshAdam, learningRateAt } from './adam.ts'
import { type Batch, batchesOf, batchLogs, batchOf, logitSlopes } from './batch.ts'
import type { Example } from './example.ts'
import type { Division } from './held-out.ts'
import {
  dpoObjective,
  type Objective,
  type ObjectiveOf,
  type ReferenceLogs,
  sftObjective,
  sidesOf,
  WeightedMeans,
} from './objective.ts'
import { byDepth, marginsById, marginsOf, type PairMargin, pairMargins } from './pair-margin.ts'
import type { EmbeddedSettings } from './settings.ts'
import type { TensorEngine } from './tensor-engine.ts'
import type { StageBest, StageProgress } from './training-state.ts'

/** Rows of one pass where nothing is learnt: what a batch of a step usually has. */
const EVALUATION_ROWS = 4096
/** Steps in a row with both sides of the Pairs less likely than at the start that are worth a warning. */
const FALLING_STEPS = 20
/** A stage fails when as many steps in a row, and at least an epoch, had to be skipped. */
const MIN_SKIPPED = 3
/** Weight of the newest step in the running mean of their time. */
const TIME_SHARE = 0.1

/** How a training is held and ended from outside; looked at between two steps. */
export interface TrainingControl {
  readonly signal: AbortSignal
  /** Resolves when the training may go on; `undefined`: at once. */
  readonly gate: () => Promise<void> | undefined
}

export interface StageParts extends Division {
  readonly stage: RunStage
  readonly settings: EmbeddedSettings
  readonly engine: TensorEngine
  /** Where the stage begins; for DPO also the frozen reference. */
  readonly start: Network
  /** Of the weights the stage saves; stage and step are added. */
  readonly provenance: WeightsProvenance
  readonly folder: string
  readonly control: TrainingControl
  readonly hear: (event: RunEvent) => void | Promise<void>
  /** Keeps the stage's state: after every evaluation, and where it is stopped. */
  readonly save: (progress: StageProgress) => Promise<void>
}

export type StageEnd =
  | { readonly status: 'completed'; readonly best: StageBest }
  | { readonly status: 'stopped'; readonly best: StageBest | undefined }
  | { readonly status: 'failed'; readonly best: StageBest | undefined; readonly message: string }

/** Optimizer steps of a stage, if it is not ended early. */
export function stepsOf({ epochs, batch }: EmbeddedSettings[RunStage], examples: number): number {
  return epochs * Math.ceil(examples / batch)
}

export function freshProgress(stage: RunStage, { numbers }: Network): StageProgress {
  return {
    stage,
    step: 0,
    numbers: numbers.slice(),
    ...freshAdam(numbers.length),
    stale: 0,
    skipped: 0,
    falling: 0,
    toldOfFalling: false,
  }
}

/**
 * Trains one stage from where `progress` stands, which changes meanwhile, until its last epoch, until the held-out loss has not fallen for
 * `patience` evaluations, or until it is stopped. The best weights are then in the stage's file.
 */
export async function trainStage(parts: StageParts, progress: StageProgress): Promise<StageEnd> {
  return new StageTraining(parts, progress, await objectiveOf(parts)).run()
}

/** DPO needs the reference's log-probabilities, which are computed once. */
async function objectiveOf({
  stage,
  settings,
  engine,
  start,
  training,
  heldOut,
  hear,
}: StageParts): Promise<ObjectiveOf> {
  if (stage === 'sft') return sftObjective
  await hear({ type: 'phase', name: 'reference', stage })
  const reference = new Map<Example, ReferenceLogs>()
  for (const batch of batchesOf([...training, ...heldOut], EVALUATION_ROWS)) {
    const logs = batchLogs(batch, engine.logits(start, batch.features))
    for (const example of batch.examples) reference.set(example, sidesOf(example, logs))
    await breathe()
  }
  return dpoObjective(settings.beta, reference)
}

class StageTraining {
  readonly #parts: StageParts
  readonly #progress: StageProgress
  readonly #objectiveOf: ObjectiveOf
  readonly #network: Network
  readonly #stepsPerEpoch: number
  readonly #totalSteps: number
  #stepSeconds: number | undefined

  constructor(parts: StageParts, progress: StageProgress, objective: ObjectiveOf) {
    const { stage, settings, training, start } = parts
    this.#parts = parts
    this.#progress = progress
    this.#objectiveOf = objective
    this.#network = { sizes: start.sizes, numbers: progress.numbers }
    this.#stepsPerEpoch = Math.ceil(training.length / settings[stage].batch)
    this.#totalSteps = stepsOf(settings[stage], training.length)
  }

  async run(): Promise<StageEnd> {
    const { stage, settings, hear, save } = this.#parts
    const progress = this.#progress
    if (progress.step === 0 && progress.best === undefined) {
      if (!this.#selects) await hear({ type: 'warning', stage, step: 0, message: this.#fewHeldOut() })
      await this.#evaluate()
    }
    await hear({ type: 'phase', name: 'train', stage })
    while (progress.step < this.#totalSteps && progress.stale < settings.patience) {
      if (await this.#isStopped()) {
        await save(progress)
        return { status: 'stopped', best: progress.best }
      }
      await this.#step()
      if (progress.skipped >= Math.max(MIN_SKIPPED, this.#stepsPerEpoch)) {
        return this.#failed(`the loss of ${progress.skipped} steps in a row was no finite number`)
      }
      if (progress.step % this.#stepsPerEpoch > 0) continue
      await this.#evaluate()
      await save(progress)
    }
    if (progress.best !== undefined) return this.#completed(progress.best)
    return this.#failed('no evaluation had a loss that is a finite number')
  }

  async #isStopped(): Promise<boolean> {
    const { signal, gate } = this.#parts.control
    await breathe()
    if (!signal.aborted) await gate()
    return signal.aborted
  }

  async #completed(best: StageBest): Promise<StageEnd> {
    const { stage, step, path, sha256 } = best
    await this.#parts.hear({ type: 'checkpoint', stage, step, path, kind: 'final', sha256 })
    return { status: 'completed', best }
  }

  #failed(why: string): StageEnd {
    const { stage, settings } = this.#parts
    const message = `${stage}: ${why}; a lower learning rate than ${settings[stage].learningRate} may help`
    return { status: 'failed', best: this.#progress.best, message }
  }

  async #step(): Promise<void> {
    const { stage, settings, engine, hear } = this.#parts
    const progress = this.#progress
    const started = performance.now()
    const batch = this.#batchAt(progress.step)
    const found: { objective?: Objective } = {}
    const gradient = engine.gradient(this.#network, batch.features, (logits) => {
      const logs = batchLogs(batch, logits)
      found.objective = this.#objectiveOf(batch, logs)
      return logitSlopes(batch, logs, found.objective.slopes)
    })
    progress.step++
    const { learningRate: peak } = settings[stage]
    const learningRate = learningRateAt(progress.step, this.#totalSteps, peak, settings.warmup)
    const figures = found.objective?.figures ?? {}
    const { weightDecay, clip } = settings
    const isFinite = Number.isFinite(figures['loss'])
    const gradientLength = isFinite
      ? adamStep(progress.numbers, gradient, progress, { learningRate, weightDecay, clip, step: progress.step })
      : Number.NaN
    const batchIds = [...new Set(batch.examples.flatMap(({ sources }) => sources))].toSorted()
    const margins = pairMargins(batch, found.objective)
    this.#clock((performance.now() - started) / 1000)
    await hear({
      type: 'step',
      stage,
      step: progress.step,
      epoch: progress.step / this.#stepsPerEpoch,
      metrics: finiteOf({ ...figures, learning_rate: learningRate, grad_norm: gradientLength }),
      batch: batchIds,
      ...(margins.length > 0 && { margins: marginsOf(batchIds, margins) }),
      etaSeconds: this.#stepSeconds === undefined ? null : this.#stepSeconds * (this.#totalSteps - progress.step),
    })
    if (Number.isFinite(gradientLength)) {
      progress.skipped = 0
      await this.#watchFalling(figures)
      return
    }
    progress.skipped++
    const message = `step ${progress.step} was skipped: its loss or gradient was no finite number`
    await hear({ type: 'warning', stage, step: progress.step, message })
  }

  /** The examples of the step after `step`: each epoch has an order of its own, cut into batches of nearly one size. */
  #batchAt(step: number): Batch {
    const { stage, settings, training } = this.#parts
    const epoch = Math.floor(step / this.#stepsPerEpoch)
    const order = shuffled(training, randomOf('order', settings.seed, stage, epoch))
    const at = step % this.#stepsPerEpoch
    const border = (index: number) => Math.floor((index * order.length) / this.#stepsPerEpoch)
    return batchOf(order.slice(border(at), border(at + 1)))
  }

  /** Likelihood displacement (Razin et al. 2024): the margin grows while the chosen Action, too, becomes less likely. */
  async #watchFalling(figures: Readonly<Record<string, number>>): Promise<void> {
    const { stage, hear } = this.#parts
    const progress = this.#progress
    const both = (figures['rewards/chosen'] ?? 0) < 0 && (figures['rewards/rejected'] ?? 0) < 0
    progress.falling = both ? progress.falling + 1 : 0
    if (progress.falling < FALLING_STEPS || progress.toldOfFalling) return
    progress.toldOfFalling = true
    const message = `for ${FALLING_STEPS} steps the chosen actions, too, have been less likely than under the reference`
    await hear({ type: 'warning', stage, step: progress.step, message })
  }

  /** Evaluates on held-out examples, where there are any, and keeps the weights if they are the best so far. */
  async #evaluate(): Promise<void> {
    const { stage, engine, training, heldOut, hear } = this.#parts
    const progress = this.#progress
    await hear({ type: 'phase', name: 'eval', stage })
    const means = new WeightedMeans()
    const margins: PairMargin[] = []
    for (const batch of batchesOf(heldOut.length > 0 ? heldOut : training, EVALUATION_ROWS)) {
      const logs = batchLogs(batch, engine.logits(this.#network, batch.features))
      const objective = this.#objectiveOf(batch, logs)
      means.add(objective.weight, objective.figures)
      margins.push(...pairMargins(batch, objective))
      await breathe()
    }
    const figures = means.means()
    const loss = figures['loss'] ?? Number.NaN
    const isBest = Number.isFinite(loss) && (!this.#selects || loss < (progress.best?.loss ?? Infinity))
    const metrics = Object.fromEntries(Object.entries(figures).map(([name, value]) => [`eval_${name}`, value]))
    await hear({
      type: 'eval',
      stage,
      step: progress.step,
      metrics: finiteOf(metrics),
      best: isBest,
      ...(margins.length > 0 && { byDepth: byDepth(margins), pairs: marginsById(margins) }),
    })
    progress.stale = isBest ? 0 : progress.stale + 1
    if (isBest) await this.#keep(loss)
  }

  /** Whether there are held-out examples enough to tell one evaluation from another; training examples stand in where there are none. */
  get #selects(): boolean {
    const { heldOut, settings } = this.#parts
    return heldOut.length === 0 || heldOut.length >= settings.judges
  }

  #fewHeldOut(): string {
    const { heldOut, settings } = this.#parts
    const examples = heldOut.length === 1 ? '1 held-out example' : `${heldOut.length} held-out examples`
    return `${examples} cannot tell which weights are best (${settings.judges} are wanted): the last ones are kept`
  }

  async #keep(loss: number): Promise<void> {
    const { stage, folder, provenance, hear } = this.#parts
    const { step } = this.#progress
    const path = join(folder, `${stage}.json`)
    const weights = weightsOf(
      { sizes: this.#network.sizes, numbers: this.#network.numbers.slice() },
      { ...provenance, stage, step },
    )
    await saveWeights(path, weights)
    const { sha256 } = weights
    this.#progress.best = { stage, step, loss, path, sha256 }
    await hear({ type: 'checkpoint', stage, step, path, kind: 'best', sha256 })
  }

  #clock(seconds: number): void {
    const before = this.#stepSeconds ?? seconds
    this.#stepSeconds = before + TIME_SHARE * (seconds - before)
  }
}

function finiteOf(figures: Readonly<Record<string, number>>): Record<string, number | null> {
  return Object.fromEntries(
    Object.entries(figures).map(([name, value]) => [name, Number.isFinite(value) ? value : null]),
  )
}

/** Fisher and Yates. */
function shuffled<Item>(items: readonly Item[], random: () => number): readonly Item[] {
  const order = [...items]
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    const [a, b] = [order[i], order[j]]
    if (a === undefined || b === undefined) continue
    order[i] = b
    order[j] = a
  }
  return order
}
