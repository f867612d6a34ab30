/** A graph as a map of neighbours; each edge goes both ways. */
export function graphOf(edges) {
  const graph = new Map()
  const link = (from, to) => graph.set(from, [...(graph.get(from) ?? []), to])
  for (const [one, other] of edges) {
    link(one, other)
    link(other, one)
  }
  return graph
}

/** Everything that can be reached, nearest first, `start` included. */
export function reachable(graph, start) {
  const seen = new Set([start])
  for (const node of seen) {
    for (const next of graph.get(node) ?? []) seen.add(next)
  }
  return [...seen]
}

/** The nodes of a way with the fewest steps; `undefined` when there is none. */
export function shortestPath(graph, start, goal) {
  const previous = new Map([[start, undefined]])
  const queue = [start]
  while (queue.length > 0) {
    const node = queue.shift()
    if (node === goal) return pathTo(goal, previous)
    for (const next of graph.get(node) ?? []) {
      if (previous.has(next)) continue
      previous.set(node, next)
      queue.push(next)
    }
  }
  return undefined
}

function pathTo(goal, previous) {
  const path = []
  for (let node = goal; node !== undefined; node = previous.get(node)) path.unshift(node)
  return path
}

/** Steps between two nodes; -1 when there is no way. */
export function distance(graph, start, goal) {
  const path = shortestPath(graph, start, goal)
  return path === undefined ? -1 : path.length - 1
}
