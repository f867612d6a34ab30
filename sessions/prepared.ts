import { hash } from 'node:crypto'
import type { StepDraft, TrajectoryDraft } from '../src/domain/trajectory.ts'
import { actionLanes, fillObservationLanes } from '../src/tree/action-key.ts'
import { LANES, STEP_WORDS } from '../src/tree/key-lanes.ts'
import { encodeStep, OBSERVATION_CELL, STEP_CELLS } from './steps.ts'

/**
 * A Trajectory ready for its rows: everything that costs time is done, what is left is flat and cheap to hand from one thread to
 * another.
 */
export interface PreparedTrajectory
  extends Omit<TrajectoryDraft, 'steps' | 'prompt' | 'tools' | 'sampling' | 'tokens'> {
  /** JSON texts. */
  readonly prompt: string
  readonly tools: string | undefined
  readonly sampling: string | undefined
  readonly promptTokens: number | undefined
  readonly completionTokens: number | undefined
  /** Cells of the step rows, `STEP_CELLS` per Step. */
  readonly cells: readonly (string | null)[]
  /** Merge keys (src/tree/key-lanes.ts); the observation lanes are filled by `finishKeys`. */
  readonly keys: Uint32Array
}

/** Number of Steps of a prepared Trajectory. */
export function stepCount(prepared: PreparedTrajectory): number {
  return prepared.cells.length / STEP_CELLS
}

/**
 * Does the reading thread's share of the work that needs no database: JSON, labels, and the merge keys of the actions. The
 * observations' keys are left to the writing thread (`finishKeys`), which would otherwise wait a third of its time.
 */
export function prepare(draft: TrajectoryDraft): PreparedTrajectory {
  const { steps, prompt, tools, sampling, tokens, ...rest } = draft
  return {
    ...rest,
    prompt: JSON.stringify(prompt),
    tools: tools && JSON.stringify(tools),
    sampling: sampling && JSON.stringify(sampling),
    promptTokens: tokens?.prompt,
    completionTokens: tokens?.completion,
    cells: cellsOf(steps),
    keys: actionLanes(steps),
  }
}

/** Fills the observation lanes; returns the hash of prompt, replies and observations, 16 bytes: the same on every machine. */
export function finishKeys({ keys, cells, prompt }: PreparedTrajectory): Uint8Array {
  for (let step = 0; step * STEP_CELLS < cells.length; step++) {
    const observation = cells[step * STEP_CELLS + OBSERVATION_CELL]
    if (observation) fillObservationLanes(keys, step, observation)
  }
  return contentOf(prompt, keys)
}

function cellsOf(steps: readonly StepDraft[]): (string | null)[] {
  const cells: (string | null)[] = []
  for (const step of steps) encodeStep(step, cells)
  return cells
}

/** The lanes that hold what was literally said and seen. */
const RAW_LANES = [LANES.indexOf('reply'), LANES.indexOf('rawObservation')]

/** Number of leading Steps that are literally the same. */
export function sameSteps(before: Uint32Array, after: Uint32Array): number {
  const steps = Math.min(before.length, after.length) / STEP_WORDS
  for (let step = 0; step < steps; step++) {
    for (const lane of RAW_LANES) {
      const at = step * STEP_WORDS + lane * 2
      if (before[at] !== after[at] || before[at + 1] !== after[at + 1]) return step
    }
  }
  return steps
}

/** Hash of prompt, replies and observations, 16 bytes. Only the raw lanes count, so that a new canonical form of actions changes no id. */
export function contentOf(prompt: string, keys: Uint32Array): Uint8Array {
  const steps = keys.length / STEP_WORDS
  const raw = new Uint32Array(steps * RAW_LANES.length * 2)
  for (let step = 0, to = 0; step < steps; step++) {
    for (const lane of RAW_LANES) {
      const at = step * STEP_WORDS + lane * 2
      raw[to++] = keys[at] ?? 0
      raw[to++] = keys[at + 1] ?? 0
    }
  }
  const digest = hash('sha256', Buffer.concat([hash('sha256', prompt, 'buffer'), bytesOf(raw)]), 'buffer')
  return new Uint8Array(digest.subarray(0, 16))
}

/** The bytes of merge keys, as they are stored. */
export function bytesOf(keys: Uint32Array): Uint8Array {
  return new Uint8Array(keys.buffer, keys.byteOffset, keys.byteLength)
}

/** Merge keys as the words they were stored from. */
export function wordsOf(bytes: Uint8Array): Uint32Array {
  if (bytes.byteOffset % 4 === 0) return new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4)
  return new Uint32Array(bytes.slice().buffer)
}
