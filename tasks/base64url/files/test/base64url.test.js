import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decode, encode, isBase64url } from '../src/base64url.js'

test('encode writes text', () => {
  assert.equal(encode('Hello'), 'SGVsbG8')
  assert.equal(encode(''), '')
})

test('encode uses the alphabet of URLs', () => {
  assert.equal(encode('~~?>'), 'fn4_Pg')
})

test('decode reads text', () => {
  assert.equal(decode('SGVsbG8'), 'Hello')
})

test('decode of nothing is nothing', () => {
  assert.equal(decode(''), '')
})

test('decode refuses other letters', () => {
  assert.throws(() => decode('ab+/'), SyntaxError)
})

test('isBase64url knows letters and length', () => {
  assert.equal(isBase64url('SGVsbG8'), true)
  assert.equal(isBase64url('SGVsb'), false)
  assert.equal(isBase64url('a/b='), false)
})
