import type { AnyNode, CallExpression } from 'acorn'
import { isFunction, type Place, type SourceModel, textOf } from '../source-model.ts'
import { calledName, type Mutation, operandText, replace } from './mutation.ts'
import { isValue } from './copies.ts'
import { siblings } from './call-names.ts'

/** Calls: another function, other arguments, one around or none. */
export function* calls(place: Place, source: SourceModel): Iterable<Mutation> {
  const { node } = place
  if (node.type === 'CallExpression') {
    yield* siblings(place, source, node)
    yield* argumentOrder(place, source, node)
    yield* argumentCount(place, source, node)
    yield* unwrapped(place, source, node)
  }
  yield* wrapped(place, source)
  if (node.type === 'SpreadElement' && place.parent?.node.type === 'CallExpression') {
    yield replace(place, 'call-argument', node, textOf(source, node.argument), 0.25)
  }
}
function* argumentOrder(place: Place, source: SourceModel, { arguments: given }: CallExpression): Iterable<Mutation> {
  for (const [at, left] of given.entries()) {
    const right = given[at + 1]
    if (right === undefined || isFunction(left) || isFunction(right)) continue
    const between = source.text.slice(left.end, right.start)
    const swapped = textOf(source, right) + between + textOf(source, left)
    yield replace(place, 'operand-order', { start: left.start, end: right.end }, swapped, 0.35)
  }
}

/** Arguments that are usually wanted and easily forgotten. */
const FORGOTTEN: ReadonlyMap<string, readonly [count: number, argument: string, weight: number]> = new Map([
  ['sort', [0, '(a, b) => a - b', 0.7]],
  ['toSorted', [0, '(a, b) => a - b', 0.7]],
  ['parseInt', [1, '10', 0.4]],
  ['join', [0, "''", 0.5]],
  ['flat', [0, 'Infinity', 0.5]],
  ['reduce', [1, '0', 0.5]],
  ['splice', [1, '1', 0.6]],
  ['padStart', [1, "'0'", 0.5]],
  ['slice', [0, '1', 0.3]],
  ['at', [0, '-1', 0.3]],
])

function* argumentCount(place: Place, source: SourceModel, call: CallExpression): Iterable<Mutation> {
  const { arguments: given, end } = call
  const name = calledName(call)
  const close = { start: end - 1, end: end - 1 }
  const comma = given.length === 0 ? '' : ', '
  const [count, argument = '', weight = 0] = FORGOTTEN.get(name) ?? []
  if (given.length === count) yield replace(place, 'call-argument', close, comma + argument, weight)
  for (const fn of source.functions) {
    if (!fn.named || fn.name !== name || fn.parameters.length <= given.length) continue
    const wanted = fn.parameters[given.length] ?? ''
    const there = isDeclared(place, source, wanted)
    if (there) yield replace(place, 'call-argument', close, comma + wanted, 0.6)
    break
  }
  const last = given.at(-1)
  if (last !== undefined && given.length > 1) {
    const before = given.at(-2)?.end ?? last.start
    yield replace(place, 'call-argument', { start: before, end: last.end }, '', 0.12)
  }
  for (const argument of given) {
    if (
      argument.type !== 'SpreadElement' &&
      (name === 'push' || name === 'unshift' || name === 'min' || name === 'max')
    ) {
      if (isValue(argument))
        yield replace(
          place,
          'call-argument',
          argument,
          `...${textOf(source, argument)}`,
          given.length === 1 ? 0.35 : 0.15,
        )
    }
  }
}

function isDeclared({ within }: Place, { moduleNames }: SourceModel, name: string): boolean {
  for (let fn = within; fn !== undefined; fn = fn.parent) if (fn.declared.has(name)) return true
  return moduleNames.has(name)
}

const UNWRAPPED: ReadonlySet<string> = new Set([
  'abs',
  'trim',
  'toLowerCase',
  'toUpperCase',
  'reverse',
  'sort',
  'slice',
  'floor',
  'ceil',
  'round',
  'flat',
  'String',
  'Number',
  'Boolean',
  'toString',
  'filter',
])

/** The call away, what it was made on or with stays. */
function* unwrapped(place: Place, source: SourceModel, node: CallExpression): Iterable<Mutation> {
  const name = calledName(node)
  if (!UNWRAPPED.has(name)) return
  const [first] = node.arguments
  const inner =
    node.callee.type === 'MemberExpression' && textOf(source, node.callee.object) !== 'Math'
      ? node.callee.object
      : first
  if (inner !== undefined) yield replace(place, 'call-wrap', node, textOf(source, inner), 0.2)
}

/** A call around an expression that often needs one. */
function* wrapped(place: Place, source: SourceModel): Iterable<Mutation> {
  const { node, parent, slot } = place
  if (node.type === 'BinaryExpression' && calledName(parent?.node ?? node) === '') {
    const text = textOf(source, node)
    if (node.operator === '/') {
      yield replace(place, 'call-wrap', node, `Math.floor(${text})`, 0.35)
      yield replace(place, 'call-wrap', node, `Math.ceil(${text})`, 0.25)
      yield replace(place, 'call-wrap', node, `Math.round(${text})`, 0.25)
    }
    if (node.operator === '-') {
      yield replace(place, 'call-wrap', node, `Math.abs(${text})`, 0.3)
      yield replace(place, 'call-wrap', node, `Math.max(0, ${text})`, 0.2)
    }
  }
  if (!isValue(node) || !isTextPlace(place)) return
  const text = operandText(source, node)
  const lower = slot === 'key' || usesCase(source)
  yield replace(place, 'call-wrap', node, `${text}.toLowerCase()`, lower ? 0.3 : 0.12)
  yield replace(place, 'call-wrap', node, `${text}.trim()`, source.properties.has('trim') ? 0.25 : 0.12)
}

function usesCase({ properties }: SourceModel): boolean {
  return properties.has('toLowerCase') || properties.has('toUpperCase')
}

/** Where texts are compared, looked up or handed on. */
function isTextPlace({ parent, slot, node }: Place): boolean {
  const holder = parent?.node
  switch (holder?.type) {
    case 'BinaryExpression':
      return /^[!=]==?$/.test(holder.operator) && otherIsText(holder, node)
    case 'CallExpression':
      return (
        slot === 'arguments' &&
        ['has', 'get', 'set', 'includes', 'add', 'indexOf', 'startsWith', 'endsWith', 'split'].includes(
          calledName(holder),
        )
      )
    case 'MemberExpression':
      return slot === 'object' && ['split', 'replace', 'replaceAll', 'match', 'matchAll'].includes(memberName(holder))
    case 'ReturnStatement':
    case 'VariableDeclarator':
      return slot !== 'id'
    default:
      return false
  }
}

function otherIsText({ left, right }: { readonly left: AnyNode; readonly right: AnyNode }, node: AnyNode): boolean {
  const other = left === node ? right : left
  return (
    isValue(other) || other.type === 'CallExpression' || (other.type === 'Literal' && typeof other.value === 'string')
  )
}

function memberName(node: AnyNode): string {
  return node.type === 'MemberExpression' && node.property.type === 'Identifier' ? node.property.name : ''
}
