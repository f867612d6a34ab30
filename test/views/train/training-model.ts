import type { PairView, WorkbenchModel } from '../../../views/model.ts'
import type { MetricSeries, RunFigures, RunRow, StepFigures } from '../../../views/run-model.ts'
import { LossSpikes } from '../../../views/loss-spikes.ts'
import { RunCurves } from '../../../views/run-curves.ts'
import { pairView } from '../pairs/pair-views.ts'
import { PlainModel } from '../plain-model.ts'

const SFT_STEPS = 120
const DPO_STEPS = 300
const EVAL_EVERY = 20
const PAIRS = 24
const TRAJECTORIES = 30
/** Where `step` 0 of each stage lies on the axis over all stages. */
const DPO_FROM = SFT_STEPS

/** A Run of the list: embedded, at work unless said otherwise. */
export function runRow(id: string, change: Partial<RunRow> = {}): RunRow {
  return {
    id,
    name: `small-${id}`,
    trainer: 'embedded',
    state: 'running',
    stage: 'dpo',
    phase: 'train',
    step: 240,
    totalSteps: SFT_STEPS + DPO_STEPS,
    epoch: 1.25,
    model: 'embedded:fresh',
    backend: 'wasm',
    parameters: 48_130,
    trajectories: TRAJECTORIES,
    pairs: PAIRS,
    dataset: 'd1',
    best: [{ stage: 'sft', step: 100, loss: 0.412 }],
    startedMs: Date.UTC(2026, 0, 1) - 95_000,
    etaSeconds: 72,
    ...change,
  }
}

/** Metrics by name over x, as typed arrays. */
export function figuresOf(
  steps: readonly StepFigures[],
  more: Partial<Omit<RunFigures, 'steps' | 'names' | 'series'>> = {},
): RunFigures {
  const names = [...new Set(steps.flatMap(({ metrics }) => Object.keys(metrics)))]
  const series = new Map(names.map((name) => [name, seriesOf(name, steps)]))
  const spikes = new LossSpikes()
  for (const step of steps) spikes.hear(step)
  return {
    ...new RunCurves().figures(),
    spikes: spikes.list,
    names,
    series: (name) => series.get(name),
    steps,
    ...more,
  }
}

function seriesOf(name: string, steps: readonly StepFigures[]): MetricSeries {
  const said = steps.filter(({ metrics }) => name in metrics)
  return {
    name,
    x: Float64Array.from(said, ({ x }) => x),
    y: Float64Array.from(said, ({ metrics }) => metrics[name] ?? Number.NaN),
    length: said.length,
  }
}

/** What a trainer of both stages says in its first `count` steps; no randomness. */
export function generatedSteps(count: number, seed = 1): StepFigures[] {
  const steps: StepFigures[] = []
  for (let x = 1; x <= count; x++) {
    const stage = x <= DPO_FROM ? 'sft' : 'dpo'
    const step = stage === 'sft' ? x : x - DPO_FROM
    const metrics = stage === 'sft' ? sftMetrics(step, seed) : dpoMetrics(step, seed)
    const batch = stage === 'sft' ? ids('t', step * 4, 4, TRAJECTORIES) : ids('p', step * 8, 8, PAIRS)
    steps.push({ x, stage, step, epoch: step / 100, kind: 'step', metrics, batch })
    if (step % EVAL_EVERY === 0) steps.push(evaluation(x, stage, step, metrics))
  }
  return steps
}

/** Uneven but always the same: in [−1, 1]. */
function wave(at: number, seed: number): number {
  return (Math.sin(at * 12.9898 + seed * 4.1) + Math.sin(at * 4.1414 + seed)) / 2
}

function sftMetrics(step: number, seed: number): Record<string, number> {
  const learnt = 1 - Math.exp(-step / 40)
  return {
    loss: 2.1 - 1.6 * learnt + 0.12 * wave(step, seed),
    learning_rate: 1e-3 * Math.min(1, step / 12) * (1 - step / (SFT_STEPS + 1)),
    grad_norm: 1.4 - 0.8 * learnt + 0.3 * Math.abs(wave(step, seed + 1)),
    mean_token_accuracy: 0.45 + 0.4 * learnt + 0.02 * wave(step, seed + 2),
    entropy: 1.3 - 0.7 * learnt + 0.05 * wave(step, seed + 3),
  }
}

function dpoMetrics(step: number, seed: number): Record<string, number> {
  const learnt = 1 - Math.exp(-(step - 1) / 90)
  const noise = step === 1 ? 0 : wave(step, seed)
  const chosen = 0.35 * learnt + 0.08 * noise
  const rejected = -2.4 * learnt + 0.25 * noise
  return {
    loss: Math.LN2 * (1 - 0.75 * learnt) + 0.05 * noise,
    learning_rate: 5e-6 * Math.min(1, step / 30) * (1 - step / (DPO_STEPS + 1)),
    grad_norm: 0.9 - 0.5 * learnt + 0.2 * Math.abs(noise),
    'rewards/chosen': chosen,
    'rewards/rejected': rejected,
    'rewards/margins': chosen - rejected,
    'rewards/accuracies': Math.min(1, 0.5 + 0.45 * learnt + 0.06 * noise),
    'logps/chosen': -42 + 3 * learnt + 2 * noise,
    'logps/rejected': -45 - 24 * learnt + 2 * noise,
  }
}

