import type { AnyNode } from 'acorn'
import type { FunctionNode, Place } from './source-model.ts'

/** Whether a name is the property behind a dot or the key of an object or class, not a variable. */
export function isProperty(node: AnyNode, parent: Place | undefined, slot: string): boolean {
  if (node.type === 'PrivateIdentifier') return true
  switch (parent?.node.type) {
    case 'MemberExpression':
      return slot === 'property' && !parent.node.computed
    case 'Property':
      return slot === 'key' && !parent.node.computed && !parent.node.shorthand
    case 'MethodDefinition':
    case 'PropertyDefinition':
      return slot === 'key' && !parent.node.computed
    default:
      return false
  }
}

/** Whether a name stands where it is declared. */
export function declares(parent: Place | undefined, slot: string): boolean {
  switch (parent?.node.type) {
    case 'VariableDeclarator':
    case 'FunctionDeclaration':
    case 'ClassDeclaration':
    case 'FunctionExpression':
    case 'ClassExpression':
      return slot === 'id' || slot === 'params'
    case 'ArrowFunctionExpression':
      return slot === 'params'
    case 'ImportSpecifier':
    case 'ImportDefaultSpecifier':
    case 'ImportNamespaceSpecifier':
    case 'LabeledStatement':
    case 'BreakStatement':
    case 'ContinueStatement':
    case 'ArrayPattern':
    case 'RestElement':
      return true
    case 'AssignmentPattern':
      return slot === 'left'
    default:
      return false
  }
}

/** The name a function has or gets from where it stands; `undefined`: a callback. */
export function ownName(node: FunctionNode, parent: Place | undefined): string | undefined {
  if (node.type !== 'ArrowFunctionExpression' && node.id !== null && node.id !== undefined) return node.id.name
  const holder = parent?.node
  switch (holder?.type) {
    case 'VariableDeclarator':
      return holder.id.type === 'Identifier' ? holder.id.name : undefined
    case 'MethodDefinition':
    case 'PropertyDefinition':
    case 'Property':
      return holder.key.type === 'Identifier' || holder.key.type === 'PrivateIdentifier' ? holder.key.name : undefined
    case 'AssignmentExpression':
      return memberName(holder.left)
    default:
      return undefined
  }
}

function memberName(node: AnyNode): string | undefined {
  if (node.type === 'Identifier') return node.name
  if (node.type !== 'MemberExpression' || node.computed) return undefined
  return node.property.type === 'Identifier' || node.property.type === 'PrivateIdentifier'
    ? node.property.name
    : undefined
}

/** Name of the class that a method belongs to; `''`: none. */
export function ownerOf(parent: Place | undefined): string {
  const holder =
    parent?.node.type === 'MethodDefinition' || parent?.node.type === 'PropertyDefinition' ? parent : undefined
  const owner = holder?.parent?.parent?.node
  if (owner?.type === 'ClassDeclaration' || owner?.type === 'ClassExpression') return owner.id?.name ?? ''
  return ''
}
