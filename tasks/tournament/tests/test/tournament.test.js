import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pairings, standings } from '../src/tournament.js'

const match = (home, score, away) => {
  const [homeGoals, awayGoals] = score.split(':').map(Number)
  return { home, away, homeGoals, awayGoals }
}

test('standings gives 3 points for a win and 1 for a draw', () => {
  const table = standings([match('Reds', '2:0', 'Blues'), match('Reds', '1:1', 'Greens')])
  assert.deepEqual(table.map(({ team, points }) => [team, points]), [['Reds', 4], ['Greens', 1], ['Blues', 0]])
})

test('standings counts goals of both sides', () => {
  const [reds, blues] = standings([match('Reds', '3:1', 'Blues')])
  assert.deepEqual([reds.scored, reds.conceded], [3, 1])
  assert.deepEqual([blues.scored, blues.conceded], [1, 3])
})

test('standings counts matches', () => {
  const table = standings([match('A', '0:0', 'B'), match('B', '0:0', 'A')])
  assert.deepEqual(table.map(({ played }) => played), [2, 2])
})

test('standings of nothing is empty', () => {
  assert.deepEqual(standings([]), [])
})

test('pairings lets each team meet each other', () => {
  assert.deepEqual(pairings(['A', 'B', 'C']), [{ home: 'A', away: 'B' }, { home: 'A', away: 'C' }, { home: 'B', away: 'C' }])
})

test('standings lets the difference of goals decide', () => {
  const table = standings([match('A', '1:0', 'X'), match('Y', '4:0', 'B'), match('B', '2:0', 'Z')])
  assert.deepEqual(table.slice(0, 3).map(({ team }) => team), ['Y', 'A', 'B'])
  assert.equal(table.find(({ team }) => team === 'B').conceded, 4)
})

test('standings counts goals against guests over several matches', () => {
  const table = standings([match('A', '2:1', 'G'), match('B', '3:0', 'G')])
  assert.deepEqual(table.find(({ team }) => team === 'G'), { team: 'G', played: 2, points: 0, scored: 1, conceded: 5 })
})
