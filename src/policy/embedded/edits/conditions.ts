import type { AnyNode } from 'acorn'
import { type Place, type SourceModel, textOf } from '../source-model.ts'
import { calledName, type Mutation, operandText, replace, replaceBetween } from './mutation.ts'

/** Conditions: how clauses are joined, one too many, turned round, and what counts as nothing. */
export function* conditions(place: Place, source: SourceModel): Iterable<Mutation> {
  const { node } = place
  if (node.type === 'LogicalExpression') yield* joined(place, source, node)
  if (node.type === 'UnaryExpression' && node.operator === '!') {
    yield replace(place, 'negation', node, textOf(source, node.argument), 0.45)
    if (isValue(node.argument) && !TRUTH_NAME.test(textOf(source, node.argument))) {
      yield replace(place, 'truthiness', node, `${textOf(source, node.argument)} === undefined`, 0.45)
    }
  }
  if (node.type === 'UnaryExpression' && node.operator === '-') {
    yield replace(place, 'arithmetic', node, textOf(source, node.argument), 0.2)
  }
  if (node.type === 'ConditionalExpression') {
    const [yes, no] = [textOf(source, node.consequent), textOf(source, node.alternate)]
    const between = source.text.slice(node.consequent.end, node.alternate.start)
    const swapped = { start: node.consequent.start, end: node.alternate.end }
    yield replace(place, 'negation', swapped, `${no}${between}${yes}`, 0.3)
  }
  if (isTest(place) || isAnswer(place)) yield* turned(place, source)
}

function* joined(
  place: Place,
  source: SourceModel,
  node: Extract<AnyNode, { type: 'LogicalExpression' }>,
): Iterable<Mutation> {
  const { operator, left, right } = node
  const mixes = [left, right, place.parent?.node].some((other) => other?.type === 'LogicalExpression')
  if (operator === '??') {
    if (!mixes) yield replaceBetween(place, source, 'logical', node, '||', 0.3)
  } else {
    yield replaceBetween(place, source, 'logical', node, operator === '&&' ? '||' : '&&', 0.55)
  }
  if (operator === '||' && !mixes)
    yield replaceBetween(place, source, 'truthiness', node, '??', isTest(place) ? 0.1 : 0.6)
  yield replace(place, 'clause', node, textOf(source, left), 0.35)
  yield replace(place, 'clause', node, textOf(source, right), 0.35)
}

function* turned(place: Place, source: SourceModel): Iterable<Mutation> {
  const { node } = place
  if (node.type === 'BinaryExpression') return
  if (node.type !== 'UnaryExpression') yield replace(place, 'negation', node, `!${operandText(source, node)}`, 0.4)
  if (isValue(node) && isTest(place) && !TRUTH_NAME.test(textOf(source, node))) {
    yield replace(place, 'truthiness', node, `${textOf(source, node)} !== undefined`, 0.45)
  }
}

/** A name that says it is true or false. */
const TRUTH_NAME = /(?:^|\.#?)(?:is|has|was|can|should|may)[A-Z]\w*$/

function isTest({ parent, slot }: Place): boolean {
  if (slot === 'test') return true
  return parent?.node.type === 'LogicalExpression' && parent.node.operator !== '??' && isTest(parent)
}

/** A clause, or what a callback that chooses says: `list.filter((each) => isWanted(each))`. */
function isAnswer({ parent, slot, node }: Place): boolean {
  if (parent?.node.type === 'LogicalExpression' && parent.node.operator === '&&') {
    return node.type !== 'LogicalExpression'
  }
  return (
    slot === 'body' &&
    parent?.node.type === 'ArrowFunctionExpression' &&
    CHOOSERS.has(calledName(parent.parent?.node ?? node))
  )
}

const CHOOSERS: ReadonlySet<string> = new Set([
  'filter',
  'some',
  'every',
  'find',
  'findIndex',
  'findLast',
  'findLastIndex',
])

function isValue(node: AnyNode): boolean {
  return node.type === 'Identifier' || node.type === 'MemberExpression'
}

/** `true` and `false`. */
export function* booleans(place: Place): Iterable<Mutation> {
  const { node } = place
  if (node.type === 'Literal' && typeof node.value === 'boolean') {
    yield replace(place, 'boolean', node, String(!node.value), 0.5)
  }
}
