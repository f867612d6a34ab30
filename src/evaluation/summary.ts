import { intervalMethod, rateOf, type TaskCount } from './rate.ts'
import { type EvaluationSummary, FAILURE_KINDS, type FailureKind, type Rate } from './report.ts'
import type { RolloutFacts } from './rollout-facts.ts'

/** What is known of an Evaluation beside its rollouts. */
export type EvaluationHead = Pick<EvaluationSummary, 'id' | 'name' | 'model' | 'job' | 'state' | 'rollouts' | 'tasks'>

/** The four rates of the paper's tables (§5.2), and the call rate. */
export type Measure = 'resolved' | 'emptyPatch' | 'stuck' | 'invalidCall'

/** Puts an Evaluation into numbers; infrastructure failures are counted and left out of all else. */
export function summarize(head: EvaluationHead, facts: readonly RolloutFacts[]): EvaluationSummary {
  const measured = facts.filter(({ infrastructure }) => infrastructure === undefined)
  const rate = (measure: Measure): Rate => rateOf(taskCounts(measured, measure))
  return {
    ...head,
    ended: facts.length,
    infrastructure: facts.length - measured.length,
    intervals: intervalMethod(taskCounts(measured, 'stuck')),
    resolved: rate('resolved'),
    emptyPatch: rate('emptyPatch'),
    stuck: rate('stuck'),
    invalidCall: rate('invalidCall'),
    turns: mean(measured.map(({ turns }) => turns)),
    tokens: mean(measured.map(({ tokens }) => tokens)),
    failures: failureCounts(measured),
    facts,
  }
}

/** Rollouts per Task that a measure holds for; only a known Outcome counts in `resolved`, infrastructure failures count in none. */
export function taskCounts(facts: readonly RolloutFacts[], measure: Measure): TaskCount[] {
  const counts = new Map<string, { count: number; total: number }>()
  for (const each of facts) {
    const holds = each.infrastructure === undefined ? holdsFor(each, measure) : undefined
    if (holds === undefined) continue
    const count = counts.get(each.task) ?? { count: 0, total: 0 }
    counts.set(each.task, { count: count.count + (holds ? 1 : 0), total: count.total + 1 })
  }
  return [...counts].map(([task, count]) => ({ task, ...count }))
}

function holdsFor({ outcome, emptyPatch, stuck, invalidCalls }: RolloutFacts, measure: Measure): boolean | undefined {
  switch (measure) {
    case 'resolved':
      return outcome === 'unknown' ? undefined : outcome === 'resolved'
    case 'emptyPatch':
      return emptyPatch
    case 'stuck':
      return stuck
    case 'invalidCall':
      return invalidCalls > 0
  }
}

/** The kinds in which a rollout failed, `other` where no sign of one was seen; none for a resolved one. */
export function failureKinds({ outcome, infrastructure, signs }: RolloutFacts): readonly FailureKind[] {
  if (outcome !== 'unresolved' || infrastructure !== undefined) return []
  if (signs.length === 0) return ['other']
  return FAILURE_KINDS.filter((kind) => signs.some((sign) => sign.kind === kind))
}

function failureCounts(facts: readonly RolloutFacts[]): Record<FailureKind, number> {
  const counts = { instruction: 0, tool: 0, loop: 0, other: 0 }
  for (const each of facts) for (const kind of failureKinds(each)) counts[kind]++
  return counts
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((total, value) => total + value, 0) / values.length
}
