import { pairedDifference, type TaskPair, taskPairs } from './paired-difference.ts'
import { PAPER_ROWS } from './paper-rows.ts'
import type { EvaluationComparison, EvaluationReport, EvaluationSummary } from './report.ts'
import { signTest } from './sign-test.ts'
import { taskCounts } from './summary.ts'

/** Compares two Evaluations on the Tasks for which both have an Outcome; the same object for the same two. */
export function compareEvaluations(before: EvaluationSummary, after: EvaluationSummary): EvaluationComparison {
  const known = compared.get(after) ?? new WeakMap<EvaluationSummary, EvaluationComparison>()
  compared.set(after, known)
  let comparison = known.get(before)
  if (comparison === undefined) {
    comparison = newComparison(before, after)
    known.set(before, comparison)
  }
  return comparison
}

/** A summary never changes, so what was found about two of them holds as long as they do. */
const compared = new WeakMap<EvaluationSummary, WeakMap<EvaluationSummary, EvaluationComparison>>()

function newComparison(before: EvaluationSummary, after: EvaluationSummary): EvaluationComparison {
  const pairs = taskPairs(taskCounts(before.facts, 'resolved'), taskCounts(after.facts, 'resolved'))
  const better = names(pairs.filter((pair) => pair.after > pair.before))
  const worse = names(pairs.filter((pair) => pair.after < pair.before))
  return {
    before: before.id,
    after: after.id,
    tasks: pairs.length,
    better,
    worse,
    same: pairs.length - better.length - worse.length,
    p: signTest(better.length, worse.length),
    resolved: pairedDifference(pairs),
  }
}

const collator = new Intl.Collator('en', { numeric: true })

/** As people order them: `task-9` before `task-10`. */
function names(pairs: readonly TaskPair[]): string[] {
  return pairs.map(({ task }) => task).sort(collator.compare)
}

/** The report over all Evaluations, oldest first. */
export function reportOf(evaluations: readonly EvaluationSummary[]): EvaluationReport {
  const first = evaluations.flatMap((after, at) => {
    const before = evaluations.slice(0, at).find((earlier) => sharesTasks(earlier, after))
    return before === undefined ? [] : [{ before, after }]
  })
  const previous = evaluations.flatMap((after, at) => {
    const before = evaluations.slice(0, at).findLast((earlier) => sharesTasks(earlier, after))
    return before === undefined || first.some((pair) => pair.before === before && pair.after === after)
      ? []
      : [{ before, after }]
  })
  return {
    evaluations,
    comparisons: [...first, ...previous].map(({ before, after }) => compareEvaluations(before, after)),
    paper: PAPER_ROWS,
  }
}

/** What an Evaluation is compared with unless somebody says otherwise: the first earlier one that shares Tasks with it. */
export function baseOf(
  evaluations: readonly EvaluationSummary[],
  after: EvaluationSummary,
): EvaluationSummary | undefined {
  const earlier = evaluations.slice(0, evaluations.indexOf(after))
  return earlier.find((before) => sharesTasks(before, after))
}

function sharesTasks(a: EvaluationSummary, b: EvaluationSummary): boolean {
  const tasks = new Set(a.facts.map(({ task }) => task))
  return b.facts.some(({ task }) => tasks.has(task))
}

/** What the rollouts of one Task came to in one Evaluation. */
export interface TaskRollouts {
  readonly resolved: number
  /** Those with a known Outcome. */
  readonly total: number
  /** Their ids. */
  readonly rollouts: readonly number[]
}

/** A Task that moved between two Evaluations, with the rollouts that say so. */
export interface TaskFlip {
  readonly task: string
  readonly way: 'better' | 'worse'
  readonly before: TaskRollouts
  readonly after: TaskRollouts
}

/** The Tasks that moved, better ones first, by name. */
export function flipsOf(before: EvaluationSummary, after: EvaluationSummary): TaskFlip[] {
  const { better, worse } = compareEvaluations(before, after)
  const flip = (way: TaskFlip['way']) => (task: string) => ({
    task,
    way,
    before: rolloutsOf(before, task),
    after: rolloutsOf(after, task),
  })
  return [...better.map(flip('better')), ...worse.map(flip('worse'))]
}

function rolloutsOf({ facts }: EvaluationSummary, task: string): TaskRollouts {
  const known = facts.filter(
    (each) => each.task === task && each.infrastructure === undefined && each.outcome !== 'unknown',
  )
  return {
    resolved: known.filter(({ outcome }) => outcome === 'resolved').length,
    total: known.length,
    rollouts: known.map(({ rollout }) => rollout),
  }
}
