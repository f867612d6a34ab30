import assert from 'node:assert/strict'
import { test } from 'node:test'
import { countByLevel, isAtLeast, select } from '../src/log-filter.js'

const LINES = [
  '10:00 [info] server started',
  '10:01 [debug] disk: 40 % used',
  'a line of a stack trace',
  '10:05 [warn] slow answer',
  '10:07 [error] Disk is full',
  '10:08 [error] no answer',
]
const times = (entries) => entries.map(({ time }) => time)

test('isAtLeast compares levels', () => {
  assert.equal(isAtLeast('error', 'warn'), true)
  assert.equal(isAtLeast('debug', 'info'), false)
})

test('select without conditions takes all entries', () => {
  assert.equal(select(LINES, {}).length, 5)
})

test('select by time', () => {
  assert.deepEqual(times(select(LINES, { since: '10:06' })), ['10:07', '10:08'])
})

test('select by level and text', () => {
  assert.deepEqual(times(select(LINES, { level: 'error', text: 'disk' })), ['10:07'])
})

test('countByLevel counts', () => {
  assert.deepEqual(countByLevel(LINES), { debug: 1, info: 1, warn: 1, error: 2 })
})

test('select by level', () => {
  assert.deepEqual(times(select(LINES, { level: 'warn' })), ['10:05', '10:07', '10:08'])
})

test('select by text', () => {
  assert.deepEqual(times(select(LINES, { text: 'ANSWER' })), ['10:05', '10:08'])
})

test('select by all three', () => {
  assert.deepEqual(times(select(LINES, { level: 'warn', text: 'answer', since: '10:06' })), ['10:08'])
})
