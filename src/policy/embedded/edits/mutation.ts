import type { AnyNode } from 'acorn'
import type { Place, SourceModel } from '../source-model.ts'

/** What an edit does to the code; the order is fixed, features count on it. */
export const OPERATORS = [
  'boundary',
  'direction',
  'equality',
  'arithmetic',
  'grouping',
  'logical',
  'negation',
  'truthiness',
  'clause',
  'number',
  'offset',
  'boolean',
  'string',
  'variable',
  'property',
  'operand-order',
  'call-name',
  'call-argument',
  'call-wrap',
  'copy',
  'await',
  'assignment',
  'reset',
  'guard',
  'statement-copy',
  'statement-move',
  'statement-drop',
  'return',
] as const
export type Operator = (typeof OPERATORS)[number]

/** One change of a file: the text from `start` to `end` becomes `text`. */
export interface Mutation {
  readonly operator: Operator
  readonly start: number
  readonly end: number
  readonly text: string
  readonly place: Place
  /** How often such a change is right where it can be made, by rule of thumb: 0 to 1. */
  readonly weight: number
}

/** Finds the changes of one family at one place. */
export type Mutator = (place: Place, source: SourceModel) => Iterable<Mutation>

/** A node's text becomes another. */
export function replace(
  place: Place,
  operator: Operator,
  node: { readonly start: number; readonly end: number },
  text: string,
  weight: number,
): Mutation {
  return { operator, start: node.start, end: node.end, text, place, weight }
}

/** The operator between two operands becomes another. */
export function replaceBetween(
  place: Place,
  source: SourceModel,
  operator: Operator,
  node: { readonly left: AnyNode; readonly right: AnyNode; readonly operator: string },
  sign: string,
  weight: number,
): Mutation {
  const start = signAt(source, node)
  return { operator, start, end: start + node.operator.length, text: sign, place, weight }
}

/** Where the operator between two operands stands; parentheses and comments may stand there too. */
export function signAt(
  { text }: SourceModel,
  { left, right, operator }: { readonly left: AnyNode; readonly right: AnyNode; readonly operator: string },
): number {
  const gap = text
    .slice(left.end, right.start)
    .replaceAll(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, (comment) => ' '.repeat(comment.length))
  return left.end + gap.indexOf(operator)
}

/** Whether an operand needs no parentheses wherever it is put. */
export function isSimple(node: AnyNode): boolean {
  switch (node.type) {
    case 'Identifier':
    case 'Literal':
    case 'ThisExpression':
    case 'MemberExpression':
    case 'CallExpression':
    case 'TemplateLiteral':
    case 'ArrayExpression':
    case 'ParenthesizedExpression':
      return true
    default:
      return false
  }
}

/** An expression's text, in parentheses where it needs them. */
export function operandText(source: SourceModel, node: AnyNode): string {
  const text = source.text.slice(node.start, node.end)
  return isSimple(node) ? text : `(${text})`
}

/** Name of the method or function that is called: `push` of `list.push(1)`; `''`: none. */
export function calledName(node: AnyNode): string {
  if (node.type !== 'CallExpression' && node.type !== 'NewExpression') return ''
  const { callee } = node
  if (callee.type === 'Identifier') return callee.name
  if (callee.type === 'MemberExpression' && !callee.computed) {
    return callee.property.type === 'Identifier' || callee.property.type === 'PrivateIdentifier'
      ? callee.property.name
      : ''
  }
  return ''
}

/** White space before the line's first letter. */
export function indentAt(source: SourceModel, offset: number): string {
  return /^\s*/.exec(source.lines[source.lineOf(offset)] ?? '')?.[0] ?? ''
}

/** Offset at which the line begins that `offset` is in. */
export function lineStartAt({ text }: SourceModel, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1
}

/** Offset behind the newline that ends the line `offset` is in. */
export function lineEndAt({ text }: SourceModel, offset: number): number {
  const end = text.indexOf('\n', offset)
  return end < 0 ? text.length : end + 1
}

/** Whether a statement has its lines to itself, so that lines can be put before and behind it. */
export function standsAlone(
  source: SourceModel,
  { start, end }: { readonly start: number; readonly end: number },
): boolean {
  const before = source.text.slice(lineStartAt(source, start), start)
  const behind = source.text.slice(end, lineEndAt(source, end))
  return before.trim() === '' && /^\s*(?:\/\/.*)?\s*$/.test(behind)
}
