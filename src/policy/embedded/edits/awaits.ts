import { type Place, type SourceModel, textOf } from '../source-model.ts'
import { calledName, isSimple, type Mutation, replace } from './mutation.ts'

/** `await` before a call whose end is wanted, or one too many. */
export function* awaits(place: Place, source: SourceModel): Iterable<Mutation> {
  const { node, parent, slot, within } = place
  if (node.type === 'AwaitExpression') {
    if (isSimple(node.argument)) yield replace(place, 'await', node, textOf(source, node.argument), 0.15)
    return
  }
  if (node.type === 'ForOfStatement' && within?.isAsync === true && !node.await) {
    yield replace(place, 'await', { start: node.start + 3, end: node.start + 3 }, ' await', 0.15)
  }
  if (within?.isAsync !== true || parent?.node.type === 'AwaitExpression' || slot === 'callee') return
  if (node.type === 'MemberExpression' && slot === 'argument' && parent?.node.type === 'ReturnStatement') {
    yield replace(place, 'await', node, `await ${textOf(source, node)}`, 0.4)
  }
  if (node.type !== 'CallExpression') return
  const name = calledName(node)
  const known = source.functions.some((fn) => fn.named && fn.name === name && fn.isAsync)
  const awaited = source.places.some(
    ({ node: other }) => other.type === 'AwaitExpression' && calledName(other.argument) === name,
  )
  const returned = parent?.node.type === 'ReturnStatement'
  const plain = source.functions.some((fn) => fn.named && fn.name === name && !fn.isAsync)
  const weight = known || awaited ? 0.8 : plain ? 0.15 : BUILT_IN.has(name) ? 0.05 : returned ? 0.65 : 0.55
  const text = `await ${textOf(source, node)}`
  yield replace(place, 'await', node, slot === 'object' ? `(${text})` : text, weight)
}

/** Calls that return no promise. */
const BUILT_IN: ReadonlySet<string> = new Set([
  'push',
  'pop',
  'shift',
  'unshift',
  'splice',
  'slice',
  'map',
  'filter',
  'get',
  'set',
  'has',
  'delete',
  'add',
  'includes',
  'join',
  'keys',
  'values',
  'floor',
  'max',
  'min',
  'resolve',
  'now',
  'setTimeout',
  'clearTimeout',
])
