import type { AnyNode } from 'acorn'
import { type Edit, parentOf, type PlacedNode, type Source, textOf } from './source.ts'

/** Every place in a source where one kind of bug can be made, and how. */
export type Operator = (source: Source) => readonly Edit[]

/** Words that take each other's place; a word may have several. */
type Swaps = Readonly<Record<string, readonly string[]>>

const COMPARISONS: Swaps = {
  '<': ['<=', '>'],
  '<=': ['<', '>='],
  '>': ['>=', '<'],
  '>=': ['>', '<='],
  '===': ['!=='],
  '!==': ['==='],
  '==': ['!='],
  '!=': ['=='],
}

const ARITHMETIC: Swaps = {
  '+': ['-'],
  '-': ['+'],
  '*': ['/'],
  '/': ['*'],
  '%': ['/'],
  '&': ['|'],
  '|': ['&'],
  '<<': ['>>'],
  '>>': ['<<'],
  '+=': ['-='],
  '-=': ['+='],
  '*=': ['/='],
  '/=': ['*='],
  '|=': ['&='],
  '&=': ['|='],
  '++': ['--'],
  '--': ['++'],
}

const LOGICAL: Swaps = { '&&': ['||'], '||': ['&&'], '??': ['||'] }

const CALLS: Swaps = {
  push: ['unshift'],
  unshift: ['push'],
  pop: ['shift'],
  shift: ['pop'],
  min: ['max'],
  max: ['min'],
  floor: ['ceil', 'round'],
  ceil: ['floor'],
  round: ['floor'],
  some: ['every'],
  every: ['some'],
  indexOf: ['lastIndexOf'],
  lastIndexOf: ['indexOf'],
  startsWith: ['endsWith'],
  endsWith: ['startsWith'],
  padStart: ['padEnd'],
  padEnd: ['padStart'],
  toLowerCase: ['toUpperCase'],
  toUpperCase: ['toLowerCase'],
  replaceAll: ['replace'],
  keys: ['values'],
  values: ['keys'],
  find: ['findLast'],
  findIndex: ['findLastIndex'],
  flatMap: ['map'],
}

/** `<` for `<=`, `===` for `!==`, and so on. */
export const comparison: Operator = (source) =>
  source.nodes.flatMap(({ node }) =>
    node.type === 'BinaryExpression' ? swappedBetween(source, node, COMPARISONS) : [],
  )

/** `+` for `-`, `+=` for `-=`, `++` for `--`; text that is put together and the steps of `for` loops stay. */
export const arithmetic: Operator = (source) =>
  source.nodes.flatMap((place) => {
    const { node } = place
    if (node.type === 'BinaryExpression' && !isText(node.left) && !isText(node.right)) {
      return swappedBetween(source, node, ARITHMETIC)
    }
    if (node.type === 'AssignmentExpression' && !isText(node.right)) return swappedBetween(source, node, ARITHMETIC)
    if (node.type !== 'UpdateExpression' || parentOf(place)?.type === 'ForStatement') return []
    const at = node.prefix ? node.start : node.end - node.operator.length
    return swapped(at, node.operator, ARITHMETIC)
  })

/** `&&` for `||`, `||` for `??`. */
export const logical: Operator = (source) =>
  source.nodes.flatMap(({ node }) => (node.type === 'LogicalExpression' ? swappedBetween(source, node, LOGICAL) : []))

/** A whole number one too great or one too small. */
export const literal: Operator = (source) =>
  source.nodes.flatMap(({ node }) => {
    if (node.type !== 'Literal' || typeof node.value !== 'number' || !/^\d+$/.test(textOf(source, node))) return []
    const { value } = node
    return [value + 1, value - 1].filter((other) => other >= 0).map((other) => replaced(node, String(other)))
  })

/** `true` for `false`. */
export const boolean: Operator = (source) =>
  source.nodes.flatMap(({ node }) =>
    node.type === 'Literal' && typeof node.value === 'boolean' ? [replaced(node, String(!node.value))] : [],
  )

/** A `!` that is missing, or one too many before a condition. */
export const negation: Operator = (source) =>
  source.nodes.flatMap((place) => {
    const { node } = place
    if (node.type === 'UnaryExpression' && node.operator === '!') {
      return [{ from: node.start, to: node.start + 1, text: '' }]
    }
    return isPlainCondition(place) ? [{ from: node.start, to: node.start, text: '!' }] : []
  })

/** A method in the place of its counterpart: `push` for `unshift`, `min` for `max`. */
export const call: Operator = (source) =>
  source.nodes.flatMap(({ node }) => {
    if (node.type !== 'CallExpression' || node.callee.type !== 'MemberExpression' || node.callee.computed) return []
    const { property } = node.callee
    return property.type === 'Identifier' ? swapped(property.start, property.name, CALLS) : []
  })

/** An `await` that was forgotten. */
export const awaiting: Operator = (source) =>
  source.nodes.flatMap(({ node }) =>
    node.type === 'AwaitExpression' ? [{ from: node.start, to: node.argument.start, text: '' }] : [],
  )

export function replaced(node: Pick<AnyNode, 'start' | 'end'>, text: string): Edit {
  return { from: node.start, to: node.end, text }
}

/** Swaps the operator between `left` and `right`; whatever stands between them besides is left alone. */
function swappedBetween(
  source: Source,
  node: { readonly left: AnyNode; readonly right: AnyNode; readonly operator: string },
  swaps: Swaps,
): readonly Edit[] {
  const at = source.text.indexOf(node.operator, node.left.end)
  return at < 0 || at >= node.right.start ? [] : swapped(at, node.operator, swaps)
}

function swapped(at: number, word: string, swaps: Swaps): readonly Edit[] {
  const others = Object.hasOwn(swaps, word) ? (swaps[word] ?? []) : []
  return others.map((text) => ({ from: at, to: at + word.length, text }))
}

function isText(node: AnyNode): boolean {
  return node.type === 'TemplateLiteral' || (node.type === 'Literal' && typeof node.value === 'string')
}

function isPlainCondition(place: PlacedNode): boolean {
  const { node } = place
  const parent = parentOf(place)
  const isTest = (parent?.type === 'IfStatement' || parent?.type === 'ConditionalExpression') && parent.test === node
  return isTest && ['Identifier', 'CallExpression', 'MemberExpression'].includes(node.type)
}
