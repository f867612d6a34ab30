import type { AnyNode } from 'acorn'
import { isFunction, type SourceFunction, type SourceModel, textOf } from '../source-model.ts'
import { calledName, type Mutation } from './mutation.ts'
import { insertion, Parts } from './insertion-parts.ts'

/** Longest guard that is copied, UTF-16 units. */
const MAX_GUARD = 240

/** A way out that another function takes: `if (list.length === 0) return undefined`. */
export function* guards(file: Parts): Iterable<Mutation> {
  const { source } = file
  const found = source.places.filter(({ node }) => isGuard(node) && node.end - node.start <= MAX_GUARD)
  for (const { node: guard, within: home } of found) {
    const text = textOf(source, guard)
    for (const block of file.blocks) {
      const isBody = block.place.parent !== undefined && isFunction(block.place.parent.node)
      const [first] = block.body
      if (!isBody || first === undefined || block.within === home || block.within.name === 'constructor') continue
      if (textOf(source, block.place.node).includes(text) || !file.fits(guard, block.within, first.start)) continue
      const own = block.within.parameters.some((name) => file.namesIn(guard).has(name))
      const made = insertion(file, 'guard', block, first, text, own || file.namesIn(guard).size === 0 ? 0.45 : 0.3)
      if (made !== undefined) yield made
    }
  }
}

function isGuard(node: AnyNode): boolean {
  if (node.type !== 'IfStatement' || node.alternate != null) return false
  const { consequent } = node
  const [only, more] = consequent.type === 'BlockStatement' ? consequent.body : [consequent]
  return more === undefined && (only?.type === 'ReturnStatement' || only?.type === 'ThrowStatement')
}

/** What was looked up may not be there: a way out right behind it, with a value the function returns elsewhere. */
export function* missingGuards(file: Parts): Iterable<Mutation> {
  const { source } = file
  for (const block of file.blocks) {
    for (const [at, statement] of block.body.entries()) {
      const name = lookedUp(statement)
      const next = block.body[at + 1]
      if (name === undefined || next === undefined || textOf(source, next).includes(`${name} === undefined`)) continue
      for (const [rank, value] of waysOut(source, block.within).entries()) {
        const guard = `if (${name} === undefined) return${value === '' ? '' : ` ${value}`}`
        const made = insertion(file, 'guard', block, next, guard, rank === 0 ? 0.35 : 0.25)
        if (made !== undefined) yield made
      }
    }
  }
}

/** The variable that a statement declares with what a call or a position gives. */
function lookedUp(statement: AnyNode): string | undefined {
  if (statement.type !== 'VariableDeclaration') return undefined
  const [only, more] = statement.declarations
  if (only?.id.type !== 'Identifier' || more !== undefined) return undefined
  const from = only.init?.type
  if (
    only.init?.type === 'CallExpression' &&
    /^(?:map|filter|floor|ceil|round|min|max|abs|keys|join)$/.test(calledName(only.init))
  )
    return undefined
  return from === 'CallExpression' || (only.init?.type === 'MemberExpression' && only.init.computed)
    ? only.id.name
    : undefined
}

/** Values a function could leave with: nothing, or the other truth value, or an empty list where it returns lists. */
function waysOut(source: SourceModel, within: SourceFunction): readonly string[] {
  const returned = source.places.flatMap(({ node, within: fn }) =>
    fn === within && node.type === 'ReturnStatement'
      ? [node.argument == null ? '' : textOf(source, node.argument)]
      : [],
  )
  const ways = new Set<string>()
  if (returned.some((value) => value === 'true' || value === 'false')) ways.add('false')
  for (const value of returned) if (/^(?:null|undefined|0|-1|''|\[\]|)$/.test(value)) ways.add(value)
  if (returned.some((value) => /^\[|^\w+\.(?:map|filter|slice)\(/.test(value))) ways.add('[]')
  if (ways.size === 0) ways.add(returned.length === 0 ? '' : 'undefined')
  return [...ways].slice(0, 3)
}
