import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse, stringify, withQuery } from '../src/query-string.js';

test('parse reads names and values', () => {
  assert.deepEqual(parse('?a=1&b=two%20words&c=x+y'), { a: '1', b: 'two words', c: 'x y' });
});

test('parse reads flags and empty values', () => {
  assert.deepEqual(parse('debug&name='), { debug: '', name: '' });
});

test('parse collects repeated names', () => {
  assert.deepEqual(parse('tag=a&tag=b&tag=c'), { tag: ['a', 'b', 'c'] });
});

test('stringify writes names and values', () => {
  assert.equal(stringify({ a: 1, tag: ['x', 'y'], no: undefined }), 'a=1&tag=x&tag=y');
});

test('stringify escapes spaces', () => {
  assert.equal(stringify({ q: 'two words' }), 'q=two%20words');
});

test('parse undoes stringify', () => {
  const values = { q: 'salt & pepper', page: '2' };
  assert.deepEqual(parse(stringify(values)), values);
});

test('withQuery changes parameters', () => {
  assert.equal(withQuery('/list?page=1&sort=name', { page: 2 }), '/list?page=2&sort=name');
});

test('stringify escapes every sign with a meaning', () => {
  assert.equal(stringify({ x: 'a=b&c+d?e#f' }), 'x=a%3Db%26c%2Bd%3Fe%23f');
});

test('parse undoes stringify for a plus sign', () => {
  assert.deepEqual(parse(stringify({ sum: '1+1' })), { sum: '1+1' });
});

test('withQuery removes parameters', () => {
  assert.equal(withQuery('/list?page=1', { page: undefined }), '/list');
});
