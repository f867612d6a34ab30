import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unzip, zip, zipLongest, zipObject, zipWith } from '../src/zip.js';

test('zip puts items together', () => {
  assert.deepEqual(zip(['a', 'b'], [1, 2], [true, false]), [['a', 1, true], ['b', 2, false]]);
});

test('zip ends with the shortest list', () => {
  assert.deepEqual(zip(['a', 'b', 'c'], [1, 2]), [['a', 1], ['b', 2]]);
});

test('zip of nothing is nothing', () => {
  assert.deepEqual(zip(), []);
});

test('zipLongest fills gaps', () => {
  assert.deepEqual(zipLongest([['a', 'b'], [1]], 0), [['a', 1], ['b', 0]]);
});

test('unzip undoes zip', () => {
  assert.deepEqual(unzip([['a', 1], ['b', 2]]), [['a', 'b'], [1, 2]]);
});

test('zipWith combines items', () => {
  assert.deepEqual(zipWith((left, right) => left + right, [1, 2], [10, 20]), [11, 22]);
});
