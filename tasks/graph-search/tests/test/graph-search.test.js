import assert from 'node:assert/strict'
import { test } from 'node:test'
import { distance, graphOf, reachable, shortestPath } from '../src/graph-search.js'

const LINE = graphOf([['A', 'B'], ['B', 'C'], ['C', 'D'], ['X', 'Y']])

test('graphOf links both ways', () => {
  assert.deepEqual(LINE.get('B'), ['A', 'C'])
})

test('reachable finds what is connected, nearest first', () => {
  assert.deepEqual(reachable(LINE, 'A'), ['A', 'B', 'C', 'D'])
})

test('shortestPath from a node to itself is that node', () => {
  assert.deepEqual(shortestPath(LINE, 'A', 'A'), ['A'])
})

test('shortestPath names all nodes of the way', () => {
  assert.deepEqual(shortestPath(LINE, 'A', 'D'), ['A', 'B', 'C', 'D'])
})

test('shortestPath is undefined when there is no way', () => {
  assert.equal(shortestPath(LINE, 'A', 'X'), undefined)
})

test('distance is -1 when there is no way', () => {
  assert.equal(distance(LINE, 'Y', 'C'), -1)
})

test('shortestPath takes the shorter of two ways', () => {
  const graph = graphOf([['a', 'b'], ['b', 'c'], ['c', 'd'], ['a', 'e'], ['e', 'd']])
  assert.deepEqual(shortestPath(graph, 'a', 'd'), ['a', 'e', 'd'])
})

test('distance counts steps', () => {
  assert.equal(distance(LINE, 'A', 'D'), 3)
  assert.equal(distance(LINE, 'B', 'A'), 1)
  assert.equal(distance(LINE, 'B', 'B'), 0)
})
