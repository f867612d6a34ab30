import type { Place, SourceModel } from '../source-model.ts'
import { textOf } from '../source-model.ts'
import { type Mutation, replace, replaceBetween } from './mutation.ts'

const SIGNS: Readonly<Record<string, readonly (readonly [sign: string, weight: number])[]>> = {
  '=': [
    ['+=', 0.35],
    ['-=', 0.12],
    ['??=', 0.15],
  ],
  '+=': [
    ['=', 0.35],
    ['-=', 0.45],
    ['*=', 0.15],
  ],
  '-=': [
    ['=', 0.25],
    ['+=', 0.5],
  ],
  '*=': [
    ['/=', 0.4],
    ['+=', 0.4],
    ['=', 0.2],
  ],
  '/=': [['*=', 0.4]],
  '%=': [['/=', 0.3]],
  '||=': [['??=', 0.6]],
  '&&=': [['||=', 0.4]],
  '??=': [['=', 0.3]],
}

/** Assignments: added to or set, up or down, before or after. */
export function* assignments(place: Place, source: SourceModel): Iterable<Mutation> {
  const { node, parent } = place
  if (node.type === 'UpdateExpression') {
    const other = node.operator === '++' ? '--' : '++'
    const name = textOf(source, node.argument)
    if (parent?.node.type !== 'ForStatement') {
      yield replace(place, 'assignment', node, node.prefix ? other + name : name + other, 0.4)
    }
    const counts = parent?.node.type === 'ExpressionStatement' || parent?.node.type === 'ForStatement'
    if (!counts)
      yield replace(place, 'assignment', node, node.prefix ? name + node.operator : node.operator + name, 0.5)
    return
  }
  if (node.type !== 'AssignmentExpression') return
  const literal =
    node.right.type === 'Literal' || node.right.type === 'ArrayExpression' || node.right.type === 'ObjectExpression'
  for (const [sign, weight] of SIGNS[node.operator] ?? []) {
    yield replaceBetween(
      place,
      source,
      'assignment',
      node,
      sign,
      literal && node.operator === '=' ? weight * 0.5 : weight,
    )
  }
}
