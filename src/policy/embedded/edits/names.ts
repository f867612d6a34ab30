import type { AnyNode } from 'acorn'
import { type Place, type SourceFunction, type SourceModel, textOf } from '../source-model.ts'
import { type Mutation, replace } from './mutation.ts'

/** Names that one name is exchanged for, best first. */
const MAX_OTHERS = 5

/** Names that are easily taken for one another. */
const TWINS: readonly (readonly string[])[] = [
  ['length', 'size', 'capacity', 'limit', 'count'],
  ['next', 'previous', 'prev'],
  ['start', 'end'],
  ['from', 'to'],
  ['min', 'max'],
  ['first', 'last'],
  ['head', 'tail'],
  ['left', 'right'],
  ['key', 'value'],
  ['width', 'height'],
  ['top', 'bottom'],
  ['x', 'y'],
  ['row', 'column', 'col'],
  ['index', 'length'],
]

/** Another variable of the scope, or another property of the file. */
export function* names(place: Place, source: SourceModel): Iterable<Mutation> {
  const { node } = place
  if (node.type === 'Identifier' && isVariable(place)) yield* variables(place, source, node.name)
  if (node.type === 'MemberExpression' && !node.computed) yield* properties(place, source)
}

function* variables(place: Place, source: SourceModel, name: string): Iterable<Mutation> {
  const { node, within, parent, slot } = place
  const called = slot === 'callee' && parent?.node.type === 'CallExpression'
  const neighbours = neighbourNames(place)
  const shapes = shapesOf(source)
  const wanted = shapeAt(place)
  const others: { readonly name: string; readonly weight: number }[] = []
  for (const [other, home, from] of inScope(place, source)) {
    if (other === name || from > node.start || other.startsWith('_')) continue
    const isConstant = home === undefined
    if (isConstant !== !isLocal(within, name) && !(isConstant && /^[A-Z_\d]+$/.test(other))) continue
    if (isConstant && isCapital(other) !== isCapital(name)) continue
    if (called && !source.functions.some((fn) => fn.named && fn.name === other)) continue
    const fits = fitness(shapes.get(other), wanted)
    others.push({
      name: other,
      weight: fits * likeness(name, other, within, home) - (neighbours.has(other) ? 0.12 : 0),
    })
  }
  others.sort((a, b) => b.weight - a.weight)
  for (const other of others.slice(0, MAX_OTHERS)) {
    const target = parent?.node.type === 'Property' && parent.node.shorthand ? `${name}: ${other.name}` : other.name
    const weight = called || target !== other.name ? other.weight * 0.7 : other.weight
    if (weight > 0.05) yield replace(place, 'variable', node, target, weight)
  }
}

/** How a variable is used: with a property, called, in arithmetic, run through. */
type Shape = 'object' | 'call' | 'number' | 'list' | 'plain'

function shapeAt({ parent, slot }: Place): Shape {
  const holder = parent?.node
  switch (holder?.type) {
    case 'MemberExpression':
      return slot === 'object' ? (holder.computed ? 'list' : 'object') : 'number'
    case 'CallExpression':
      return slot === 'callee' ? 'call' : 'plain'
    case 'BinaryExpression':
      return /^[-*/%<>]/.test(holder.operator) ? 'number' : 'plain'
    case 'UpdateExpression':
      return 'number'
    case 'SpreadElement':
    case 'ForOfStatement':
      return 'list'
    default:
      return 'plain'
  }
}

const shapesOfSource = new WeakMap<SourceModel, ReadonlyMap<string, ReadonlySet<Shape>>>()

/** Every way in which each variable of a file is used; worked out once for a file. */
function shapesOf(source: SourceModel): ReadonlyMap<string, ReadonlySet<Shape>> {
  const known = shapesOfSource.get(source)
  if (known !== undefined) return known
  const shapes = new Map<string, Set<Shape>>()
  for (const place of source.places) {
    if (place.node.type !== 'Identifier' || !isVariable(place)) continue
    const uses = shapes.get(place.node.name) ?? new Set()
    uses.add(shapeAt(place))
    shapes.set(place.node.name, uses)
  }
  shapesOfSource.set(source, shapes)
  return shapes
}

/** Whether a name that is used so elsewhere can stand here: 1, or less where nothing speaks for it. */
function fitness(uses: ReadonlySet<Shape> | undefined, wanted: Shape): number {
  if (uses === undefined || wanted === 'plain' || uses.has(wanted)) return 1
  if (uses.has('plain') && uses.size === 1) return 0.85
  return 0.45
}

/** The other names of the expression: taking one of them twice is seldom meant. */
function neighbourNames({ parent, node }: Place): Set<string> {
  const names = new Set<string>()
  if (parent === undefined) return names
  for (const value of Object.values(parent.node)) {
    for (const member of Array.isArray(value) ? value : [value]) {
      if (member !== node && isIdentifier(member)) names.add(member.name)
    }
  }
  return names
}

function isIdentifier(value: unknown): value is { readonly name: string } {
  return typeof value === 'object' && value !== null && 'type' in value && value.type === 'Identifier'
}

