import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Leaderboard } from '../src/leaderboard.js'

const board = () => {
  const filled = new Leaderboard()
  for (const [player, score] of [['ann', 50], ['bob', 90], ['cara', 70], ['dan', 70], ['eve', 10]]) filled.submit(player, score)
  return filled
}
const names = (rows) => rows.map(({ player }) => player)

test('Leaderboard.submit keeps the best score', () => {
  const scores = board()
  assert.equal(scores.submit('ann', 40), false)
  assert.equal(scores.submit('ann', 60), true)
  assert.equal(scores.rows().find(({ player }) => player === 'ann').score, 60)
})

test('Leaderboard.top lists the best first', () => {
  assert.deepEqual(names(board().top(3)), ['bob', 'cara', 'dan'])
})

test('Leaderboard.rankOf gives equal scores one rank', () => {
  assert.deepEqual(['cara', 'dan', 'ann'].map((player) => board().rankOf(player)), [2, 2, 4])
  assert.equal(board().rankOf('zoe'), undefined)
})

test('Leaderboard.around shows rows above and below', () => {
  assert.deepEqual(names(board().around('cara', 1)), ['bob', 'cara', 'dan'])
})

test('Leaderboard.around of a stranger is empty', () => {
  assert.deepEqual(board().around('zoe', 2), [])
})

test('Leaderboard.around of the first player', () => {
  assert.deepEqual(names(board().around('bob', 1)), ['bob', 'cara'])
})

test('Leaderboard.around of the last player', () => {
  assert.deepEqual(names(board().around('eve', 1)), ['ann', 'eve'])
})

test('Leaderboard.around without reach is the player alone', () => {
  assert.deepEqual(names(board().around('dan', 0)), ['dan'])
})
