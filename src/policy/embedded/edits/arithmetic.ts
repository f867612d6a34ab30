import type { AnyNode, BinaryExpression } from 'acorn'
import { type Place, type SourceModel, textOf } from '../source-model.ts'
import { calledName, type Mutation, operandText, replace, replaceBetween } from './mutation.ts'

const SIGNS: Readonly<Record<string, readonly (readonly [sign: string, weight: number])[]>> = {
  '+': [
    ['-', 0.55],
    ['*', 0.3],
  ],
  '-': [
    ['+', 0.6],
    ['/', 0.2],
    ['%', 0.15],
  ],
  '*': [
    ['/', 0.45],
    ['+', 0.35],
    ['**', 0.15],
  ],
  '/': [
    ['*', 0.45],
    ['%', 0.3],
    ['-', 0.15],
  ],
  '%': [
    ['/', 0.3],
    ['*', 0.1],
  ],
  '**': [['*', 0.35]],
  '<<': [['>>', 0.4]],
  '>>': [
    ['<<', 0.4],
    ['>>>', 0.4],
  ],
  '&': [['|', 0.4]],
  '|': [['&', 0.4]],
}

/** Operators between numbers, their order and grouping, and one too many or too few. */
export function* arithmetic(place: Place, source: SourceModel): Iterable<Mutation> {
  yield* offsets(place, source)
  const { node } = place
  yield* bits(place, source)
  yield* indexOrder(place, source)
  if (node.type !== 'BinaryExpression' || node.left.type === 'PrivateIdentifier') return
  const { left, right, operator } = node
  const joins = operator === '+' && (isText(left) || isText(right))
  for (const [sign, weight] of joins ? [] : (SIGNS[operator] ?? [])) {
    yield replaceBetween(place, source, 'arithmetic', { left, right, operator }, sign, weight)
  }
  if (operator === '-' || operator === '/' || operator === '%' || joins) {
    const swapped = `${operandText(source, right)} ${operator} ${operandText(source, left)}`
    yield replace(place, 'operand-order', node, swapped, operator === '-' ? 0.5 : 0.25)
  }
  if ((operator === '+' || operator === '-') && isOne(right)) {
    yield replace(place, 'offset', node, textOf(source, left), 0.55)
  }
  if (operator === '+' && isOne(left)) yield replace(place, 'offset', node, textOf(source, right), 0.4)
  if (SIGNS[operator] !== undefined && !joins) {
    yield replace(place, 'clause', node, textOf(source, left), 0.18)
    yield* regrouped(place, source, node, left)
  }
}

const SUMS: ReadonlySet<string> = new Set(['+', '-'])
const PRODUCTS: ReadonlySet<string> = new Set(['*', '/', '%'])

/** `a + b / c` and `(a + b) / c`. */
function* regrouped(
  place: Place,
  source: SourceModel,
  { operator, right, end, start }: BinaryExpression,
  left: AnyNode,
): Iterable<Mutation> {
  if (SUMS.has(operator) && right.type === 'BinaryExpression' && PRODUCTS.has(right.operator)) {
    const [a, b, c] = [textOf(source, left), textOf(source, right.left), textOf(source, right.right)]
    const bare = source.text.slice(right.end, end).trim() === ''
    if (bare) yield replace(place, 'grouping', { start, end }, `(${a} ${operator} ${b}) ${right.operator} ${c}`, 0.45)
  }
  if (PRODUCTS.has(operator) && left.type === 'BinaryExpression' && SUMS.has(left.operator)) {
    const [a, b, c] = [textOf(source, left.left), textOf(source, left.right), textOf(source, right)]
    yield replace(place, 'grouping', { start, end }, `${a} ${left.operator} ${b} ${operator} ${c}`, 0.3)
  }
}

/** `a & b` and `a & ~b`. */
function* bits(place: Place, source: SourceModel): Iterable<Mutation> {
  const { node } = place
  const masked =
    (node.type === 'BinaryExpression' && node.operator === '&') ||
    (node.type === 'AssignmentExpression' && node.operator === '&=')
  if (masked && node.right.type !== 'UnaryExpression') {
    yield replace(place, 'negation', node.right, `~${operandText(source, node.right)}`, 0.5)
  }
  if (node.type === 'UnaryExpression' && node.operator === '~') {
    yield replace(place, 'negation', node, textOf(source, node.argument), 0.3)
  }
}

/** `a[i][j]` and `a[j][i]`. */
function* indexOrder(place: Place, source: SourceModel): Iterable<Mutation> {
  const { node } = place
  if (node.type !== 'MemberExpression' || !node.computed || node.object.type !== 'MemberExpression') return
  if (!node.object.computed) return
  const [first, second] = [textOf(source, node.object.property), textOf(source, node.property)]
  yield replace(place, 'operand-order', node, `${textOf(source, node.object.object)}[${second}][${first}]`, 0.45)
}

const RANGE_CALLS: ReadonlySet<string> = new Set([
  'slice',
  'substring',
  'substr',
  'splice',
  'at',
  'charAt',
  'charCodeAt',
  'indexOf',
  'repeat',
  'padStart',
  'padEnd',
  'Array',
  'min',
  'max',
])
const BOUNDS: ReadonlySet<string> = new Set(['<', '<=', '>', '>=', '===', '==', '!==', '!='])

/** One more or one less where a position or a bound stands. */
function* offsets(place: Place, source: SourceModel): Iterable<Mutation> {
  const { node } = place
  if (node.type === 'Literal' || !isOffsetPlace(place)) return
  if (
    node.type !== 'Identifier' &&
    node.type !== 'MemberExpression' &&
    node.type !== 'BinaryExpression' &&
    node.type !== 'CallExpression'
  )
    return
  if (node.type === 'Identifier' && node.name === 'undefined') return
  if (
    node.type === 'BinaryExpression' &&
    (node.left.type === 'PrivateIdentifier' || !SUMS.has(node.operator) || isOne(node.right))
  )
    return
  const returned = place.parent?.node.type === 'ReturnStatement'
  if ((node.type === 'CallExpression' || returned) && !isNumber(node, source)) return
  const length = node.type === 'MemberExpression' && /\.(?:length|size)$/.test(textOf(source, node))
  const weight = length ? 0.45 : 0.3
  const text = textOf(source, node)
  yield replace(place, 'offset', node, `${text} - 1`, weight)
  yield replace(place, 'offset', node, `${text} + 1`, weight)
}

/** Whether an expression is surely a number. */
function isNumber(node: AnyNode, source: SourceModel): boolean {
  if (node.type === 'BinaryExpression') return !isText(node.left) && !isText(node.right)
  return /\.(?:length|size)$|^Math\.|\.(?:indexOf|lastIndexOf|findIndex)\(/.test(textOf(source, node))
}

function isOffsetPlace({ parent, slot }: Place): boolean {
  const holder = parent?.node
  switch (holder?.type) {
    case 'MemberExpression':
      return slot === 'property' && holder.computed
    case 'CallExpression':
      return slot === 'arguments' && RANGE_CALLS.has(calledName(holder))
    case 'BinaryExpression':
      return slot === 'right' && BOUNDS.has(holder.operator)
    case 'ReturnStatement':
      return true
    default:
      return false
  }
}

function isOne(node: AnyNode): boolean {
  return node.type === 'Literal' && node.value === 1
}

function isText(node: AnyNode): boolean {
  if (node.type === 'TemplateLiteral' || (node.type === 'Literal' && typeof node.value === 'string')) return true
  return node.type === 'BinaryExpression' && node.operator === '+' && (isText(node.left) || isText(node.right))
}