/** Names that can be used at a place, the nearest first, each with the function that declares it and its first offset. */
function* inScope(
  { within }: Place,
  { moduleNames }: SourceModel,
): Iterable<readonly [name: string, home: SourceFunction | undefined, from: number]> {
  const seen = new Set<string>()
  for (let fn = within; fn !== undefined; fn = fn.parent) {
    for (const [name, from] of fn.declared) {
      if (seen.has(name)) continue
      seen.add(name)
      yield [name, fn, fn === within ? from : 0]
    }
  }
  for (const [name] of moduleNames) if (!seen.has(name)) yield [name, undefined, 0]
}

function isLocal(within: SourceFunction | undefined, name: string): boolean {
  for (let fn = within; fn !== undefined; fn = fn.parent) if (fn.declared.has(name)) return true
  return false
}

/** An unused parameter is wanted most; twins and names with a common part are easily confused. */
function likeness(
  name: string,
  other: string,
  within: SourceFunction | undefined,
  home: SourceFunction | undefined,
): number {
  const uses = home?.uses.get(other) ?? 0
  const unused = home !== undefined && uses === 0 ? 0.4 : home !== undefined && uses === 1 ? 0.1 : 0
  const near = home !== undefined && home === within ? 0.06 : 0
  const bothParameters = home?.parameters.includes(name) === true && home.parameters.includes(other) ? 0.1 : 0
  return 0.2 + unused + near + bothParameters + (areTwins(name, other) ? 0.2 : 0)
}

/** Whether two names are a pair such as `start` and `end`, or share a part of theirs. */
export function areTwins(name: string, other: string): boolean {
  const [a, b] = [parts(name), parts(other)]
  if (TWINS.some((group) => a.some((part) => group.includes(part)) && b.some((part) => group.includes(part))))
    return true
  return a.some((part) => part.length > 3 && b.includes(part))
}

function parts(name: string): string[] {
  return name
    .replaceAll(/([a-z\d])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[\s_$#\d]+/)
}

function isCapital(name: string): boolean {
  return /^[A-Z]/.test(name)
}

function* properties(place: Place, source: SourceModel): Iterable<Mutation> {
  const { node, parent, slot } = place
  if (node.type !== 'MemberExpression' || (slot === 'callee' && parent?.node.type === 'CallExpression')) return
  const { property, object } = node
  if (property.type !== 'Identifier' && property.type !== 'PrivateIdentifier') return
  const own = propertyText(property) ?? ''
  const holder = textOf(source, object)
  const found = new Map<string, number>()
  for (const other of source.places) {
    const name = propertyAt(other)
    if (name === undefined || name === own) continue
    const same = other.node.type === 'MemberExpression' && textOf(source, other.node.object) === holder
    const belongs = other.node.type === 'MemberExpression' ? same : holder === 'this'
    const weight = (belongs ? 0.35 : name.startsWith('#') ? 0 : 0.12) + (areTwins(own, name) ? 0.2 : 0)
    if (name.startsWith('#') && holder !== 'this') continue
    if (weight > (found.get(name) ?? 0)) found.set(name, weight)
  }
  const best = [...found].sort(([, a], [, b]) => b - a).slice(0, MAX_OTHERS)
  for (const [name, weight] of best) yield replace(place, 'property', property, name, weight)
}

/** The property that a node reads or a class declares as a field; calls are no properties here. */
function propertyAt({ node, parent, slot }: Place): string | undefined {
  if (node.type === 'PropertyDefinition') return propertyText(node.key)
  if (node.type === 'Property') return node.computed ? undefined : propertyText(node.key)
  if (node.type === 'MethodDefinition') return node.kind === 'get' ? propertyText(node.key) : undefined
  if (node.type !== 'MemberExpression' || node.computed) return undefined
  if (slot === 'callee' && parent?.node.type === 'CallExpression') return undefined
  return propertyText(node.property)
}

function propertyText(node: AnyNode): string | undefined {
  if (node.type === 'Identifier') return node.name
  return node.type === 'PrivateIdentifier' ? `#${node.name}` : undefined
}

/** Whether a name is a variable that is read or written, not declared. */
export function isVariable({ node, parent, slot }: Place): boolean {
  if (node.type !== 'Identifier' || node.name === 'undefined') return false
  const holder = parent?.node
  switch (holder?.type) {
    case 'MemberExpression':
      return slot === 'object' || holder.computed
    case 'Property':
      return slot === 'value' && parent?.parent?.node.type === 'ObjectExpression'
    case 'MethodDefinition':
    case 'PropertyDefinition':
      return slot === 'value'
    case 'VariableDeclarator':
      return slot === 'init'
    case 'AssignmentPattern':
      return slot === 'right'
    case 'FunctionDeclaration':
    case 'FunctionExpression':
    case 'ClassDeclaration':
    case 'ClassExpression':
    case 'ArrayPattern':
    case 'RestElement':
    case 'ImportSpecifier':
    case 'ImportDefaultSpecifier':
    case 'ImportNamespaceSpecifier':
    case 'ExportSpecifier':
    case 'LabeledStatement':
    case 'BreakStatement':
    case 'ContinueStatement':
    case 'CatchClause':
      return false
    case 'ArrowFunctionExpression':
      return slot === 'body'
    case undefined:
      return false
    default:
      return true
  }
}
