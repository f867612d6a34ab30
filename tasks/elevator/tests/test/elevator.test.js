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

test('Elevator.isIdle after the last stop', () => {
  const elevator = new Elevator(3)
  elevator.call(0)
  assert.equal(elevator.isIdle, false)
  elevator.step()
  assert.equal(elevator.isIdle, true)
})

test('Elevator.step serves floors on its way first', () => {
  const elevator = new Elevator(6, 2)
  elevator.call(4)
  elevator.step()
  elevator.call(2)
  elevator.call(5)
  assert.deepEqual(steps(elevator, 8), ['up', 'open', 'up', 'open', 'down', 'down', 'down', 'open'])
})
