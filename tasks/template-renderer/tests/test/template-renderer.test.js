import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lookup, render, renderEach } from '../src/template-renderer.js'

test('lookup follows a path', () => {
  assert.equal(lookup({ a: { b: 5 } }, 'a.b'), 5)
  assert.equal(lookup({}, 'a.b'), undefined)
})

test('render fills in values', () => {
  assert.equal(render('Hi {{ user.name }}!', { user: { name: 'Ann' } }), 'Hi Ann!')
  assert.equal(render('[{{nothing}}]', {}), '[]')
})

test('render applies a filter', () => {
  assert.equal(render('{{name|upper}} {{price|fixed}}', { name: 'tea', price: 2 }), 'TEA 2.00')
})

test('render hands the parameter to the filter', () => {
  assert.equal(render('{{name|truncate:3}}', { name: 'Caroline' }), 'Car…')
})

test('render refuses an unknown filter', () => {
  assert.throws(() => render('{{a|shout}}', { a: 1 }), /unknown filter shout/)
})

test('renderEach joins', () => {
  assert.equal(renderEach('- {{n}}', [{ n: 1 }, { n: 2 }]), '- 1\n- 2')
})

test('render pads', () => {
  assert.equal(render('[{{price|pad:6}}]', { price: 12.5 }), '[  12.5]')
})

test('render rounds', () => {
  assert.equal(render('{{price|fixed:1}}', { price: 3.14159 }), '3.1')
})

test('render truncates only long text', () => {
  assert.equal(render('{{a|truncate:4}} {{b|trim}}', { a: 'four', b: ' x ' }), 'four x')
})
