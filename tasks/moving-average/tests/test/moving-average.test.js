import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MovingAverage, movingAverages, smoothed } from '../src/moving-average.js'

test('MovingAverage has no value at first', () => {
  assert.equal(new MovingAverage(3).value, undefined)
})

test('MovingAverage.add is the mean of what is there', () => {
  const average = new MovingAverage(3)
  assert.deepEqual([1, 2, 3].map((number) => average.add(number)), [1, 1.5, 2])
})

test('MovingAverage.add forgets the oldest number', () => {
  const average = new MovingAverage(3)
  for (const number of [1, 2, 3, 10]) average.add(number)
  assert.equal(average.add(20), 11)
})

test('MovingAverage.reset begins anew', () => {
  const average = new MovingAverage(2)
  average.add(100)
  average.reset()
  assert.equal(average.add(4), 4)
})

test('movingAverages with a window of 1 are the numbers', () => {
  assert.deepEqual(movingAverages([4, 5, 6], 1), [4, 5, 6])
})

test('smoothed follows slowly', () => {
  assert.deepEqual(smoothed([0, 8, 8], 0.5), [0, 4, 6])
})

test('movingAverages has one value per full window', () => {
  assert.deepEqual(movingAverages([2, 4, 6, 8], 2), [3, 5, 7])
})

test('movingAverages of a falling list', () => {
  assert.deepEqual(movingAverages([9, 6, 3, 0, -3], 3), [6, 3, 0])
})

test('movingAverages of a list that is too short', () => {
  assert.deepEqual(movingAverages([1, 2], 3), [])
})
