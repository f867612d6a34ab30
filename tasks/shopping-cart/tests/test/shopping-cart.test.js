import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Cart } from '../src/shopping-cart.js'

test('Cart.totals adds lines up', () => {
  const cart = new Cart().add('tea', 350, 2).add('cup', 900)
  assert.deepEqual(cart.totals(), { subtotal: 1600, discount: 0, tax: 0, total: 1600 })
})

test('Cart.totals adds tax', () => {
  assert.equal(new Cart({ taxRate: 0.2 }).add('pan', 1000).totals().total, 1200)
})

test('Cart.totals takes a discount off', () => {
  assert.equal(new Cart().add('pan', 1000).useCode('TENOFF').totals().total, 900)
})

test('Cart.totals adds tax to what is paid', () => {
  const { tax, total } = new Cart({ taxRate: 0.2 }).add('pan', 10_000).useCode('TENOFF').totals()
  assert.equal(tax, 1800)
  assert.equal(total, 10_800)
})

test('Cart.totals never goes below zero', () => {
  assert.equal(new Cart().add('pin', 300).useCode('FIVE').totals().total, 0)
})

test('Cart.remove takes items out', () => {
  assert.equal(new Cart().add('tea', 350, 3).remove('tea', 2).count, 1)
  assert.equal(new Cart().add('tea', 350, 3).remove('tea').count, 0)
})

test('Cart.totals has no tax on what is free', () => {
  const cart = new Cart({ taxRate: 0.5 }).add('pin', 300).useCode('FIVE')
  assert.deepEqual(cart.totals(), { subtotal: 300, discount: 300, tax: 0, total: 0 })
})

test('Cart.totals with a fixed discount', () => {
  assert.equal(new Cart({ taxRate: 0.1 }).add('pan', 1500).useCode('FIVE').totals().total, 1100)
})

test('Cart.totals ignores unknown codes', () => {
  assert.equal(new Cart().add('pan', 1500).useCode('FREE').totals().total, 1500)
})
