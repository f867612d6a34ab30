import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromRoman, isRoman, toRoman } from '../src/roman.js';

test('toRoman writes the greatest digits first', () => {
  assert.equal(toRoman(1994), 'MCMXCIV');
  assert.equal(toRoman(3), 'III');
});

test('toRoman refuses what cannot be written', () => {
  assert.throws(() => toRoman(0), RangeError);
  assert.throws(() => toRoman(4000), RangeError);
});

test('fromRoman takes smaller digits away', () => {
  assert.equal(fromRoman('XIV'), 14);
  assert.equal(fromRoman('cd'), 400);
});

test('fromRoman adds equal digits', () => {
  assert.equal(fromRoman('II'), 2);
  assert.equal(fromRoman('XX'), 20);
});

test('fromRoman refuses other letters', () => {
  assert.throws(() => fromRoman('XIA'), SyntaxError);
});

test('isRoman knows what is no number', () => {
  assert.equal(isRoman('abc'), false);
  assert.equal(isRoman(''), false);
});
