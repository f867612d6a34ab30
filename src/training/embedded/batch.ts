import { logProbabilities } from '../../policy/embedded/network.ts'
import type { Choice, Example, LearntSituation } from './example.ts'

/** Examples that go through the network together: every Situation once, without padding. */
export interface Batch {
  readonly examples: readonly Example[]
  /** The Proposals of all Situations, one row each. */
  readonly features: Float32Array
  /** First row of each Situation. */
  readonly firstRow: ReadonlyMap<LearntSituation, number>
}

/** The log-probabilities of every Proposal of a batch, by Situation. */
export type BatchLogs = ReadonlyMap<LearntSituation, Float64Array>

export function batchOf(examples: readonly Example[]): Batch {
  const firstRow = new Map<LearntSituation, number>()
  let rows = 0
  for (const { situation } of examples.flatMap(choicesOf)) {
    if (firstRow.has(situation)) continue
    firstRow.set(situation, rows)
    rows += situation.habits.length
  }
  const [first] = firstRow.keys()
  const width = first === undefined ? 0 : first.features.length / first.habits.length
  const features = new Float32Array(rows * width)
  for (const [situation, row] of firstRow) features.set(situation.features, row * width)
  return { examples, features, firstRow }
}

/** Examples in order, cut where a batch would have more than `maxRows` rows; one example always fits. */
export function* batchesOf(examples: readonly Example[], maxRows: number): Iterable<Batch> {
  let part: Example[] = []
  let rows = 0
  for (const example of examples) {
    const more = choicesOf(example).reduce((sum, { situation }) => sum + situation.habits.length, 0)
    if (part.length > 0 && rows + more > maxRows) {
      yield batchOf(part)
      part = []
      rows = 0
    }
    part.push(example)
    rows += more
  }
  if (part.length > 0) yield batchOf(part)
}

export function batchLogs({ firstRow }: Batch, logits: Float32Array | Float64Array): BatchLogs {
  const logs = new Map<LearntSituation, Float64Array>()
  for (const [situation, row] of firstRow) logs.set(situation, logProbabilities(logits, situation.habits, 1, row))
  return logs
}

/** Derivatives of a loss by the log-probabilities of an example's two sides. */
export interface Slopes {
  readonly chosen: number
  readonly rejected: number
}

/** Derivatives by the logits: those of log-softmax, summed over every Action of every example. */
export function logitSlopes(batch: Batch, logs: BatchLogs, slopes: readonly Slopes[]): Float32Array {
  const taken = new Map<LearntSituation, number>()
  const rows = [...batch.firstRow.keys()].reduce((sum, { habits }) => sum + habits.length, 0)
  const result = new Float64Array(rows)
  const add = ({ situation, proposal }: Choice, slope: number): void => {
    const row = (batch.firstRow.get(situation) ?? 0) + proposal
    result[row] = (result[row] ?? 0) + slope
    taken.set(situation, (taken.get(situation) ?? 0) + slope)
  }
  for (const [at, { chosen, rejected }] of batch.examples.entries()) {
    const slope = slopes[at]
    if (slope === undefined) continue
    for (const choice of chosen) add(choice, slope.chosen)
    for (const choice of rejected) add(choice, slope.rejected)
  }
  for (const [situation, slope] of taken) {
    const first = batch.firstRow.get(situation) ?? 0
    for (const [at, log] of (logs.get(situation) ?? []).entries()) {
      result[first + at] = (result[first + at] ?? 0) - slope * Math.exp(log)
    }
  }
  return Float32Array.from(result)
}

function choicesOf({ chosen, rejected }: Example): readonly Choice[] {
  return [...chosen, ...rejected]
}
