import type { Proposal, ProposalKind } from './proposals.ts'

/**
 * What the policy does before any training: relative weights of the kinds that can be proposed in a moment. It stands for the
 * pretraining of an unaligned model.
 *
 * Set once, so that on `tasks/` with 20 turns it fails about as the paper's base models do (§7: stuck 45 %, empty patch 50 %,
 * resolved a few percent); docs/embedded-policy.md has what was measured.
 */
export const HABITS: Readonly<Record<ProposalKind, number>> = {
  'view-repository': 10,
  'view-source': 14,
  'view-test': 3,
  'view-other': 2,
  'run-tests': 9,
  edit: 25,
  undo: 3,
  finish: 26,
  'finish-unedited': 3,
  repeat: 25,
  'edit-without-old': 5,
  'wrong-tool': 3,
  'wrong-parameter': 3,
  talk: 4,
  'view-missing': 4,
  'repeat-failed-edit': 3,
}

/** Rank at which an edit is half as usual as the first. */
const HALF_RANK = 2

/**
 * The logit an untrained policy has for each proposal: a kind has the share that `HABITS` gives it, whatever the number of its
 * proposals; they share it alike, edits the more the more suspicious they are.
 */
export function habitsOf(proposals: readonly Proposal[]): Float64Array {
  const sums = new Map<ProposalKind, number>()
  for (const proposal of proposals) sums.set(proposal.kind, (sums.get(proposal.kind) ?? 0) + shareOf(proposal))
  return Float64Array.from(proposals, (proposal) =>
    Math.log((HABITS[proposal.kind] * shareOf(proposal)) / (sums.get(proposal.kind) ?? 1)),
  )
}

function shareOf({ rank }: Proposal): number {
  return rank === undefined ? 1 : HALF_RANK / (HALF_RANK + rank)
}
