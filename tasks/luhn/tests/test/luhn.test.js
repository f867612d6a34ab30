import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkDigit, isValid, masked } from '../src/luhn.js';

test('isValid accepts small digits', () => {
  assert.equal(isValid('4242 4242 4242 4242'), true);
});

test('isValid accepts a real number', () => {
  assert.equal(isValid('4539 1488 0343 6467'), true);
});

test('isValid refuses a wrong digit', () => {
  assert.equal(isValid('4242 4242 4242 4243'), false);
});

test('isValid refuses what is no number', () => {
  assert.equal(isValid('hello'), false);
  assert.equal(isValid('0'), false);
});

test('checkDigit completes a number', () => {
  assert.equal(checkDigit('424242424242424'), 2);
});

test('masked shows the last four digits', () => {
  assert.equal(masked('4242-4242-4242-1234'), '•••• •••• •••• 1234');
});

test('isValid accepts numbers with great digits', () => {
  assert.equal(isValid('79927398713'), true);
  assert.equal(isValid('79927398710'), false);
});

test('checkDigit of great digits', () => {
  assert.equal(checkDigit('7992739871'), 3);
  assert.equal(checkDigit('9'), 1);
});

test('isValid accepts what checkDigit completed', () => {
  for (const number of ['55', '678', '99999']) assert.equal(isValid(number + checkDigit(number)), true);
});
