import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Elevator } from '../src/elevator.js'

const steps = (elevator, count) => Array.from({ length: count }, () => elevator.step())

test('Elevator.step is idle when nobody calls', () => {
  assert.equal(new Elevator(5).step(), 'idle')
})

test('Elevator.step goes up to who called', () => {
  const elevator = new Elevator(5)
  elevator.call(2)
  assert.deepEqual(steps(elevator, 3), ['up', 'up', 'open'])
})

test('Elevator.step goes down to who called', () => {
  const elevator = new Elevator(5, 3)
  elevator.call(1)
  assert.deepEqual(steps(elevator, 3), ['down', 'down', 'open'])
})

test('Elevator.step opens once per call', () => {
  const elevator = new Elevator(5)
  elevator.call(1)
  assert.deepEqual(steps(elevator, 4), ['up', 'open', 'idle', 'idle'])
})

test('Elevator.call refuses other floors', () => {
  assert.throws(() => new Elevator(5).call(5), RangeError)
})
