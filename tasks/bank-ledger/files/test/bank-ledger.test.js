import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Ledger } from '../src/bank-ledger.js'

const ledgerWith = (balance, options) => {
  const ledger = new Ledger()
  ledger.open('ann', options)
  ledger.open('bob')
  if (balance > 0) ledger.deposit('ann', balance)
  return ledger
}

test('Ledger.deposit adds to the balance', () => {
  assert.equal(ledgerWith(50).balance('ann'), 50)
})

test('Ledger.withdraw takes from the balance', () => {
  const ledger = ledgerWith(50)
  ledger.withdraw('ann', 50)
  assert.equal(ledger.balance('ann'), 0)
})

test('Ledger.withdraw refuses more than there is', () => {
  assert.throws(() => ledgerWith(50).withdraw('ann', 51), /not enough money/)
})

test('Ledger.withdraw may use the overdraft', () => {
  const ledger = ledgerWith(50, { overdraft: 100 })
  ledger.withdraw('ann', 120)
  assert.equal(ledger.balance('ann'), -70)
})

test('Ledger.transfer moves money', () => {
  const ledger = ledgerWith(50)
  ledger.transfer('ann', 'bob', 20)
  assert.deepEqual([ledger.balance('ann'), ledger.balance('bob')], [30, 20])
})

test('Ledger.transfer to nobody changes nothing', () => {
  const ledger = ledgerWith(50)
  assert.throws(() => ledger.transfer('ann', 'eve', 20), /no account eve/)
  assert.equal(ledger.balance('ann'), 50)
})
