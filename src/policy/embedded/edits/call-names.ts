import type { CallExpression } from 'acorn'
import { type Place, type SourceModel, textOf } from '../source-model.ts'
import { type Mutation, replace } from './mutation.ts'

/** Functions and methods that are easily taken for one another: each for every other of its line. */
const SIBLINGS: readonly (readonly string[])[] = [
  ['pop', 'shift'],
  ['min', 'max'],
  ['floor', 'ceil', 'round'],
  ['indexOf', 'lastIndexOf'],
  ['startsWith', 'endsWith', 'includes'],
  ['some', 'every'],
  ['find', 'findLast'],
  ['findIndex', 'findLastIndex'],
  ['toLowerCase', 'toUpperCase'],
  ['toLocaleLowerCase', 'toLocaleUpperCase'],
  ['replace', 'replaceAll'],
  ['trim', 'trimStart', 'trimEnd'],
  ['padStart', 'padEnd'],
  ['keys', 'values', 'entries'],
  ['reduce', 'reduceRight'],
  ['parseInt', 'parseFloat', 'Number'],
  ['all', 'allSettled', 'race', 'any'],
  ['match', 'matchAll'],
  ['getDay', 'getDate', 'getUTCDay', 'getUTCDate'],
  ['getMonth', 'getUTCMonth'],
  ['getHours', 'getUTCHours'],
  ['getFullYear', 'getUTCFullYear'],
  ['isInteger', 'isFinite', 'isSafeInteger'],
  ['union', 'intersection', 'difference'],
  ['log', 'log2', 'log10'],
  ['sin', 'cos'],
  ['sqrt', 'abs'],
  ['first', 'last'],
  ['increment', 'decrement'],
  ['enqueue', 'dequeue'],
  ['resolve', 'reject'],
  ['setTimeout', 'setInterval'],
  ['on', 'once'],
  ['encodeURI', 'encodeURIComponent'],
  ['decodeURI', 'decodeURIComponent'],
]

/** The same, less often meant. */
const COUSINS: readonly (readonly string[])[] = [
  ['slice', 'splice', 'substring', 'toSpliced'],
  ['push', 'unshift', 'concat'],
  ['floor', 'trunc'],
  ['map', 'flatMap'],
  ['charAt', 'at', 'charCodeAt'],
  ['find', 'filter'],
  ['map', 'forEach', 'filter'],
  ['add', 'delete', 'has'],
  ['has', 'get'],
  ['set', 'delete'],
  ['sort', 'toSorted'],
  ['reverse', 'toReversed'],
  ['test', 'exec', 'match'],
  ['some', 'includes'],
]
/** Another function in place of the one that is called. */
export function* siblings(place: Place, source: SourceModel, { callee }: CallExpression): Iterable<Mutation> {
  const property = callee.type === 'MemberExpression' && !callee.computed ? callee.property : callee
  if (property.type !== 'Identifier' && property.type !== 'PrivateIdentifier') return
  const [close, far] = [othersOf(SIBLINGS, property.name), othersOf(COUSINS, property.name)]
  for (const [rank, other] of close.entries()) {
    yield replace(place, 'call-name', property, other, Math.max(0.4, 0.65 - rank * 0.06))
  }
  for (const other of far) yield replace(place, 'call-name', property, other, 0.25)
  if (callee.type !== 'MemberExpression') return
  const own = property.type === 'PrivateIdentifier' ? `#${property.name}` : property.name
  for (const name of calledOn(source, textOf(source, callee.object))) {
    if (name !== own && !close.includes(name) && !far.includes(name))
      yield replace(place, 'call-name', property, name, 0.15)
  }
}

function othersOf(groups: readonly (readonly string[])[], name: string): readonly string[] {
  return [...new Set(groups.filter((group) => group.includes(name)).flat())].filter((other) => other !== name)
}

/** Methods called on the same object elsewhere, and for `this` its own. */
function calledOn(source: SourceModel, object: string): Set<string> {
  const found = new Set<string>()
  for (const { node } of source.places) {
    if (node.type === 'CallExpression' && node.callee.type === 'MemberExpression' && !node.callee.computed) {
      if (textOf(source, node.callee.object) === object) found.add(textOf(source, node.callee.property))
    }
    if (object === 'this' && node.type === 'MethodDefinition' && node.kind === 'method')
      found.add(textOf(source, node.key))
  }
  return found
}
