import type { AnyNode, CallExpression, MemberExpression } from 'acorn'
import { isRead, namesInScope } from './scope.ts'
import { parentOf, type PlacedNode, type Source, textOf } from './source.ts'
import { type Operator, replaced } from './token-operators.ts'

/** Most other names tried in one place: the nearest ones are those people take by mistake. */
const NAMES = 2

/** A variable in the place of another one that has a value there. */
export const variable: Operator = (source) =>
  source.nodes.flatMap((place) => (parentOf(place)?.type === 'ReturnStatement' ? [] : otherNames(place)))

/** The same in a `return`: another variable is returned. */
export const result: Operator = (source) =>
  source.nodes.flatMap((place) => (parentOf(place)?.type === 'ReturnStatement' ? otherNames(place) : []))

/** The first two arguments of a call the wrong way round. */
export const argumentOrder: Operator = (source) =>
  source.nodes.flatMap(({ node }) => {
    if (node.type !== 'CallExpression' || isSymmetric(source, node)) return []
    const [first, second] = node.arguments
    if (first === undefined || second === undefined || second.type === 'SpreadElement') return []
    const [left, right] = [textOf(source, first), textOf(source, second)]
    if (left === right || first.type === 'SpreadElement' || isFunction(first) || isFunction(second)) return []
    const between = source.text.slice(first.end, second.start)
    return [{ from: first.start, to: second.end, text: right + between + left }]
  })

/** A property in the place of another one that the same object has in this file. */
export const property: Operator = (source) => {
  const known = propertiesByObject(source)
  return source.nodes.flatMap((place) => {
    const name = plainProperty(place)
    if (name === undefined || place.node.type !== 'MemberExpression') return []
    const others = [...(known.get(textOf(source, place.node.object)) ?? [])].filter((other) => other !== name)
    const at = place.node.property
    return others.slice(0, NAMES).map((other) => replaced(at, other))
  })
}

function otherNames(place: PlacedNode): ReturnType<Operator> {
  const { node } = place
  if (node.type !== 'Identifier' || !isRead(place)) return []
  const names = namesInScope(place)
  if (!names.includes(node.name)) return []
  return names
    .filter((name) => name !== node.name)
    .slice(0, NAMES)
    .map((name) => replaced(node, name))
}

function propertiesByObject(source: Source): ReadonlyMap<string, ReadonlySet<string>> {
  const known = new Map<string, Set<string>>()
  for (const place of source.nodes) {
    const name = plainProperty(place)
    if (name === undefined) continue
    const object = textOf(source, (place.node as MemberExpression).object)
    known.set(object, (known.get(object) ?? new Set()).add(name))
  }
  return known
}

/** `b` of `a.b`, `#b` of `this.#b`; `undefined` for anything else, and for a method that is called. */
function plainProperty(place: PlacedNode): string | undefined {
  const { node } = place
  const parent = parentOf(place)
  if (node.type !== 'MemberExpression' || node.computed) return undefined
  if (parent?.type === 'CallExpression' && parent.callee === node) return undefined
  if (node.property.type === 'PrivateIdentifier') return `#${node.property.name}`
  return node.property.type === 'Identifier' ? node.property.name : undefined
}

/** Calls whose arguments may stand in any order. */
function isSymmetric(source: Source, { callee }: CallExpression): boolean {
  return ['Math.min', 'Math.max', 'Math.hypot'].includes(textOf(source, callee))
}

function isFunction({ type }: AnyNode): boolean {
  return type === 'ArrowFunctionExpression' || type === 'FunctionExpression'
}
