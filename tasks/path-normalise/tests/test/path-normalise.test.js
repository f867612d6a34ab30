import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isWithin, join, normalise, relative } from '../src/path-normalise.js'

test('normalise drops dots and doubled slashes', () => {
  assert.equal(normalise('/a//b/./c/'), '/a/b/c')
  assert.equal(normalise('./'), '.')
})

test('normalise goes up from a single folder', () => {
  assert.equal(normalise('a/../b'), 'b')
})

test('normalise goes up one folder', () => {
  assert.equal(normalise('/home/ann/../bob'), '/home/bob')
})

test('normalise keeps leading dots of a relative path', () => {
  assert.equal(normalise('../../a'), '../../a')
  assert.equal(normalise('/../a'), '/a')
})

test('join puts parts together', () => {
  assert.equal(join('a', 'b', './c'), 'a/b/c')
  assert.equal(join('a', '/b'), '/b')
})

test('relative is the way between two paths', () => {
  assert.equal(relative('/a/b', '/a/c/d'), '../c/d')
  assert.equal(relative('/a', '/a'), '.')
})

test('normalise goes up several folders', () => {
  assert.equal(normalise('/a/b/c/../../d'), '/a/d')
  assert.equal(normalise('a/b/../../..'), '..')
})

test('join goes up', () => {
  assert.equal(join('/srv/www/site', '../assets/x.css'), '/srv/www/assets/x.css')
})

test('isWithin is not deceived by dots', () => {
  assert.equal(isWithin('/srv/www', '/srv/www/a/../b'), true)
  assert.equal(isWithin('/srv/www', '/srv/www/../secret'), false)
})
