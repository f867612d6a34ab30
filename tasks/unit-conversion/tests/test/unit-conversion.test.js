import assert from 'node:assert/strict'
import { test } from 'node:test'
import { convert, convertText } from '../src/unit-conversion.js'

test('convert knows lengths', () => {
  assert.equal(convert(2, 'km', 'm'), 2000)
  assert.equal(convert(10, 'ft', 'm'), 3.048)
})

test('convert knows masses', () => {
  assert.equal(convert(250, 'g', 'kg'), 0.25)
})

test('convert from Fahrenheit', () => {
  assert.equal(convert(212, 'F', 'C'), 100)
})

test('convert to Fahrenheit', () => {
  assert.equal(convert(100, 'C', 'F'), 212)
})

test('convert refuses units that do not fit', () => {
  assert.throws(() => convert(1, 'm', 'kg'), /length to mass/)
  assert.throws(() => convert(1, 'mile', 'm'), /unknown unit mile/)
})

test('convertText reads a quantity', () => {
  assert.equal(convertText('1.5 km', 'm'), '1500 m')
})

test('convert to Kelvin', () => {
  assert.equal(convert(0, 'C', 'K'), 273.15)
  assert.equal(convert(300, 'K', 'C'), 26.85)
})

test('convert there and back', () => {
  assert.equal(convert(convert(-40, 'C', 'F'), 'F', 'C'), -40)
  assert.equal(convert(72, 'F', 'F'), 72)
})

test('convertText refuses what is no quantity', () => {
  assert.throws(() => convertText('far', 'm'), SyntaxError)
})
