import type { AnyNode, Statement } from 'acorn'
import { childrenOf, isFunction, type Place, type SourceModel, textOf } from '../source-model.ts'
import { indentAt, lineEndAt, lineStartAt, type Mutation, replace, standsAlone } from './mutation.ts'

/** Statements: the order, one too many, the way out of a loop or function. */
export function* statements(place: Place, source: SourceModel): Iterable<Mutation> {
  const { node } = place
  yield* exits(place)
  if (node.type === 'BlockStatement' || node.type === 'Program') {
    for (const [at, statement] of node.body.entries()) {
      const next = node.body[at + 1]
      if (isModule(statement)) continue
      yield* drops(place, source, statement)
      if (next !== undefined && !isModule(next)) {
        yield* swaps(place, source, statement, next)
        yield* acrossLoop(place, source, statement, next)
      }
    }
    yield* outOfBlock(place, source)
  }
  yield* returns(place)
}

function isModule(node: AnyNode): boolean {
  return /^(?:Import|Export)/.test(node.type) || node.type === 'FunctionDeclaration' || node.type === 'ClassDeclaration'
}

function* exits(place: Place): Iterable<Mutation> {
  const { node } = place
  if (node.type === 'BreakStatement' && node.label == null) {
    yield replace(place, 'return', { start: node.start, end: node.start + 'break'.length }, 'continue', 0.45)
  }
  if (node.type === 'ContinueStatement' && node.label == null) {
    yield replace(place, 'return', { start: node.start, end: node.start + 'continue'.length }, 'break', 0.45)
  }
  if (node.type === 'ReturnStatement' && node.argument == null && place.loops > 0) {
    yield replace(place, 'return', { start: node.start, end: node.start + 'return'.length }, 'continue', 0.4)
  }
}

/** A value that is worked out and lost at a function's end. */
function* returns(place: Place): Iterable<Mutation> {
  const { node, parent } = place
  if (node.type !== 'ExpressionStatement' || parent?.node.type !== 'BlockStatement') return
  const holder = parent.parent?.node
  const last = parent.node.body.at(-1) === node
  if (holder === undefined || !isFunction(holder) || !last || node.expression.type === 'AssignmentExpression') return
  const weight = hasReturn(holder) ? 0.25 : 0.4
  yield replace(place, 'return', { start: node.start, end: node.start }, 'return ', weight)
}

function hasReturn(fn: AnyNode): boolean {
  const open: AnyNode[] = childrenOf(fn).map(([, child]) => child)
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (node.type === 'ReturnStatement') return true
    if (!isFunction(node)) open.push(...childrenOf(node).map(([, child]) => child))
  }
  return false
}

function* drops(place: Place, source: SourceModel, statement: AnyNode): Iterable<Mutation> {
  if (!standsAlone(source, statement)) return
  const weight = DROPPED[statement.type]
  if (weight === undefined) return
  const lines = { start: lineStartAt(source, statement.start), end: lineEndAt(source, statement.end) }
  yield replace(inBlock(place, statement), 'statement-drop', lines, '', weight)
}

const DROPPED: Readonly<Record<string, number>> = {
  ExpressionStatement: 0.18,
  IfStatement: 0.15,
  BreakStatement: 0.3,
  ContinueStatement: 0.25,
}

function* swaps(place: Place, source: SourceModel, first: AnyNode, second: AnyNode): Iterable<Mutation> {
  if (!standsAlone(source, first) || !standsAlone(source, second) || isExit(first) || isExit(second)) return
  const shared = sharedNames(first, second)
  if (shared === 0 || declaresFor(first, second)) return
  const between = source.text.slice(first.end, second.start)
  if (between.trim() !== '') return
  const text = textOf(source, second) + between + textOf(source, first)
  const weight = lengthOf(first) + lengthOf(second) > 400 ? 0.15 : 0.35
  yield replace(inBlock(place, first), 'statement-move', { start: first.start, end: second.end }, text, weight)
}

