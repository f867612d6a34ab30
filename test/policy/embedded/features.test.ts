import { describe, expect, test } from 'vitest'
import type { Message } from '../../../src/domain/message.ts'
import { readAgentState } from '../../../src/policy/embedded/agent-state.ts'
import { FEATURE_COUNT, FEATURE_NAMES, featuresOf } from '../../../src/policy/embedded/features.ts'
import { type Proposal, type ProposalKind, propose } from '../../../src/policy/embedded/proposals.ts'
import { answered, packageTask, promptOf, readAll, said } from './packages.ts'

const task = packageTask()

const RUN = `I run the tests.
<function=execute_bash>
<parameter=command>(ulimit -t 1; exec timeout 5 node --max-old-space-size=64 --test-reporter=tap test/shelf.test.js)</parameter>
</function>`

const FAILED = answered(
  'execute_bash',
  `TAP version 13
ok 1 - top is the newest thing
not ok 2 - put stops at the limit
  ---
  error: |-
    Expected values to be strictly equal:
    
    3 !== 2
    
  expected: 2
  actual: 3
  stack: |-
    TestContext.<anonymous> (file:///elsewhere/test/shelf.test.js:16:10)
  ...
[Command finished with exit code 1]`,
)

/** The row of the first proposal of a kind, by name. */
function rowOf(
  messages: readonly Message[],
  wanted: (proposal: Proposal) => boolean,
): Readonly<Record<string, number>> {
  const state = readAgentState(messages)
  const proposals = propose(state)
  const rows = featuresOf(state, proposals)
  const at = proposals.findIndex(wanted)
  if (at < 0) throw new Error('there is no such proposal')
  return Object.fromEntries(
    FEATURE_NAMES.map((name, column) => [name, rows[at * FEATURE_COUNT + column] ?? Number.NaN]),
  )
}

const ofKind = (kind: ProposalKind) => (proposal: Proposal) => proposal.kind === kind

test('every column has a name of its own', () => {
  expect(new Set(FEATURE_NAMES).size).toBe(FEATURE_COUNT)
  expect(FEATURE_NAMES).toHaveLength(FEATURE_COUNT)
})

test('no column speaks of a fix, a split, a hidden test or a name of a task', () => {
  expect(FEATURE_NAMES.filter((name) => /reference|hidden|split|held|task/.test(name))).toEqual([])
})

describe('what the network sees', () => {
  test('at the beginning', () => {
    expect(rowOf(promptOf(task), ofKind('view-repository'))).toMatchObject({
      'first step': 1,
      'repository listed': 0,
      'result known': 0,
      'kind view-repository': 1,
      'kind talk': 0,
      'list again': 0,
    })
  })

  test('of the fix, when everything was read and the tests have failed', () => {
    const row = rowOf([...readAll(task), said(RUN), FAILED], ofKind('edit'))
    expect(row).toMatchObject({
      failing: 1,
      'share failing': 0.5,
      'edit a failing repository': 1,
      'operator boundary': 1,
      'edit rank': 0,
      'function named': 1,
      'function named as code': 1,
      'function in failing tests': 1,
      'function in passing tests': 1,
      'bound with a length': 1,
      'in a test': 1,
      'missed by one, bounds': 1,
      'tried in vain': 0,
      'outside of functions': 0,
    })
    expect(row['topic bound, bounds']).toBeGreaterThan(0)
  })

  test('edits have no say in the columns of other kinds', () => {
    const row = rowOf(readAll(task), ofKind('run-tests'))
    expect(Object.entries(row).filter(([name, value]) => name.startsWith('operator ') && value !== 0)).toEqual([])
    expect(row).toMatchObject({ 'run before anything else': 1, 'a source seen': 1, 'a test seen': 1 })
  })
})
