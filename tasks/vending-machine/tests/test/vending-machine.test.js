import assert from 'node:assert/strict'
import { test } from 'node:test'
import { change } from '../src/change.js'
import { VendingMachine } from '../src/vending-machine.js'

const machine = () => {
  const filled = new VendingMachine()
  filled.stock('cola', 150, 2)
  return filled
}

test('change takes the greatest coins', () => {
  assert.deepEqual(change(88), [50, 20, 10, 5, 2, 1])
})

test('VendingMachine.buy gives the product and change', () => {
  const filled = machine()
  filled.insert(200)
  assert.deepEqual(filled.buy('cola'), { product: 'cola', change: [50] })
})

test('VendingMachine.buy refuses too little money', () => {
  const filled = machine()
  filled.insert(100)
  assert.throws(() => filled.buy('cola'), /50 more needed/)
})

test('VendingMachine.buy takes the money', () => {
  const filled = machine()
  filled.insert(200)
  filled.buy('cola')
  assert.throws(() => filled.buy('cola'), /150 more needed/)
})

test('VendingMachine.cancel gives the coins back', () => {
  const filled = machine()
  filled.insert(100)
  filled.insert(20)
  assert.deepEqual(filled.cancel(), [100, 20])
  assert.equal(filled.credit, 0)
})

test('VendingMachine has no credit after a sale', () => {
  const filled = machine()
  filled.insert(200)
  filled.buy('cola')
  assert.equal(filled.credit, 0)
  assert.deepEqual(filled.cancel(), [])
})

test('VendingMachine sells until it is empty', () => {
  const filled = machine()
  for (const time of [1, 2]) {
    filled.insert(100)
    filled.insert(50)
    assert.deepEqual(filled.buy('cola').change, [], `sale ${time}`)
  }
  filled.insert(200)
  assert.throws(() => filled.buy('cola'), /sold out/)
  assert.deepEqual(filled.cancel(), [200])
})
