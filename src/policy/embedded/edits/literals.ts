import { type Place, type SourceModel, textOf } from '../source-model.ts'
import { type Mutation, replace } from './mutation.ts'

/** Other literals of the file that one is exchanged for. */
const MAX_OTHERS = 6

/** Numbers and texts: a step up or down, or another one of the file. */
export function* literals(place: Place, source: SourceModel): Iterable<Mutation> {
  const { node } = place
  if (node.type !== 'Literal') return
  if (typeof node.value === 'number') yield* numbers(place, source, node.value)
  if (typeof node.value === 'string') yield* texts(place, source, node.value)
  if (node.regex !== undefined && node.regex !== null) yield* patterns(place, node.regex)
}

function* numbers(place: Place, source: SourceModel, value: number): Iterable<Mutation> {
  const { node } = place
  const small = Number.isInteger(value) && value <= 3
  if (Number.isInteger(value)) {
    yield replace(place, 'number', node, String(value + 1), small ? 0.5 : 0.3)
    if (value > 0) yield replace(place, 'number', node, String(value - 1), small ? 0.55 : 0.3)
    else yield replace(place, 'number', node, '-1', 0.2)
  }
  if (place.parent?.node.type === 'UnaryExpression') return
  if (value === 2) yield replace(place, 'number', node, '0', 0.15)
  if (value === 0) yield replace(place, 'number', node, '2', 0.15)
  let others = 0
  for (const other of numbersOf(source)) {
    if (others >= MAX_OTHERS) break
    if (other === value || Math.abs(other - value) <= 1) continue
    others++
    yield replace(place, 'number', node, String(other), small || other <= 3 ? 0.12 : 0.4)
    if (Number.isInteger(other) && other > 3) yield replace(place, 'number', node, String(other - 1), 0.2)
  }
}

function* numbersOf({ places }: SourceModel): Iterable<number> {
  const seen = new Set<number>()
  for (const { node } of places) {
    if (node.type !== 'Literal' || typeof node.value !== 'number' || seen.has(node.value)) continue
    seen.add(node.value)
    yield node.value
  }
}

function* texts(place: Place, source: SourceModel, value: string): Iterable<Mutation> {
  const { node, parent, slot } = place
  if (parent?.node.type === 'ImportDeclaration' || parent?.node.type === 'ExportNamedDeclaration') return
  if (
    slot === 'expression' ||
    (parent?.node.type === 'CallExpression' && parent.parent?.slot === 'argument' && value.includes(' '))
  )
    return
  const quote = textOf(source, node).at(0) ?? "'"
  const plain = (text: string): string => `${quote}${text}${quote}`
  if (/^\W?$/.test(value)) yield replace(place, 'string', node, plain(value === ' ' ? '' : `${value} `), 0.25)
  else if (/^\W+$/.test(value) && value.trim() !== value && !value.includes('\n')) {
    yield replace(place, 'string', node, plain(value.trim()), 0.3)
  }
  let others = 0
  const seen = new Set([value])
  for (const { node: other } of source.places) {
    if (others >= MAX_OTHERS) break
    if (other.type !== 'Literal' || typeof other.value !== 'string' || seen.has(other.value)) continue
    seen.add(other.value)
    if (other.value.length > 20 || value.length > 20 || /^\W*$/.test(other.value) !== /^\W*$/.test(value)) continue
    others++
    yield replace(place, 'string', node, textOf(source, other), 0.2)
  }
}

function* patterns(
  place: Place,
  { pattern, flags }: { readonly pattern: string; readonly flags: string },
): Iterable<Mutation> {
  const { node } = place
  const whole = (text: string, marks = flags): string => `/${text}/${marks}`
  if (flags.includes('g')) yield replace(place, 'string', node, whole(pattern, flags.replace('g', '')), 0.25)
  else yield replace(place, 'string', node, whole(pattern, `${flags}g`), 0.5)
  if (!flags.includes('i')) yield replace(place, 'string', node, whole(pattern, `${flags}i`), 0.4)
  if (!pattern.startsWith('^')) yield replace(place, 'string', node, whole(`^${pattern}`), 0.2)
  if (!pattern.endsWith('$')) yield replace(place, 'string', node, whole(`${pattern}$`), 0.2)
  for (const { index } of pattern.matchAll(/(?<=[\w\])])[+*]/g)) {
    const sign = pattern[index] === '+' ? '*' : '+'
    yield replace(place, 'string', node, whole(pattern.slice(0, index) + sign + pattern.slice(index + 1)), 0.3)
  }
  for (const { index } of pattern.matchAll(/(?<=[\w\]])(?![+*?\w{\]\\)|-])/g)) {
    if (index > 0 && !insideClass(pattern, index)) {
      yield replace(place, 'string', node, whole(`${pattern.slice(0, index)}+${pattern.slice(index)}`), 0.3)
    }
  }
}

function insideClass(pattern: string, at: number): boolean {
  return pattern.lastIndexOf('[', at - 1) > pattern.lastIndexOf(']', at - 1)
}
