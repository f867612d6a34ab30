import assert from 'node:assert/strict'
import { test } from 'node:test'
import { evaluate } from '../src/expression-evaluator.js'

test('evaluate knows numbers and signs', () => {
  assert.equal(evaluate('42'), 42)
  assert.equal(evaluate('-2.5'), -2.5)
})

test('evaluate multiplies before it adds', () => {
  assert.equal(evaluate('2 + 3 * 4'), 14)
  assert.equal(evaluate('2 * 3 + 4'), 10)
})

test('evaluate subtracts from left to right', () => {
  assert.equal(evaluate('10 - 4 - 3'), 3)
})

test('evaluate does brackets first', () => {
  assert.equal(evaluate('(2 + 3) * 4'), 20)
  assert.equal(evaluate('10 - (4 - 3)'), 9)
})

test('evaluate knows variables', () => {
  assert.equal(evaluate('2 * width', { width: 21 }), 42)
})

test('evaluate refuses what is no expression', () => {
  for (const source of ['2 +', '(2', '2 3', '$']) assert.throws(() => evaluate(source), SyntaxError)
})

test('evaluate divides from left to right', () => {
  assert.equal(evaluate('100 / 10 / 5'), 2)
  assert.equal(evaluate('100 / 10 * 5'), 50)
})

test('evaluate mixes differences and products', () => {
  assert.equal(evaluate('20 - 2 * 3 - 4 + 1'), 11)
  assert.equal(evaluate('-(1 - 2 - 3)'), 4)
})
