import type { AgentState } from './agent-state.ts'
import { EDIT_FEATURES, type EditContext, editContext, editFacts } from './features/edit-features.ts'
import { KIND_FEATURES } from './features/kind-features.ts'
import { STATE_FEATURES, stateFacts } from './features/state-features.ts'
import type { Proposal } from './proposals.ts'
import { wordsOf } from './words.ts'

/** Goes up when the meaning or order of a feature changes: weights of another version do not fit. */
export const FEATURE_VERSION: number = 1

/** What each column is; docs/embedded-policy.md explains the groups. */
export const FEATURE_NAMES: readonly string[] = [
  ...STATE_FEATURES.map(([name]) => name),
  ...KIND_FEATURES.map(([name]) => name),
  ...EDIT_FEATURES.map(([name]) => name),
]

export const FEATURE_COUNT: number = FEATURE_NAMES.length

/**
 * What the network sees of each proposal: a row of `FEATURE_COUNT` numbers, about -1 to 1, row after row. Made of the
 * conversation alone: no row knows a fix, a hidden test, a split or the name of a task.
 */
export function featuresOf(state: AgentState, proposals: readonly Proposal[]): Float32Array {
  const facts = stateFacts(state)
  const words = wordsOf(state.issue)
  const shared = STATE_FEATURES.map(([, value]) => value(facts))
  const context = editContext(
    state,
    proposals.flatMap(({ candidate }) => candidate ?? []),
  )
  const rows = new Float32Array(proposals.length * FEATURE_COUNT)
  for (const [index, proposal] of proposals.entries()) {
    let at = index * FEATURE_COUNT
    rows.set(shared, at)
    at += shared.length
    for (const [, value] of KIND_FEATURES) rows[at++] = value({ proposal, facts, words })
    fillEdit(rows, at, context, proposal)
  }
  return rows
}

/** Columns of an edit; zero for what is none. */
function fillEdit(rows: Float32Array, start: number, context: EditContext, proposal: Proposal): void {
  const { candidate, rank = 0, tried } = proposal
  if (candidate === undefined) return
  const facts = editFacts(context, candidate, rank, tried)
  for (const [column, [, value]] of EDIT_FEATURES.entries()) rows[start + column] = value(facts)
}
