import { baseOf } from '../../src/evaluation/comparison.ts'
import type { EvaluationSummary } from '../../src/evaluation/report.ts'
import type { EvaluationSort, ReportState } from './state.ts'
import { kept } from './task-listing.ts'

/** The Evaluations that the filter keeps, in the order last asked for. */
export function listedEvaluations(
  all: readonly EvaluationSummary[],
  { filter, order }: Pick<ReportState, 'filter' | 'order'>,
): readonly EvaluationSummary[] {
  const words = filter.toLowerCase().split(/\s+/)
  const matching = all.filter(({ id, name, model, state }) => {
    const text = `${id} ${name} ${model} ${state}`.toLowerCase()
    return words.every((word) => text.includes(word))
  })
  return kept(matching, order, ({ id }) => id)
}

const collator = new Intl.Collator('en', { numeric: true })

/** Ids in the order asked for: most resolved first, fewest failures first. */
export function evaluationOrder(all: readonly EvaluationSummary[], sort: EvaluationSort): readonly string[] {
  const by = (value: (each: EvaluationSummary) => number) => all.toSorted((a, b) => value(a) - value(b))
  const sorted = {
    'as made': () => all,
    name: () => all.toSorted((a, b) => collator.compare(a.name, b.name)),
    resolved: () => by(({ resolved }) => -resolved.rate),
    'empty patch': () => by(({ emptyPatch }) => emptyPatch.rate),
    stuck: () => by(({ stuck }) => stuck.rate),
    'invalid call': () => by(({ invalidCall }) => invalidCall.rate),
  }[sort]()
  return sorted.map(({ id }) => id)
}

/** What an Evaluation is compared with: the one a person chose, unless it is that one itself. */
export function chosenBase(
  all: readonly EvaluationSummary[],
  evaluation: EvaluationSummary,
  base: string | undefined,
): EvaluationSummary | undefined {
  const chosen = base === evaluation.id ? undefined : all.find(({ id }) => id === base)
  return chosen ?? baseOf(all, evaluation)
}
