import type { AgentState } from './agent-state.ts'
import { FEATURE_COUNT, FEATURE_NAMES, featuresOf } from './features.ts'
import { isFailing, isPassing, isPending, stateFacts, type StateFacts } from './features/state-features.ts'
import type { Proposal, ProposalKind } from './proposals.ts'

type Weights = Readonly<Partial<Record<ProposalKind, number>>>

/** How sharply the best edits are preferred: points of score that make an edit e times as likely. */
const EDIT_TEMPERATURE = 0.4
/** Tries after which it thinks about giving up. */
const PATIENCE = 6

/** What a collector does by mistake. */
const MISTAKES: Weights = {
  repeat: 3,
  edit: 2.5,
  finish: 1,
  'finish-unedited': 1,
  talk: 1.2,
  'edit-without-old': 1,
  'wrong-tool': 0.6,
  'wrong-parameter': 0.6,
  'view-missing': 0.8,
  'view-repository': 0.5,
  'view-other': 0.8,
  undo: 0.6,
  'repeat-failed-edit': 0.8,
  'run-tests': 0.5,
}

/** Points that speak for an edit beside its suspicion, by feature. */
const TASTE: Readonly<Record<string, number>> = {
  'topic bound, bounds': 0.5,
  'topic nothing, tests': 0.5,
  'topic order, names': 0.4,
  'topic waiting, waits': 1,
  'topic state, lines': 0.3,
  'topic every, calls': 0.4,
  'missed by one, bounds': 0.4,
  'missed a truth value, tests': 0.5,
  'got a promise, waits': 1.2,
  'puts in an unused name': 0.4,
  'tried in vain': -6,
  'line tried in vain': -0.3,
}

/** One weight per proposal: each kind has its share, the proposals of one kind alike. */
export function mistaken(proposals: readonly Proposal[]): readonly number[] {
  return shared(proposals, MISTAKES, () => 1)
}

/** One weight per proposal: what a decent engineer would do now, with some freedom. */
export function searched(state: AgentState, proposals: readonly Proposal[]): readonly number[] {
  const facts = stateFacts(state)
  const rows = featuresOf(state, proposals)
  const wanted = habitsOf(facts)
  const there = proposals.some(({ kind }) => (wanted[kind] ?? 0) > 0)
  return shared(proposals, there ? wanted : { finish: 1, 'finish-unedited': 1 }, (proposal, at) =>
    proposal.kind === 'edit' ? editWeight(proposal, rows, at) : viewWeight(proposal, rows, at),
  )
}

/** Kinds that make sense in a moment. */
function habitsOf(facts: StateFacts): Weights {
  const { state, sources, sourcesSeen, outcome } = facts
  if (sources === 0) return { 'view-repository': 1 }
  if (facts.active > 0 && isPassing(facts)) return { finish: 1 }
  if (isPending(facts)) return { 'run-tests': 0.94, edit: 0.03, finish: 0.03 }
  const vain = state.edits.length - facts.active
  if (facts.active > 0 && isFailing(facts)) {
    if (outcome === 'better') return { edit: 0.85, undo: 0.1, finish: 0.05 }
    return { undo: 0.85, edit: 0.1, finish: vain > PATIENCE ? 0.1 : 0 }
  }
  // Most begin alike, so that their Trees branch where it matters: at the edits.
  if (state.runs.length === 0) return { 'run-tests': 0.85, 'view-source': sourcesSeen === 0 ? 0.15 : 0, edit: 0.05 }
  if (sourcesSeen === 0) return { 'view-source': 0.9, 'view-test': facts.testSeen ? 0 : 0.1 }
  return {
    edit: 1,
    'view-test': facts.testSeen ? 0 : 0.1,
    'view-source': sourcesSeen < sources ? 0.15 : 0,
    'finish-unedited': vain > PATIENCE ? 0.1 : 0,
  }
}

function shared(
  proposals: readonly Proposal[],
  kinds: Weights,
  weightOf: (proposal: Proposal, at: number) => number,
): readonly number[] {
  const own = proposals.map((proposal, at) => ((kinds[proposal.kind] ?? 0) > 0 ? weightOf(proposal, at) : 0))
  const sums = new Map<ProposalKind, number>()
  for (const [at, { kind }] of proposals.entries()) sums.set(kind, (sums.get(kind) ?? 0) + (own[at] ?? 0))
  return proposals.map(({ kind }, at) => ((kinds[kind] ?? 0) * (own[at] ?? 0)) / Math.max(sums.get(kind) ?? 0, 1e-9))
}

const TASTES = Object.entries(TASTE).map(([name, points]) => [FEATURE_NAMES.indexOf(name), points] as const)

function editWeight({ candidate }: Proposal, rows: Float32Array, at: number): number {
  let points = candidate?.score ?? 0
  for (const [column, worth] of TASTES) points += worth * (rows[at * FEATURE_COUNT + column] ?? 0)
  return Math.exp((points - 9) / EDIT_TEMPERATURE)
}

const SHARED_WORDS = FEATURE_NAMES.indexOf('file shares words with the issue')
const ON_STACK = FEATURE_NAMES.indexOf('file on the stack')

function viewWeight({ kind }: Proposal, rows: Float32Array, at: number): number {
  if (kind !== 'view-source') return 1
  const row = at * FEATURE_COUNT
  return 1 + 3 * (rows[row + SHARED_WORDS] ?? 0) + 4 * (rows[row + ON_STACK] ?? 0)
}
