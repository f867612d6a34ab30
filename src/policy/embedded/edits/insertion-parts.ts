import type { AnyNode } from 'acorn'
import { type Place, type SourceFunction, type SourceModel, textOf } from '../source-model.ts'
import { indentAt, lineEndAt, lineStartAt, type Mutation, standsAlone } from './mutation.ts'
import { isVariable } from './names.ts'
import { namesIn } from './statements.ts'

export interface Block {
  readonly place: Place
  readonly body: readonly AnyNode[]
  readonly within: SourceFunction
}

/** What insertions are made of and where they can go. */
export class Parts {
  readonly source: SourceModel
  readonly blocks: readonly Block[]
  readonly #variables: readonly Place[]
  readonly #names = new Map<AnyNode, ReadonlySet<string>>()

  constructor(source: SourceModel) {
    this.source = source
    this.blocks = source.places.flatMap((place) => {
      const { node, within } = place
      return node.type === 'BlockStatement' && within !== undefined ? [{ place, body: node.body, within }] : []
    })
    this.#variables = source.places.filter(isVariable)
  }

  namesIn(node: AnyNode): ReadonlySet<string> {
    const known = this.#names.get(node) ?? namesIn(node)
    this.#names.set(node, known)
    return known
  }

  /** Whether every variable of a node can be used at an offset of a function. */
  fits(node: AnyNode, within: SourceFunction, offset: number): boolean {
    return this.#variables.every(({ node: name }) => {
      if (name.start < node.start || name.end > node.end || name.type !== 'Identifier') return true
      return isVisible(name.name, within, offset, this.source)
    })
  }
}

export function isVisible(name: string, within: SourceFunction, offset: number, source: SourceModel): boolean {
  for (let fn: SourceFunction | undefined = within; fn !== undefined; fn = fn.parent) {
    const from = fn.declared.get(name)
    if (from !== undefined) return fn !== within || from <= offset
  }
  return source.moduleNames.has(name) || !source.functions.some(({ declared }) => declared.has(name))
}

/** A new line before a statement of a block, or at the block's end. */
export function insertion(
  { source }: Parts,
  operator: Mutation['operator'],
  block: Block,
  before: AnyNode | undefined,
  statement: string,
  weight: number,
): Mutation | undefined {
  const beside = before ?? block.body.at(-1)
  if (beside === undefined || !standsAlone(source, beside)) return undefined
  const offset = before === undefined ? lineEndAt(source, beside.end) : lineStartAt(source, beside.start)
  const indent = indentAt(source, beside.start)
  const end = /;\s*$/.test(textOf(source, beside)) && !/[;}]$/.test(statement) ? ';' : ''
  const place: Place = { ...block.place, node: beside, parent: block.place, slot: 'body', depth: block.place.depth + 1 }
  return { operator, start: offset, end: offset, text: `${indent}${statement}${end}\n`, place, weight }
}

/** The statement that leaves a block at its end; `undefined`: none. */
export function exitOf({ body }: Block): AnyNode | undefined {
  const last = body.at(-1)
  return last?.type === 'ReturnStatement' || last?.type === 'ThrowStatement' ? last : undefined
}
