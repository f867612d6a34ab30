import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseLine } from '../src/csv-line.js'
import { parseText } from '../src/csv-text.js'

test('parseLine splits at the separator', () => {
  assert.deepEqual(parseLine('a,b,c'), ['a', 'b', 'c'])
  assert.deepEqual(parseLine('a;b', ';'), ['a', 'b'])
})

test('parseLine trims plain fields', () => {
  assert.deepEqual(parseLine(' a , b '), ['a', 'b'])
})

test('parseLine keeps empty fields', () => {
  assert.deepEqual(parseLine(',a,'), ['', 'a', ''])
})

test('parseLine keeps separators and doubled quotes within quotes', () => {
  assert.deepEqual(parseLine('"a,b","say ""hi"""'), ['a,b', 'say "hi"'])
})

test('parseLine trims plain fields after a quoted one', () => {
  assert.deepEqual(parseLine('" a ", b , c '), [' a ', 'b', 'c'])
})

test('parseText makes objects by column', () => {
  assert.deepEqual(parseText('name,age\nAda,36\nAlan,41\n'), [
    { name: 'Ada', age: '36' },
    { name: 'Alan', age: '41' },
  ])
})

test('parseLine trims between two quoted fields', () => {
  assert.deepEqual(parseLine('" x", y  z ," w "'), [' x', 'y  z', ' w '])
})

test('parseText trims after a quoted column', () => {
  assert.deepEqual(parseText('name, city\n"Lee, Ann", Oslo '), [{ name: 'Lee, Ann', city: 'Oslo' }])
})

test('parseLine of an empty line is one empty field', () => {
  assert.deepEqual(parseLine(''), [''])
})
