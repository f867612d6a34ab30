import type { Tree } from '../src/tree/tree.ts'

/**
 * Which Trajectory's literal messages stand before the two actions of each critical Node, so that few different ones are needed: a
 * Node takes the one of a critical Node below it, where there is one, else its first member.
 * @param critical - critical Nodes of the Tree, in any order.
 * @returns ids of Trajectories (in the Session) by Node.
 */
export function sharedPrefixes(tree: Tree, critical: Iterable<number>): ReadonlyMap<number, number> {
  const wanted = new Set(critical)
  const prefixes = new Map<number, number>()
  // A Node's index is larger than those of the Nodes above it: the deepest come first.
  for (const node of [...wanted].sort((a, b) => b - a)) {
    if (prefixes.has(node)) continue
    const trajectory = tree.trajectories[tree.member[node] ?? 0] ?? 0
    for (let at = node; at >= 0; at = tree.parent[at] ?? -1)
      if (wanted.has(at) && !prefixes.has(at)) prefixes.set(at, trajectory)
  }
  return prefixes
}
