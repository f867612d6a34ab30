import type { AnyNode } from 'acorn'
import { type Place, type SourceModel, textOf } from '../source-model.ts'
import { calledName, isSimple, type Mutation, replace } from './mutation.ts'

const CHANGES_IN_PLACE: ReadonlySet<string> = new Set(['sort', 'reverse', 'splice', 'fill'])

/** A copy where one list or object is shared by mistake. */
export function* copies(place: Place, source: SourceModel): Iterable<Mutation> {
  const { node, parent, slot } = place
  const name = calledName(node)
  if (node.type === 'CallExpression' && node.callee.type === 'MemberExpression') {
    const { object } = node.callee
    if (CHANGES_IN_PLACE.has(name) && isValue(object)) {
      yield replace(place, 'copy', object, `[...${textOf(source, object)}]`, 0.4)
    }
    const [target] = node.arguments
    if (name === 'assign' && target !== undefined && isValue(target)) {
      yield replace(place, 'copy', { start: target.start, end: target.start }, '{}, ', 0.5)
    }
    if (
      name === 'fill' &&
      target !== undefined &&
      (target.type === 'ArrayExpression' || target.type === 'ObjectExpression')
    ) {
      const length =
        object.type === 'NewExpression' || object.type === 'CallExpression' ? object.arguments[0] : undefined
      if (length !== undefined) {
        const made = target.type === 'ObjectExpression' ? `(${textOf(source, target)})` : textOf(source, target)
        yield replace(place, 'copy', node, `Array.from({ length: ${textOf(source, length)} }, () => ${made})`, 0.6)
      }
    }
  }
  if (!isShared(place) || !isValue(node) || !isSimple(node)) return
  const text = textOf(source, node)
  const weight = node.type === 'MemberExpression' && parent?.node.type === 'ReturnStatement' ? 0.3 : 0.15
  yield replace(place, 'copy', node, `[...${text}]`, weight)
  if (slot !== 'test') yield replace(place, 'copy', node, `{ ...${text} }`, weight * 0.7)
}

/** Where a value is handed out or kept. */
function isShared({ parent, slot, node }: Place): boolean {
  switch (parent?.node.type) {
    case 'ReturnStatement':
      return true
    case 'AssignmentExpression':
      return slot === 'right' && parent.node.operator === '='
    case 'VariableDeclarator':
      return slot === 'init'
    case 'ForOfStatement':
      return slot === 'right'
    case 'CallExpression':
      return (
        slot === 'arguments' &&
        parent.node.arguments.length === 1 &&
        (calledName(parent.node) === 'push' || node.type === 'MemberExpression')
      )
    default:
      return false
  }
}

/** A variable or a property. */
export function isValue(node: AnyNode): boolean {
  return (node.type === 'Identifier' && node.name !== 'undefined') || node.type === 'MemberExpression'
}
