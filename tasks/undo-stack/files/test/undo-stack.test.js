import assert from 'node:assert/strict';
import { test } from 'node:test';
import { typing, UndoStack } from '../src/undo-stack.js';

const typed = (...texts) => {
  const stack = new UndoStack('');
  for (const text of texts) stack.run(typing(text));
  return stack;
};

test('UndoStack.run changes the value', () => {
  assert.equal(typed('a', 'b').value, 'ab');
});

test('UndoStack.undo goes back', () => {
  const stack = typed('a', 'b');
  assert.equal(stack.undo(), true);
  assert.equal(stack.value, 'a');
});

test('UndoStack.undo with no past says false', () => {
  assert.equal(typed().undo(), false);
});

test('UndoStack.redo goes forth', () => {
  const stack = typed('a', 'b');
  stack.undo();
  stack.undo();
  stack.redo();
  assert.equal(stack.value, 'a');
  assert.equal(stack.canRedo, true);
});

test('UndoStack.redo does nothing after a new change', () => {
  const stack = typed('a', 'b');
  stack.undo();
  stack.run(typing('c'));
  assert.equal(stack.canRedo, false);
  assert.equal(stack.redo(), false);
  assert.equal(stack.value, 'ac');
});
