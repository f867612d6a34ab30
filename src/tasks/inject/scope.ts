import type { AnyNode } from 'acorn'
import { parentOf, type PlacedNode } from './source.ts'

/** Whether an identifier reads the value of a variable that is not called at once. */
export function isRead(place: PlacedNode): boolean {
  const { node } = place
  const parent = parentOf(place)
  if (node.type !== 'Identifier' || parent === undefined) return false
  switch (parent.type) {
    case 'MemberExpression':
      return parent.object === node || parent.computed
    case 'Property':
      return parent.value === node && !parent.shorthand && place.ancestors.at(-2)?.type === 'ObjectExpression'
    case 'VariableDeclarator':
      return parent.init === node
    case 'AssignmentExpression':
    case 'AssignmentPattern':
      return parent.right === node
    case 'CallExpression':
    case 'NewExpression':
      return parent.callee !== node
    case 'PropertyDefinition':
      return parent.value === node
    case 'ArrowFunctionExpression':
      return parent.body === node
    case 'ForInStatement':
    case 'ForOfStatement':
      return parent.right === node
    default:
      return READERS.has(parent.type)
  }
}

const READERS: ReadonlySet<string> = new Set<AnyNode['type']>([
  'ArrayExpression',
  'AwaitExpression',
  'BinaryExpression',
  'ConditionalExpression',
  'ExpressionStatement',
  'IfStatement',
  'LogicalExpression',
  'ReturnStatement',
  'SpreadElement',
  'SwitchStatement',
  'TemplateLiteral',
  'ThrowStatement',
  'UnaryExpression',
  'WhileStatement',
])

/** Names of parameters and variables of the functions around a node that have a value there, nearest first, each once. */
export function namesInScope({ node, ancestors }: PlacedNode): readonly string[] {
  const names = new Set<string>()
  for (const around of [...ancestors].reverse()) {
    if (around.type === 'Program') break
    for (const name of declaredIn(around, node).reverse()) names.add(name)
  }
  return [...names]
}

function declaredIn(around: AnyNode, before: AnyNode): string[] {
  switch (around.type) {
    case 'ArrowFunctionExpression':
    case 'FunctionDeclaration':
    case 'FunctionExpression':
      return around.params.flatMap(boundNames)
    case 'ForInStatement':
    case 'ForOfStatement':
      return around.body.start <= before.start ? variablesOf(around.left) : []
    case 'ForStatement':
      return around.init && around.init.end <= before.start ? variablesOf(around.init) : []
    case 'BlockStatement':
      return around.body.filter(({ end }) => end <= before.start).flatMap(variablesOf)
    default:
      return []
  }
}

function variablesOf(node: AnyNode): string[] {
  return node.type === 'VariableDeclaration' ? node.declarations.flatMap(({ id }) => boundNames(id)) : []
}

function boundNames(pattern: AnyNode): string[] {
  switch (pattern.type) {
    case 'Identifier':
      return [pattern.name]
    case 'ObjectPattern':
      return pattern.properties.flatMap((property) =>
        boundNames(property.type === 'Property' ? property.value : property),
      )
    case 'ArrayPattern':
      return pattern.elements.flatMap((element) => (element ? boundNames(element) : []))
    case 'AssignmentPattern':
      return boundNames(pattern.left)
    case 'RestElement':
      return boundNames(pattern.argument)
    default:
      return []
  }
}
