import type { AnyNode } from 'acorn'
import { linesOf, type PlacedNode, siblingsOf, type Source, textOf } from './source.ts'
import type { Operator } from './token-operators.ts'

/** A guard that is missing: `if (…) return`, `throw`, `continue` or `break`. */
export const guard: Operator = (source) =>
  source.nodes.flatMap((place) => (isGuard(place.node) ? removed(source, place) : []))

/** A statement that is missing: an assignment, a step or a call that changes some state. */
export const statement: Operator = (source) =>
  source.nodes.flatMap((place) => (changesState(place.node) ? removed(source, place) : []))

/** Two statements of one line each in the wrong order. */
export const order: Operator = (source) =>
  source.nodes.flatMap((place) => {
    const siblings = siblingsOf(place)
    const { node } = place
    const next = siblings?.[siblings.indexOf(node) + 1]
    if (next === undefined || !isMovable(source, node) || !isMovable(source, next)) return []
    const [left, right] = [textOf(source, node), textOf(source, next)]
    if (left === right) return []
    return [{ from: node.start, to: next.end, text: right + source.text.slice(node.end, next.start) + left }]
  })

function removed(source: Source, place: PlacedNode): ReturnType<Operator> {
  return siblingsOf(place) === undefined ? [] : [{ ...linesOf(source, place.node), text: '' }]
}

function isGuard(node: AnyNode): boolean {
  if (node.type !== 'IfStatement' || node.alternate) return false
  const { consequent } = node
  const [only, ...more] = consequent.type === 'BlockStatement' ? consequent.body : [consequent]
  return more.length === 0 && only !== undefined && LEAVING.has(only.type)
}

const LEAVING: ReadonlySet<string> = new Set<AnyNode['type']>([
  'ReturnStatement',
  'ThrowStatement',
  'ContinueStatement',
  'BreakStatement',
])

function changesState(node: AnyNode): boolean {
  if (node.type !== 'ExpressionStatement') return false
  const { type } = node.expression
  return type === 'AssignmentExpression' || type === 'UpdateExpression' || type === 'CallExpression'
}

function isMovable(source: Source, node: AnyNode): boolean {
  return node.type === 'ExpressionStatement' && !textOf(source, node).includes('\n')
}
