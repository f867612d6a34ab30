import assert from 'node:assert/strict'
import { test } from 'node:test'
import { contains, freeRooms, intersection, nights, overlaps } from '../src/date-ranges.js'

const MARCH = { from: '2024-03-01', to: '2024-03-05' }
const JUNE = { from: '2024-06-01', to: '2024-06-03' }

test('nights counts nights', () => {
  assert.equal(nights(MARCH), 4)
})

test('contains does not include the last day', () => {
  assert.equal(contains(MARCH, '2024-03-01'), true)
  assert.equal(contains(MARCH, '2024-03-05'), false)
})

test('overlaps knows ranges that share days', () => {
  assert.equal(overlaps(MARCH, { from: '2024-03-04', to: '2024-03-09' }), true)
})

test('overlaps knows ranges that share none', () => {
  assert.equal(overlaps(MARCH, JUNE), false)
})

test('intersection is what two ranges share', () => {
  assert.deepEqual(intersection(MARCH, { from: '2024-03-04', to: '2024-03-09' }), { from: '2024-03-04', to: '2024-03-05' })
  assert.equal(intersection(MARCH, JUNE), undefined)
})

test('freeRooms leaves booked rooms out', () => {
  assert.deepEqual(freeRooms({ blue: [MARCH], red: [] }, MARCH), ['red'])
})
