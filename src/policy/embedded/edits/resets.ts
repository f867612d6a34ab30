import type { AnyNode } from 'acorn'
import { isFunction, type SourceFunction, type SourceModel, textOf } from '../source-model.ts'
import type { Mutation } from './mutation.ts'
import { exitOf, insertion, isVisible, Parts } from './insertion-parts.ts'

/** A variable or field with the value it begins with. */
interface Initial {
  readonly target: string
  readonly value: string
  readonly home: AnyNode
  /** The function that declares the variable; `undefined`: a field, or a variable of the module. */
  readonly owner: SourceFunction | undefined
  readonly from: number
}

const RESETTERS = /^(?:clear|reset|flush|start|begin|stop|init|end|close|finish|drain|rewind|restart|open)/i

/** A variable or field that is not set back to what it began with where others are. */
export function* resets(file: Parts): Iterable<Mutation> {
  const { source } = file
  const initials = initialsOf(source).filter(({ target, from }) => changes(source.text, target, from))
  for (const block of file.blocks) {
    const text = textOf(source, block.place.node)
    const isBody = block.place.parent !== undefined && isFunction(block.place.parent.node)
    if (isBody && block.within.name === 'constructor') continue
    for (const initial of initials) {
      const line = `${initial.target} = ${initial.value}`
      if (text.includes(line) || !file.fits(initial.home, block.within, initial.from)) continue
      if (initial.owner !== undefined && !isVisible(initial.target, block.within, block.place.node.start, source))
        continue
      const direct = (weight: number, before?: AnyNode) => insertion(file, 'reset', block, before, line, weight)
      const siblings = block.body.flatMap((statement, at) =>
        resetsSibling(source, statement, initial, initials) ? [at] : [],
      )
      const last = siblings.at(-1)
      const own = block.within === initial.owner
      const made =
        last !== undefined
          ? direct(0.75, block.body[last + 1])
          : isBody && RESETTERS.test(block.within.name) && !own
            ? direct(0.5, exitOf(block))
            : undefined
      if (made !== undefined) yield made
      for (const [at, statement] of block.body.entries()) {
        if (last === undefined && handsOut(source, statement, initial.target)) {
          const behind = direct(0.4, block.body[at + 1])
          if (behind !== undefined) yield behind
        }
      }
      if (!isBody || own || last !== undefined || !changesAny(text)) continue
      const [first] = block.body
      const opening = text.includes(initial.target) && first !== undefined ? direct(0.25, first) : undefined
      if (opening !== undefined) yield opening
      const related = initials.some(
        ({ target, home }) => target !== initial.target && home !== initial.home && changes(text, target, 0),
      )
      const closing = related ? direct(0.35, exitOf(block)) : undefined
      if (closing !== undefined) yield closing
    }
  }
}

function initialsOf(source: SourceModel): Initial[] {
  const found: Initial[] = []
  for (const { node, within, parent } of source.places) {
    if (
      node.type === 'VariableDeclarator' &&
      node.id.type === 'Identifier' &&
      parent?.node.type === 'VariableDeclaration'
    ) {
      if (parent.node.kind === 'const' || parent.parent?.node.type.startsWith('For') === true) continue
      const value = node.init == null ? 'undefined' : textOf(source, node.init)
      if (node.init == null || isPlain(node.init))
        found.push({ target: node.id.name, value, home: node.init ?? node, owner: within, from: node.end })
    }
    if (node.type === 'PropertyDefinition' && node.value != null && !node.static && isPlain(node.value)) {
      found.push({
        target: `this.${textOf(source, node.key)}`,
        value: textOf(source, node.value),
        home: node.value,
        owner: undefined,
        from: node.end,
      })
    }
    if (
      within?.name === 'constructor' &&
      node.type === 'AssignmentExpression' &&
      node.operator === '=' &&
      isPlain(node.right)
    ) {
      const target = textOf(source, node.left)
      if (target.startsWith('this.'))
        found.push({ target, value: textOf(source, node.right), home: node.right, owner: undefined, from: node.end })
    }
  }
  return found
}

function isPlain(node: AnyNode): boolean {
  switch (node.type) {
    case 'Literal':
      return true
    case 'Identifier':
      return node.name === 'undefined' || node.name === 'Infinity'
    case 'UnaryExpression':
      return isPlain(node.argument)
    case 'ArrayExpression':
      return node.elements.length === 0
    case 'ObjectExpression':
      return node.properties.length === 0
    case 'NewExpression':
      return node.arguments.length === 0
    default:
      return false
  }
}

/** Whether something but its beginning changes a variable or field. */
function changes(text: string, target: string, from: number): boolean {
  const name = target.replaceAll(/[.$]/g, '\\$&')
  const change = new RegExp(
    `(?<![\\w.#$])${name}(?:\\[[^\\]]*\\])?(?:\\s*(?:[-+*/%?|&]{0,3}=(?!=)|\\+\\+|--)|\\.(?:push|set|add|unshift|pop|shift)\\()|(?:\\+\\+|--)${name}\\b`,
    'g',
  )
  for (const { index } of text.matchAll(change)) if (index > from) return true
  return false
}

/** Whether a function's text changes anything that outlives an expression. */
function changesAny(text: string): boolean {
  return /[^=!<>]=(?![=>])|\+\+|--|\.(?:push|set|add|delete|unshift|pop|shift|splice)\(/.test(text)
}

/** Whether a statement sets another variable or field of the same home back. */
function resetsSibling(source: SourceModel, statement: AnyNode, own: Initial, initials: readonly Initial[]): boolean {
  if (statement.type !== 'ExpressionStatement' || statement.expression.type !== 'AssignmentExpression') return false
  const { left, right, operator } = statement.expression
  if (operator !== '=' || statement.start < own.from) return false
  const [target, value] = [textOf(source, left), textOf(source, right)]
  return initials.some(
    (other) =>
      other.target === target && other.value === value && other.target !== own.target && other.owner === own.owner,
  )
}

/** Whether a statement pushes or returns what was gathered: `out.push(current)`. */
function handsOut(source: SourceModel, statement: AnyNode, target: string): boolean {
  if (statement.type !== 'ExpressionStatement' || statement.expression.type !== 'CallExpression') return false
  return statement.expression.arguments.some((argument) => textOf(source, argument) === target)
}