/** A statement before a loop becomes the first within it; the last within it goes behind it. */
function* acrossLoop(place: Place, source: SourceModel, first: AnyNode, second: AnyNode): Iterable<Mutation> {
  const body = loopBody(second)
  const [head] = body?.body ?? []
  if (body === undefined || head === undefined || !standsAlone(source, first) || !standsAlone(source, head)) return
  if (first.type !== 'VariableDeclaration' && first.type !== 'ExpressionStatement') return
  const between = source.text.slice(first.end, head.start)
  const text = `${between.trimStart()}${textOf(source, first)}\n${indentAt(source, head.start)}`
  yield replace(inBlock(place, first), 'statement-move', { start: first.start, end: head.start }, text, 0.35)
}

/** The last statement of a block goes behind it, the one behind it becomes its last. */
function* outOfBlock({ node, parent, within, depth, loops, slot }: Place, source: SourceModel): Iterable<Mutation> {
  if (node.type !== 'BlockStatement' || parent === undefined || isFunction(parent.node)) return
  const place: Place = { node, parent, within, depth, loops, slot }
  const holder = parent.node
  const around = parent.parent?.node
  if (around?.type !== 'BlockStatement' || (holder.type === 'IfStatement' && holder.alternate != null)) return
  const last = node.body.at(-1)
  const isLoop = loopBody(holder) !== undefined
  const stays = last?.type === 'ReturnStatement' && !isLoop
  if (
    last !== undefined &&
    last.type !== 'VariableDeclaration' &&
    standsAlone(source, last) &&
    !isJump(last) &&
    !stays
  ) {
    const rest = source.text.slice(lineEndAt(source, last.end), holder.end)
    const text = `${rest}\n${indentAt(source, holder.start)}${textOf(source, last)}`
    yield replace(place, 'statement-move', { start: lineStartAt(source, last.start), end: holder.end }, text, 0.25)
  }
  const next = around.body[around.body.findIndex((statement) => statement === holder) + 1]
  if (last === undefined || next === undefined || !standsAlone(source, next) || next.type === 'VariableDeclaration')
    return
  if (next.type === 'ReturnStatement' && !isLoop) return
  if (!standsAlone(source, last) || isJump(last) || source.text.slice(holder.end, next.start).trim() !== '') return
  const inner = source.text.slice(lineEndAt(source, last.end), holder.end)
  const text = `\n${indentAt(source, last.start)}${textOf(source, next)}\n${inner}`
  yield replace(inBlock(place, next), 'statement-move', { start: last.end, end: next.end }, text, 0.2)
}

/** A place inside a block, for suspicion and features. */
function inBlock(place: Place, statement: AnyNode): Place {
  return { ...place, node: statement, parent: place, slot: 'body', depth: place.depth + 1 }
}

function loopBody(node: AnyNode): { readonly body: readonly Statement[] } | undefined {
  switch (node.type) {
    case 'ForStatement':
    case 'ForOfStatement':
    case 'ForInStatement':
    case 'WhileStatement':
    case 'DoWhileStatement':
      return node.body.type === 'BlockStatement' ? node.body : undefined
    default:
      return undefined
  }
}

function isJump(node: AnyNode): boolean {
  return node.type === 'BreakStatement' || node.type === 'ContinueStatement' || node.type === 'ThrowStatement'
}

function isExit(node: AnyNode): boolean {
  return node.type === 'ReturnStatement' || isJump(node)
}

function lengthOf({ start, end }: { readonly start: number; readonly end: number }): number {
  return end - start
}

/** Names, members and methods that stand in both. */
function sharedNames(first: AnyNode, second: AnyNode): number {
  const names = namesIn(first)
  let shared = 0
  for (const name of namesIn(second)) if (names.has(name)) shared++
  return shared
}

/** Whether the second needs what the first declares. */
function declaresFor(first: AnyNode, second: AnyNode): boolean {
  if (first.type !== 'VariableDeclaration') return false
  const used = namesIn(second)
  return first.declarations.some(({ id }) => [...namesIn(id)].some((name) => used.has(name)))
}

/** Every name in a node, properties included, `this` too. */
export function namesIn(root: AnyNode): Set<string> {
  const names = new Set<string>()
  const open: AnyNode[] = [root]
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (node.type === 'Identifier' || node.type === 'PrivateIdentifier') names.add(node.name)
    for (const [, child] of childrenOf(node)) open.push(child)
  }
  return names
}
