import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Hall, seatNames } from '../src/seat-booking.js'

test('seatNames goes row by row', () => {
  assert.deepEqual(seatNames(2, 2), ['A1', 'A2', 'B1', 'B2'])
})

test('Hall.book takes seats', () => {
  const hall = new Hall(2, 3)
  assert.equal(hall.book('Ann', ['A1', 'A2']), 2)
  assert.equal(hall.isFree('A1'), false)
  assert.deepEqual(hall.seatsOf('Ann'), ['A1', 'A2'])
})

test('Hall.book refuses seats that are taken or do not exist', () => {
  const hall = new Hall(2, 3)
  hall.book('Ann', ['A1'])
  assert.throws(() => hall.book('Bob', ['A1']), /A1 is not free/)
  assert.throws(() => hall.book('Bob', ['Z9']), /Z9 is not free/)
})

test('Hall.book that is refused takes no seat', () => {
  const hall = new Hall(2, 3)
  hall.book('Ann', ['A1', 'A2'])
  assert.throws(() => hall.book('Bob', ['A3', 'A2']), RangeError)
  assert.equal(hall.isFree('A3'), true)
})

test('Hall.cancel frees seats', () => {
  const hall = new Hall(1, 2)
  hall.book('Ann', ['A1', 'A2'])
  assert.equal(hall.cancel('Ann'), 2)
  assert.deepEqual(hall.free, ['A1', 'A2'])
})
