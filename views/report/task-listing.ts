import { compareEvaluations } from '../../src/evaluation/comparison.ts'
import type { EvaluationSummary } from '../../src/evaluation/report.ts'
import type { RolloutFacts } from '../../src/evaluation/rollout-facts.ts'
import { failureKinds } from '../../src/evaluation/summary.ts'

/** How a Task moved between the base and the chosen Evaluation; `undefined`: one of them does not know it. */
export type Way = 'better' | 'worse' | 'same'

/** One Task of the chosen Evaluation or its base. */
export interface TaskLine {
  readonly task: string
  readonly way: Way | undefined
}

const collator = new Intl.Collator('en', { numeric: true })
/** A summary never changes. */
const grouped = new WeakMap<EvaluationSummary, ReadonlyMap<string, readonly RolloutFacts[]>>()
const NONE: readonly RolloutFacts[] = []

/** The ended rollouts of a Task in an Evaluation, in order of their ids. */
export function factsOf(evaluation: EvaluationSummary, task: string): readonly RolloutFacts[] {
  let byTask = grouped.get(evaluation)
  if (byTask === undefined) {
    byTask = Map.groupBy(evaluation.facts, (each) => each.task)
    grouped.set(evaluation, byTask)
  }
  return byTask.get(task) ?? NONE
}

/** Whose Tasks are listed. */
export interface ListedParts {
  /** The chosen column: filters look at what its rollouts came to. */
  readonly evaluation: EvaluationSummary
  /** Whose moves against the base are told. */
  readonly after: EvaluationSummary
  readonly base: EvaluationSummary | undefined
}

/** The Tasks of these Evaluations by name, those that a filter keeps. */
export function taskLines({ evaluation, after, base }: ListedParts, filter: string): readonly TaskLine[] {
  const ways = waysOf(after, base)
  const tasks = new Set([evaluation, after, base].flatMap((each) => each?.facts.map(({ task }) => task) ?? []))
  const lines = [...tasks].sort(collator.compare).map((task) => ({ task, way: ways.get(task) }))
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean)
  return words.length === 0 ? lines : lines.filter((line) => matches(line, evaluation, words))
}

/** Tasks in the order asked for: by name, or those that moved first. */
export function taskOrder(lines: readonly TaskLine[], sort: 'name' | 'moved'): readonly string[] {
  if (sort === 'name') return []
  return lines.toSorted((a, b) => WAY_RANK[a.way ?? 'same'] - WAY_RANK[b.way ?? 'same']).map(({ task }) => task)
}

const WAY_RANK: Readonly<Record<Way, number>> = { better: 0, worse: 1, same: 2 }

/** Things in a kept order; those it does not know follow as they are. */
export function kept<T>(things: readonly T[], order: readonly string[], key: (thing: T) => string): readonly T[] {
  if (order.length === 0) return things
  const places = new Map(order.map((name, place) => [name, place]))
  const place = (thing: T): number => places.get(key(thing)) ?? places.size
  return things.toSorted((a, b) => place(a) - place(b))
}

function waysOf(after: EvaluationSummary, base: EvaluationSummary | undefined): ReadonlyMap<string, Way> {
  if (base === undefined) return new Map()
  const { better, worse } = compareEvaluations(base, after)
  const moved = new Map<string, Way>([
    ...better.map((task) => [task, 'better'] as const),
    ...worse.map((task) => [task, 'worse'] as const),
  ])
  for (const { task } of after.facts) if (!moved.has(task) && factsOf(base, task).length > 0) moved.set(task, 'same')
  return moved
}

/** Every word is in the task's name, or begins a word about how the task moved or what its rollouts came to. */
function matches({ task, way }: TaskLine, evaluation: EvaluationSummary, words: readonly string[]): boolean {
  const name = task.toLowerCase()
  const tags = [...(way === undefined ? [] : [way]), ...factsOf(evaluation, task).flatMap(tagsOf)]
  return words.every((word) => name.includes(word) || tags.some((tag) => tag.startsWith(word)))
}

/** Words that a rollout can be found by. */
function tagsOf(facts: RolloutFacts): string[] {
  const { outcome, end, infrastructure, emptyPatch, stuck, invalidCalls } = facts
  if (infrastructure !== undefined) return ['infrastructure']
  return [
    outcome,
    end,
    ...failureKinds(facts),
    ...(emptyPatch ? ['empty'] : []),
    ...(stuck ? ['stuck'] : []),
    ...(invalidCalls > 0 ? ['invalid'] : []),
  ]
}