function evaluation(x: number, stage: 'sft' | 'dpo', step: number, metrics: Record<string, number>): StepFigures {
  const held = Object.fromEntries(
    Object.entries(metrics)
      .filter(([name]) => /^(?:loss|rewards\/margins|rewards\/accuracies|mean_token_accuracy)$/.test(name))
      .map(([name, value]) => [`eval_${name}`, value * 1.04]),
  )
  return { x, stage, step, kind: 'eval', metrics: held, batch: [], best: step % 40 === 0 }
}

function ids(letter: string, from: number, count: number, of: number): string[] {
  return Array.from({ length: count }, (_, at) => `${letter}${(from + at * 5) % of}`)
}

/** The pairs that batches name. */
export const PAIR_VIEWS: readonly PairView[] = Array.from({ length: PAIRS }, (_, at) =>
  pairView(`p${at}`, {
    pair: { task: `task-${at % 6}`, depth: at % 9, delta: 1 - (at % 4) / 10 },
    review: { status: 'accepted' },
  }),
)

/** Runs in memory: the first grows with every tick, others have ended. No randomness, no clock of its own. */
export class TrainingModel extends PlainModel {
  #steps: number
  #ticks = 0
  readonly #total: number
  /** Trajectories that batches name, by id. */
  readonly learnt = new Map(
    Array.from({ length: TRAJECTORIES }, (_, at) => [
      `t${at}`,
      {
        task: `task-${at % 6}`,
        info: { id: at, outcome: 'resolved' as const, steps: 12 + (at % 7), run: String(at), model: 'scripted' },
      },
    ]),
  )

  /** @param steps - steps the live Run has made; @param ended - Runs that ended before. */
  constructor(steps = 240, ended = 3) {
    super('training')
    this.#steps = steps
    this.#total = SFT_STEPS + DPO_STEPS
    this.setTasks([
      { task: 'task-0', trajectories: 30, resolved: 12, nodes: 90, branching: 9, critical: 4, pairs: PAIRS },
    ])
    for (let at = 1; at <= ended; at++)
      this.figures.set(`r${at}`, figuresOf(generatedSteps(this.#total, at + 5), { stages: STAGES }))
    this.#show(ended)
  }

  /** Lets `ms` milliseconds pass, in which the live Run makes one step. */
  tick(ms: number): void {
    this.nowMs += ms
    this.#ticks++
    if (this.#steps < this.#total) this.#steps++
    const runs = this.runs()
    this.#show(runs.state === 'ready' ? runs.value.length - 1 : 0)
  }

  override pairs(): ReturnType<WorkbenchModel['pairs']> {
    return { state: 'ready', value: PAIR_VIEWS }
  }

  learntTrajectory(id: string): ReturnType<NonNullable<WorkbenchModel['learntTrajectory']>> {
    return this.learnt.get(id)
  }

  #show(ended: number): void {
    const live = `r${ended + 1}`
    const steps = generatedSteps(this.#steps)
    const stages = this.#steps > DPO_FROM ? STAGES : STAGES.slice(0, 1)
    const warnings = this.#ticks < 5 ? [] : [{ x: 12, text: '2 pairs were dropped: their sides are the same.' }]
    this.figures.set(live, figuresOf(steps, { stages, warnings, config: CONFIG }))
    this.setRuns([
      runRow(live, {
        step: this.#steps,
        stage: this.#steps > DPO_FROM ? 'dpo' : 'sft',
        epoch: steps.findLast(({ kind }) => kind === 'step')?.epoch ?? 0,
        etaSeconds: (this.#total - this.#steps) / 4,
      }),
      ...Array.from({ length: ended }, (_, at) => endedRow(`r${ended - at}`)),
    ])
  }
}

function endedRow(id: string): RunRow {
  const { etaSeconds: _, ...row } = runRow(id, {
    state: id === 'r2' ? 'failed' : 'done',
    ...(id === 'r2' ? { note: 'the disk is full' } : {}),
    step: SFT_STEPS + DPO_STEPS,
    best: [
      { stage: 'sft', step: 100, loss: 0.402 },
      { stage: 'dpo', step: 280, loss: 0.213 },
    ],
    endedMs: Date.UTC(2026, 0, 1) - 20_000,
  })
  return row
}

const STAGES = [
  { stage: 'sft', from: 0, totalSteps: SFT_STEPS },
  { stage: 'dpo', from: DPO_FROM, totalSteps: DPO_STEPS },
] as const

const CONFIG = {
  sft: { learning_rate: 1e-3, epochs: 3, batch: 4, warmup_ratio: 0.1, seed: 7 },
  dpo: { learning_rate: 5e-6, beta: 0.1, epochs: 2, batch: 8, seed: 7 },
}
