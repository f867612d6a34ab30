import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createMachine } from '../src/state-machine.js'

const order = () =>
  createMachine('new', {
    new: { pay: 'paid', cancel: 'cancelled' },
    paid: { ship: 'sent', cancel: 'cancelled' },
    sent: {},
    cancelled: {},
  })

test('createMachine starts in its first state', () => {
  assert.equal(order().state, 'new')
})

test('createMachine refuses an unknown state', () => {
  assert.throws(() => createMachine('lost', { new: {} }), /unknown state lost/)
})

test('send goes to the next state', () => {
  const machine = order()
  assert.equal(machine.send('pay'), true)
  assert.equal(machine.state, 'paid')
})

test('send of an event that is not allowed changes nothing', () => {
  const machine = order()
  assert.equal(machine.send('ship'), false)
  assert.equal(machine.state, 'new')
})

test('can tells what is allowed', () => {
  assert.equal(order().can('pay'), true)
  assert.equal(order().can('ship'), false)
})

test('onChange hears of changes', () => {
  const machine = order()
  const seen = []
  const stop = machine.onChange(({ from, to }) => seen.push(`${from} > ${to}`))
  machine.send('pay')
  stop()
  machine.send('ship')
  assert.deepEqual(seen, ['new > paid'])
})
