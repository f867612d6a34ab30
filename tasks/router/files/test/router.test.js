import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Router } from '../src/router.js'

const router = new Router()
  .add('/', 'home')
  .add('/users', 'users')
  .add('/users/:id', 'user')
  .add('/users/:id/posts/:post', 'post')
  .add('/files/*', 'files')

test('Router.match finds fixed paths', () => {
  assert.equal(router.match('/').handler, 'home')
  assert.equal(router.match('/users/').handler, 'users')
})

test('Router.match takes parameters from the path', () => {
  assert.deepEqual(router.match('/users/42'), { handler: 'user', params: { id: '42' } })
})

test('Router.match takes the rest of a path', () => {
  assert.deepEqual(router.match('/files/a/b.txt').params, { rest: 'a/b.txt' })
})

test('Router.match leaves the query out', () => {
  assert.equal(router.match('/users?page=2').handler, 'users')
})

test('Router.match of an unknown path is undefined', () => {
  assert.equal(router.match('/users/1/posts'), undefined)
  assert.equal(router.match('/nothing'), undefined)
})
