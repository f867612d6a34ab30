import type { AgentState, PastEdit } from './agent-state.ts'

/** What the tests said after an edit, compared with before it. */
export type EditOutcome = 'untested' | 'fixed' | 'better' | 'same' | 'worse'

/** Outcome of each edit that took place, in order. */
export function outcomesOf(state: AgentState): readonly EditOutcome[] {
  return state.edits.map((edit) => outcomeOf(state, edit))
}

function outcomeOf({ edits, runs }: AgentState, edit: PastEdit): EditOutcome {
  const at = edits.indexOf(edit)
  const next = edits[at + 1]?.step ?? Number.POSITIVE_INFINITY
  const after = runs.find((run) => run.step > edit.step && run.step < next && run.version.endsWith(String(edit.step)))
  if (after === undefined) return 'untested'
  if (after.failing === 0) return 'fixed'
  const version = after.version.slice(0, -String(edit.step).length).replace(/,$/, '')
  const before = runs.findLast((run) => run.version === version)
  if (after.crashed) return 'worse'
  if (before === undefined || after.failing === before.failing) return 'same'
  return after.failing < before.failing ? 'better' : 'worse'
}
