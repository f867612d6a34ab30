import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatDuration, parseDuration } from '../src/duration-format.js'

test('formatDuration shows seconds', () => {
  assert.equal(formatDuration(0), '0s')
  assert.equal(formatDuration(59_999), '59s')
})

test('formatDuration shows minutes', () => {
  assert.equal(formatDuration(61_000), '1m 01s')
  assert.equal(formatDuration(45 * 60_000), '45m 00s')
})

test('formatDuration shows hours and days', () => {
  assert.equal(formatDuration(4_803_000), '1h 20m 03s')
  assert.equal(formatDuration(90_000_000), '1d 01h 00m 00s')
})

test('formatDuration shows a sign', () => {
  assert.equal(formatDuration(-5_000), '-5s')
})

test('parseDuration adds all parts', () => {
  assert.equal(parseDuration('1h 30m'), 5_400_000)
  assert.equal(parseDuration('250ms'), 250)
})

test('parseDuration knows what is no duration', () => {
  assert.equal(parseDuration('soon'), undefined)
  assert.equal(parseDuration('5m later'), undefined)
})
