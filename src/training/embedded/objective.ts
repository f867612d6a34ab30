import type { Batch, BatchLogs, Slopes } from './batch.ts'
import type { Choice, Example } from './example.ts'

/** The log-probabilities of both sides of a Pair under the frozen reference. */
export interface ReferenceLogs {
  readonly chosen: number
  readonly rejected: number
}

export interface Objective {
  /** Sum of the examples' weights; `figures` are means by weight. */
  readonly weight: number
  /** `loss` and others, by the names of RunEvent. */
  readonly figures: Readonly<Record<string, number>>
  /** One for each example of the batch. */
  readonly slopes: readonly Slopes[]
  /** DPO: the reward margin of each example of the batch. */
  readonly margins?: readonly number[]
}

/** What a stage minimises, over the log-probabilities of a batch. */
export type ObjectiveOf = (batch: Batch, logs: BatchLogs) => Objective

/**
 * SFT (paper eq. 3): −log P of every Action of the resolved Trajectories, each counted as often as it was taken. `loss` is the mean of
 * one Action, in nats.
 */
export const sftObjective: ObjectiveOf = ({ examples }, logs) => {
  const figures = new WeightedMeans()
  for (const { weight, chosen } of examples) {
    for (const choice of chosen) {
      const all = logs.get(choice.situation) ?? new Float64Array()
      figures.add(weight, {
        loss: -logOf(choice, logs),
        mean_token_accuracy: isLikeliest(all, choice.proposal) ? 1 : 0,
        entropy: entropyOf(all),
      })
    }
  }
  const total = figures.weight
  const slopes = examples.map(({ weight }) => ({ chosen: -weight / total, rejected: 0 }))
  return { weight: total, figures: figures.means(), slopes }
}

/**
 * DPO (paper eq. 5): −log σ(β (log-ratio of the chosen side − log-ratio of the rejected side)) against a frozen reference. A side is one Action,
 * or a whole Trajectory, whose log-probability is the sum over its Actions.
 */
export function dpoObjective(beta: number, reference: ReadonlyMap<Example, ReferenceLogs>): ObjectiveOf {
  return ({ examples }, logs) => {
    const figures = new WeightedMeans()
    const pulls: number[] = []
    const margins: number[] = []
    for (const example of examples) {
      const before = reference.get(example) ?? { chosen: Number.NaN, rejected: Number.NaN }
      const now = sidesOf(example, logs)
      const chosen = beta * (now.chosen - before.chosen)
      const rejected = beta * (now.rejected - before.rejected)
      const margin = chosen - rejected
      margins.push(margin)
      pulls.push(example.weight * beta * sigmoid(-margin))
      figures.add(example.weight, {
        loss: softplus(-margin),
        'rewards/chosen': chosen,
        'rewards/rejected': rejected,
        'rewards/margins': margin,
        'rewards/accuracies': margin > 0 ? 1 : 0,
        'logps/chosen': now.chosen,
        'logps/rejected': now.rejected,
      })
    }
    const total = figures.weight
    const slopes = pulls.map((pull) => ({ chosen: -pull / total, rejected: pull / total }))
    return { weight: total, figures: figures.means(), slopes, margins }
  }
}

/** Log-probabilities of both sides of an example. */
export function sidesOf({ chosen, rejected }: Example, logs: BatchLogs): ReferenceLogs {
  return { chosen: sumOf(chosen, logs), rejected: sumOf(rejected, logs) }
}

/** Means by weight of figures that come one by one. */
export class WeightedMeans {
  readonly #sums = new Map<string, number>()
  weight = 0

  add(weight: number, figures: Readonly<Record<string, number>>): void {
    this.weight += weight
    for (const [name, value] of Object.entries(figures)) {
      this.#sums.set(name, (this.#sums.get(name) ?? 0) + weight * value)
    }
  }

  means(): Record<string, number> {
    return Object.fromEntries([...this.#sums].map(([name, sum]) => [name, sum / this.weight]))
  }
}

function sumOf(choices: readonly Choice[], logs: BatchLogs): number {
  return choices.reduce((sum, choice) => sum + logOf(choice, logs), 0)
}

function logOf({ situation, proposal }: Choice, logs: BatchLogs): number {
  return logs.get(situation)?.[proposal] ?? Number.NaN
}

function isLikeliest(logs: Float64Array, at: number): boolean {
  const own = logs[at] ?? Number.NaN
  return logs.every((log) => log <= own)
}

function entropyOf(logs: Float64Array): number {
  return logs.reduce((sum, log) => (log === -Infinity ? sum : sum - Math.exp(log) * log), 0)
}

/** log(1 + eˣ) without overflow. */
function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))
}

function sigmoid(x: number): number {
  return x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x))
}
