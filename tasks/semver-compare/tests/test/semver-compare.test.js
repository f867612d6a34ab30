import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compare, latest } from '../src/semver-compare.js'

test('compare goes by the numbers', () => {
  assert.equal(compare('1.2.3', '1.2.4'), -1)
  assert.equal(compare('1.10.0', '1.9.9'), 1)
  assert.equal(compare('v2.0.0', '2.0.0+build.7'), 0)
})

test('compare puts a pre-release before its release', () => {
  assert.equal(compare('1.0.0-rc.1', '1.0.0'), -1)
  assert.equal(compare('1.0.0', '1.0.0-rc.1'), 1)
})

test('compare orders words and numbers of pre-releases', () => {
  assert.equal(compare('1.0.0-alpha', '1.0.0-beta'), -1)
  assert.equal(compare('1.0.0-rc.11', '1.0.0-rc.2'), 1)
})

test('compare puts numbers before words', () => {
  assert.equal(compare('1.0.0-alpha.1', '1.0.0-alpha.beta'), -1)
})

test('compare puts the shorter pre-release first', () => {
  assert.equal(compare('1.0.0-alpha', '1.0.0-alpha.1'), -1)
})

test('compare refuses what is no version', () => {
  assert.throws(() => compare('1.0', '1.0.0'), TypeError)
})

test('compare puts words after numbers', () => {
  assert.equal(compare('1.0.0-beta', '1.0.0-7'), 1)
  assert.equal(compare('1.0.0-7', '1.0.0-beta'), -1)
})

test('latest finds the greatest', () => {
  assert.equal(latest(['1.0.0-alpha.9', '1.0.0-alpha.x', '0.9.0']), '1.0.0-alpha.x')
  assert.equal(latest(['1.2.0', '1.10.0', '1.9.0']), '1.10.0')
})
