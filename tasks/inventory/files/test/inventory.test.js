import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Inventory } from '../src/inventory.js';

const stocked = () => {
  const inventory = new Inventory();
  inventory.receive('bolt', 10);
  return inventory;
};

test('Inventory.receive adds stock', () => {
  const inventory = stocked();
  inventory.receive('bolt', 5);
  assert.equal(inventory.onHand('bolt'), 15);
  assert.equal(inventory.onHand('nut'), 0);
});

test('Inventory.reserve lowers what is available', () => {
  const inventory = stocked();
  assert.equal(inventory.reserve('bolt', 4), true);
  assert.equal(inventory.available('bolt'), 6);
  assert.equal(inventory.onHand('bolt'), 10);
});

test('Inventory.reserve refuses more than is available', () => {
  const inventory = stocked();
  inventory.reserve('bolt', 8);
  assert.equal(inventory.reserve('bolt', 3), false);
});

test('Inventory.release makes stock available again', () => {
  const inventory = stocked();
  inventory.reserve('bolt', 4);
  inventory.release('bolt', 4);
  assert.equal(inventory.available('bolt'), 10);
});

test('Inventory.ship takes stock off the shelf', () => {
  const inventory = stocked();
  inventory.reserve('bolt', 4);
  inventory.ship('bolt', 4);
  assert.equal(inventory.onHand('bolt'), 6);
  assert.equal(inventory.available('bolt'), 6);
});
