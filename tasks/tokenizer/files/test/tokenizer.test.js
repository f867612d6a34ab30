import assert from 'node:assert/strict'
import { test } from 'node:test'
import { tokenize } from '../src/tokenizer.js'

const values = (source) => tokenize(source).map((token) => token.value)

test('tokenize tells words, numbers and signs apart', () => {
  assert.deepEqual(tokenize('x1 + 2.5'), [
    { type: 'word', value: 'x1' },
    { type: 'sign', value: '+' },
    { type: 'number', value: 2.5 },
  ])
})

test('tokenize takes two signs together', () => {
  assert.deepEqual(values('a<=b&&!c'), ['a', '<=', 'b', '&&', '!', 'c'])
})

test('tokenize takes a text as one token', () => {
  assert.deepEqual(values('name = "a b"'), ['name', '=', 'a b'])
})

test('tokenize understands quotes within a text', () => {
  assert.deepEqual(values('name = "a \\"b\\" c"'), ['name', '=', 'a "b" c'])
})

test('tokenize refuses a text without end', () => {
  assert.throws(() => tokenize('"abc'), SyntaxError)
})

test('tokenize refuses unknown characters', () => {
  assert.throws(() => tokenize('a # b'), /"#" at 2/)
})
