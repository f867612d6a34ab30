import type { Choice, Example, LearntSituation } from '../../../src/training/embedded/example.ts'
import { numbersFrom } from '../../policy/embedded/reference-network.ts'

/** A made-up policy's features and Proposals. */
export const WIDTH = 6
export const COUNT = 8
export const SIZES: readonly number[] = [WIDTH, 12, 8, 1]

export function situationFrom(random: () => number, count = COUNT): LearntSituation {
  return { features: numbersFrom(random, count * WIDTH), habits: new Float64Array(count).fill(-Math.log(count)) }
}

/** How good a Proposal is: a rule that no single feature tells. */
export function qualityOf({ situation, proposal }: Choice): number {
  const [a = 0, b = 0, c = 0] = situation.features.subarray(proposal * WIDTH, proposal * WIDTH + 3)
  return a * b + c
}

/** The best of a Situation, or the worst. */
export function extremeOf(situation: LearntSituation, sign: 1 | -1): Choice {
  const choices = Array.from(situation.habits, (_, proposal) => ({ situation, proposal }))
  return choices.reduce((best, choice) => (sign * (qualityOf(choice) - qualityOf(best)) > 0 ? choice : best))
}

/** One Action for each Situation, the best one: what SFT learns. */
export function sftProblem(random: () => number, tasks: number, each: number): Example[] {
  return exampleIds(tasks, each).map(({ id, task }) => {
    const chosen = [extremeOf(situationFrom(random), 1)]
    return { id, task, sources: [id], weight: 1, chosen, rejected: [] }
  })
}

/** Two Actions of each Situation, of which the better is chosen: what DPO learns. */
export function dpoProblem(random: () => number, tasks: number, each: number): Example[] {
  return exampleIds(tasks, each).map(({ id, task }) => {
    const situation = situationFrom(random)
    const pair = [0, 1].map((proposal) => ({ situation, proposal })).toSorted((a, b) => qualityOf(b) - qualityOf(a))
    return { id, task, sources: [id], weight: 1, chosen: pair.slice(0, 1), rejected: pair.slice(1) }
  })
}

function exampleIds(tasks: number, each: number): { id: string; task: string }[] {
  return Array.from({ length: tasks * each }, (_, at) => ({ id: `e${at}`, task: `task-${at % tasks}` }))
}
