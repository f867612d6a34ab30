import { expect, test } from 'vitest'
import { sharedPrefixes } from '../../sessions/shared-prefixes.ts'
import { mergeTrajectories } from '../../src/tree/merge.ts'
import { keyed } from '../tree/trajectories.ts'

//   0 ─ ls 1 ─ edit 2 ─ test 3        trajectory 10
//            │        └ finish 4      11
//            └ view 5 ─ test 6        12
//                     └ finish 7      13
const tree = mergeTrajectories(
  [
    keyed(10, 'resolved', 'ls', 'edit', 'test'),
    keyed(11, 'unresolved', 'ls', 'edit', 'finish'),
    keyed(12, 'resolved', 'ls', 'view', 'test'),
    keyed(13, 'unresolved', 'ls', 'view', 'finish'),
  ],
  'call',
)
const [ls, edit, view] = [1, 2, 5]

test('a critical node takes the messages of one below it, whatever order they are named in', () => {
  const expected = new Map([
    [view, 12],
    [ls, 12],
    [edit, 10],
  ])
  expect(sharedPrefixes(tree, [ls, edit, view])).toEqual(expected)
  expect(sharedPrefixes(tree, [view, edit, ls, ls])).toEqual(expected)
})

test('only critical nodes are named, and each one alone takes its first member', () => {
  expect(sharedPrefixes(tree, [ls])).toEqual(new Map([[ls, 10]]))
  expect(sharedPrefixes(tree, [view])).toEqual(new Map([[view, 12]]))
  expect(sharedPrefixes(tree, [])).toEqual(new Map())
})
