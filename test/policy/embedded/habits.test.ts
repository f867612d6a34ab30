import { expect, test } from 'vitest'
import { readAgentState } from '../../../src/policy/embedded/agent-state.ts'
import { HABITS, habitsOf } from '../../../src/policy/embedded/habits.ts'
import { PROPOSAL_KINDS, propose } from '../../../src/policy/embedded/proposals.ts'
import { packageTask, readAll } from './packages.ts'

test('every kind has a habit, so that nothing the policy could say is impossible', () => {
  expect(PROPOSAL_KINDS.filter((kind) => !(HABITS[kind] > 0))).toEqual([])
})

test('a kind has its share whatever the number of its proposals; the third edit has half of the first one’s', () => {
  const proposals = propose(readAgentState(readAll(packageTask())))
  const shares = habitsOf(proposals).map(Math.exp)
  const sumOf = (kind: string) =>
    proposals.reduce((sum, proposal, at) => sum + (proposal.kind === kind ? (shares[at] ?? 0) : 0), 0)
  expect(sumOf('edit')).toBeCloseTo(HABITS.edit, 9)
  expect(sumOf('talk')).toBeCloseTo(HABITS.talk, 9)
  const first = proposals.findIndex(({ rank }) => rank === 0)
  expect(shares[first + 2]).toBeCloseTo((shares[first] ?? 0) / 2, 9)
})
