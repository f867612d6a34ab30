import { RunProgress } from '../../../sessions/run-progress.ts'
import type { RunEvent } from '../../../src/training/run-event.ts'
import { RunCurves } from '../../../views/run-curves.ts'

const GIB = 2 ** 30

export type GpuEvent = Extract<RunEvent, { type: 'gpu' }>

/** What a Run's trainer says, heard as the workbench hears it; each event `seconds` after the one before. */
export function heard(events: readonly RunEvent[], seconds = 1): { progress: RunProgress; curves: RunCurves } {
  const [progress, curves] = [new RunProgress(), new RunCurves()]
  for (const [at, event] of events.entries()) {
    const stored = { seq: at + 1, atMs: at * seconds * 1_000, event }
    progress.hear(stored)
    curves.hear(stored, progress)
  }
  return { progress, curves }
}

/** GPUs that are all busy, unless said otherwise. */
export function gpuEvent(count: number, change: Partial<GpuEvent['gpus'][number]> = {}): GpuEvent {
  return {
    type: 'gpu',
    gpus: Array.from({ length: count }, (_, index) => ({
      index,
      name: 'NVIDIA H200',
      utilization: 90 + index,
      memoryUsedBytes: (97 + index) * GIB,
      memoryTotalBytes: 140 * GIB,
      temperature: 60 + index,
      power: 600,
      powerLimit: 700,
      ...change,
    })),
  }
}

/** A stage of a torch trainer. */
export function torchStart(stage: 'sft' | 'dpo', totalSteps: number): Extract<RunEvent, { type: 'start' }> {
  return {
    type: 'start',
    stage,
    config: { lora_rank: 64 },
    model: {
      id: 'Qwen2.5-Coder-7B',
      params: 7_615_616_512,
      trainable: 161_480_704,
      dtype: 'bfloat16',
      backend: 'NVIDIA H200, flex attention',
    },
    data: {
      examples: 8,
      validation: 2,
      trajectories: 4,
      pairs: 8,
      dropped: [],
      tokens: { logical: 9_100, packed: 1_000, loss: 80 },
      bins: 12,
    },
    world: 2,
    estimate: { memoryBytes: 88 * GIB, seconds: 60 },
    totalSteps,
    epochs: 2,
  }
}

/** One DPO step of the pairs `p0`, `p1`, …, with their margins. */
export function dpoStep(step: number, loss: number | null, margins: readonly number[] = []): RunEvent {
  return {
    type: 'step',
    stage: 'dpo',
    step,
    epoch: step / 10,
    metrics: {
      loss,
      mfu: 0.41,
      tokens_per_second: 38_200,
      tokens_per_second_logical: 301_000,
      memory_peak_gib: 97.1,
    },
    batch: margins.map((_, at) => `p${at}`),
    margins: [...margins],
    etaSeconds: 5,
  }
}

/** An evaluation of held-out pairs of two depths. */
export function dpoEvaluation(step: number, accuracy: number): RunEvent {
  return {
    type: 'eval',
    stage: 'dpo',
    step,
    metrics: { eval_loss: Math.LN2, 'eval_rewards/accuracies': accuracy, 'eval_rewards/margins': 0.5 },
    best: true,
    byDepth: [
      { from: 0, to: 0, pairs: 4, accuracy, margin: 0.8 },
      { from: 1, to: 9, pairs: 3, accuracy: null, margin: -0.2 },
    ],
    pairs: [{ id: 'h1', margin: 0.3 }],
  }
}
