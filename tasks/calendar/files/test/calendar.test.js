import assert from 'node:assert/strict'
import { test } from 'node:test'
import { daysInMonth, isLeapYear, monthRows, shiftMonth, weekday } from '../src/calendar.js'

test('isLeapYear knows the rule of the centuries', () => {
  assert.deepEqual([2023, 2024, 1900, 2000].map(isLeapYear), [false, true, false, true])
})

test('daysInMonth knows short months', () => {
  assert.deepEqual([1, 2, 4].map((month) => daysInMonth(2024, month)), [31, 29, 30])
})

test('monthRows holds all days', () => {
  assert.equal(monthRows(2024, 5).flat().filter((day) => day !== null).length, 31)
})

test('monthRows begins on the right weekday', () => {
  assert.deepEqual(monthRows(2024, 5)[0], [null, null, 1, 2, 3, 4, 5])
})

test('shiftMonth goes over the turn of the year', () => {
  assert.deepEqual(shiftMonth({ year: 2023, month: 12 }, 1), { year: 2024, month: 1 })
  assert.deepEqual(shiftMonth({ year: 2024, month: 1 }, -1), { year: 2023, month: 12 })
})

test('weekday is a number from 0 to 6', () => {
  for (let day = 1; day <= 7; day++) assert.ok([0, 1, 2, 3, 4, 5, 6].includes(weekday(2024, 3, day)))
})
