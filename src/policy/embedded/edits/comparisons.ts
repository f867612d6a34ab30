import type { AnyNode } from 'acorn'
import type { Place, SourceModel } from '../source-model.ts'
import { textOf } from '../source-model.ts'
import { type Mutation, replace, replaceBetween, operandText } from './mutation.ts'

const BOUNDARY: Readonly<Record<string, string>> = { '<': '<=', '<=': '<', '>': '>=', '>=': '>' }
const DIRECTION: Readonly<Record<string, readonly string[]>> = {
  '<': ['>', '>='],
  '<=': ['>=', '>'],
  '>': ['<', '<='],
  '>=': ['<=', '<'],
}
const EQUALITY: Readonly<Record<string, readonly (readonly [sign: string, weight: number])[]>> = {
  '===': [
    ['!==', 0.5],
    ['>=', 0.25],
    ['<=', 0.2],
    ['<', 0.1],
    ['>', 0.1],
  ],
  '!==': [
    ['===', 0.5],
    ['<', 0.15],
    ['>', 0.15],
  ],
  '==': [
    ['!=', 0.5],
    ['===', 0.2],
    ['>=', 0.2],
    ['<=', 0.2],
    ['<', 0.15],
    ['>', 0.15],
  ],
  '!=': [
    ['==', 0.5],
    ['!==', 0.2],
  ],
  '<': [['===', 0.15]],
  '>': [['===', 0.15]],
  '<=': [['===', 0.12]],
  '>=': [['===', 0.12]],
}

/** Comparisons: whether the bound counts, which way they look, equal or not, and which nothing they ask for. */
export function* comparisons(place: Place, source: SourceModel): Iterable<Mutation> {
  const { node } = place
  if (node.type !== 'BinaryExpression' || node.left.type === 'PrivateIdentifier') return
  const sides = { left: node.left, right: node.right, operator: node.operator }
  const bound = BOUNDARY[node.operator]
  const doubt = doubtOf(place, source, sides)
  if (bound !== undefined) yield replaceBetween(place, source, 'boundary', sides, bound, 0.95 * doubt)
  for (const [rank, sign] of (DIRECTION[node.operator] ?? []).entries()) {
    yield replaceBetween(place, source, 'direction', sides, sign, (rank === 0 ? 0.55 : 0.35) * doubt)
  }
  const numeric = !isNothing(textOf(source, node.right)) && !isText(node.right) && !isText(node.left)
  for (const [sign, weight] of EQUALITY[node.operator] ?? []) {
    if (numeric || !/[<>]/.test(sign)) yield replaceBetween(place, source, 'equality', sides, sign, weight)
  }
  yield* nothings(place, source)
}

/** How far a comparison may be doubted, 0 to 1: those that everybody writes so are seldom wrong. */
function doubtOf(
  { parent, slot }: Place,
  source: SourceModel,
  { right, operator, left }: { readonly left: AnyNode; readonly right: AnyNode; readonly operator: string },
): number {
  const loop = slot === 'test' && parent?.node.type === 'ForStatement' ? parent.node : undefined
  const [limit, measured] = [textOf(source, right), textOf(source, left)]
  if (loop?.init?.type === 'VariableDeclaration') {
    const start = loop.init.declarations[0]?.init
    const fromZero = start?.type === 'Literal' && start.value === 0
    if (operator === '<' && fromZero) return 0.3
    if (operator === '<=' && fromZero && LENGTH.test(limit)) return 1
    return operator === '>=' && limit === '0' ? 0.4 : 0.8
  }
  if (LENGTH.test(measured) && limit === '0') return 0.25
  return 1
}

const LENGTH = /\.(?:length|size)$/

/** `undefined`, `null`, or either. */
function* nothings(place: Place, source: SourceModel): Iterable<Mutation> {
  const { node } = place
  if (node.type !== 'BinaryExpression') return
  const right = textOf(source, node.right)
  if (!isNothing(right) || node.left.type === 'PrivateIdentifier') return
  const left = operandText(source, node.left)
  const other = right === 'null' ? 'undefined' : 'null'
  if (node.operator === '===' || node.operator === '!==') {
    yield replace(place, 'truthiness', node, `${left} ${node.operator.slice(0, 2)} null`, 0.22)
    yield replace(place, 'truthiness', node.right, other, 0.25)
  }
}

function isNothing(text: string): boolean {
  return text === 'undefined' || text === 'null'
}

function isText(node: { readonly type: string; readonly value?: unknown; readonly operator?: string }): boolean {
  return (
    node.type === 'TemplateLiteral' ||
    (node.type === 'Literal' && typeof node.value !== 'number') ||
    (node.type === 'UnaryExpression' && node.operator === 'typeof')
  )
}
