import assert from 'node:assert/strict'
import { test } from 'node:test'
import { covers, Permissions } from '../src/permissions.js'

const permissions = () =>
  new Permissions()
    .role('reader', { allow: ['post.read'] })
    .role('editor', { allow: ['post.*'] })
    .role('probation', { deny: ['post.delete'] })

test('covers knows stars', () => {
  assert.equal(covers('post.*', 'post.read'), true)
  assert.equal(covers('post.*', 'poster'), false)
  assert.equal(covers('*', 'anything'), true)
})

test('Permissions.can allows what a role allows', () => {
  const users = permissions().assign('ann', 'reader')
  assert.equal(users.can('ann', 'post.read'), true)
  assert.equal(users.can('ann', 'post.write'), false)
})

test('Permissions.can of a stranger is false', () => {
  assert.equal(permissions().can('nobody', 'post.read'), false)
})

test('Permissions.can lets a denial win', () => {
  assert.equal(permissions().assign('eve', 'probation', 'editor').can('eve', 'post.delete'), false)
})

test('Permissions.can lets a later denial win', () => {
  assert.equal(permissions().assign('eve', 'editor', 'probation').can('eve', 'post.delete'), false)
})

test('Permissions.assign refuses unknown roles', () => {
  assert.throws(() => permissions().assign('ann', 'king'), /unknown role king/)
})

test('Permissions.can still allows the rest', () => {
  const users = permissions().assign('eve', 'editor', 'probation')
  assert.equal(users.can('eve', 'post.write'), true)
})

test('Permissions.can lets the last of three roles deny', () => {
  assert.equal(permissions().assign('eve', 'reader', 'editor').assign('eve', 'probation').can('eve', 'post.delete'), false)
})

test('Permissions.usersWho leaves denied users out', () => {
  const users = permissions().assign('ann', 'editor').assign('eve', 'editor', 'probation')
  assert.deepEqual(users.usersWho('post.delete'), ['ann'])
})
