import type { AnyNode } from 'acorn'
import { textOf } from '../source-model.ts'
import type { Mutation } from './mutation.ts'
import { type Block, exitOf, insertion, Parts } from './insertion-parts.ts'

/** Longest statement that is copied, UTF-16 units. */
const MAX_COPIED = 120

/** A statement that stands in another block of the file. */
export function* copiedStatements(file: Parts): Iterable<Mutation> {
  const { source } = file
  const seen = new Set<string>()
  for (const { node } of source.places) {
    if (node.type !== 'ExpressionStatement' || node.end - node.start > MAX_COPIED) continue
    const text = textOf(source, node)
    if (text.includes('\n') || seen.has(text)) continue
    seen.add(text)
    for (const block of file.blocks) yield* copiesInto(file, block, node, text)
  }
}

/** A copied statement belongs where its receiver is used: the more names it shares with its neighbours, the better. */
function* copiesInto(file: Parts, block: Block, statement: AnyNode, text: string): Iterable<Mutation> {
  const { source } = file
  const whole = textOf(source, block.place.node)
  if (whole.includes(text)) return
  const names = file.namesIn(statement)
  const within = new Set([...file.namesIn(block.place.node)])
  if (![...names].some((name) => within.has(name))) return
  for (let at = 0; at <= block.body.length; at++) {
    const before = block.body[at]
    const behind = block.body[at - 1]
    if (before === undefined && (behind === undefined || exitOf(block) !== undefined)) continue
    const offset = before?.start ?? block.place.node.end
    if (!file.fits(statement, block.within, offset)) continue
    const shared = Math.max(sharedShare(file, names, before), sharedShare(file, names, behind) * 0.8)
    const made = insertion(file, 'statement-copy', block, before, text, 0.08 + 0.32 * shared)
    if (made !== undefined) yield made
  }
}

function sharedShare(file: Parts, names: ReadonlySet<string>, neighbour: AnyNode | undefined): number {
  if (neighbour === undefined || names.size === 0) return 0
  const there = file.namesIn(neighbour)
  let shared = 0
  for (const name of names) if (there.has(name)) shared++
  return shared / names.size
}
