import type { NodeList } from './node-list.ts'

/** Answers the line the cursor goes to; may fold and unfold on the way. */
export type Placing = (list: NodeList, node: number, line: number) => number

/** Right: unfolds, or goes to the first child. */
export function unfolded(list: NodeList, node: number, line: number): number {
  if (!list.isFolded(node)) return list.order.below[node] === 0 ? line : line + 1
  list.unfold(line)
  return line
}

/** Left: folds what is open, or goes to the parent. */
export function foldedOrUp(list: NodeList, node: number, line: number): number {
  const { count } = list
  list.fold(line)
  return list.count < count ? line : list.lineOf(list.order.tree.parent[node] ?? 0)
}

export function toggled(list: NodeList, node: number, line: number): number {
  if (list.isFolded(node)) list.unfold(line)
  else list.fold(line)
  return line
}
