import type { Message } from '../domain/message.ts'
import type { Outcome } from '../domain/trajectory.ts'
import { messageKey, withPathIds } from './literal-message.ts'

/** A Trajectory below a prompt. */
export interface LiteralTrajectory {
  readonly id: string
  readonly outcome: Outcome
  /** Where it comes from, in a word. */
  readonly source: string
  /** Replies and observations, in order. */
  readonly messages: readonly Message[]
}

/** A Pair below a prompt. */
export interface LiteralPair {
  readonly id: string
  readonly weight: number
  /** Success rates of the two actions in the session's Tree; absent: those of the literal Nodes stand for them. */
  readonly scores?: { readonly chosen: number; readonly rejected: number }
  /** Replies and observations before the action, in order. */
  readonly path: readonly Message[]
  readonly chosen: Message
  readonly rejected: Message
}

/** A Node whose text is the same for everything that passes it. */
export interface LiteralNode {
  readonly id: string
  readonly parent: string | null
  /** The prompt, one assistant message, or everything that came back before the next one. */
  readonly kind: 'prompt' | 'action' | 'obs'
  readonly messages: readonly Message[]
  /** Trajectories with a known Outcome through the Node, and the resolved ones of them. */
  readonly n: number
  readonly successes: number
  /** successes / n; null where n is 0. */
  readonly score: number | null
}

/** Trajectories and Pairs of one prompt, merged where their messages are the same. */
export interface LiteralTree {
  /** In pre-order; ids count them: `0` is the prompt. */
  readonly nodes: readonly LiteralNode[]
  /** By id. */
  readonly trajectories: readonly {
    readonly id: string
    readonly leaf: string
    readonly outcome: Outcome
    readonly source: string
  }[]
  /** By id; both actions are children of `at`. */
  readonly pairs: readonly {
    readonly id: string
    readonly at: string
    readonly chosen: string
    readonly rejected: string
    readonly scores: { readonly chosen: number; readonly rejected: number }
    readonly weight: number
  }[]
}

/**
 * Merges Trajectories and Pairs exactly where their messages are the same (call ids aside, which are renumbered along each path), so
 * that a path read from the root is what its Trajectory or Pair says, letter for letter. The same whatever their order; linear in text.
 */
export function literalTree(
  prompt: readonly Message[],
  trajectories: readonly LiteralTrajectory[],
  pairs: readonly LiteralPair[],
): LiteralTree {
  const growth = new Growth(prompt)
  const leaves = byId(trajectories).map(({ messages, ...trajectory }) => {
    const leaf = growth.path(messages)
    if (trajectory.outcome !== 'unknown') growth.count(leaf, trajectory.outcome === 'resolved')
    return { trajectory, leaf }
  })
  const sides = byId(pairs).map(({ path, chosen, rejected, ...pair }) => ({
    pair,
    at: growth.path(path),
    chosen: growth.path([...path, chosen]),
    rejected: growth.path([...path, rejected]),
  }))
  const { nodes, idOf } = growth.numbered()
  const scoreOf = (node: number, otherwise: number): number => nodes[Number(idOf(node))]?.score ?? otherwise
  return {
    nodes,
    trajectories: leaves.map(({ trajectory: { id, outcome, source }, leaf }) => ({
      id,
      leaf: idOf(leaf),
      outcome,
      source,
    })),
    pairs: sides.map(({ pair: { id, scores, weight }, at, chosen, rejected }) => ({
      id,
      at: idOf(at),
      chosen: idOf(chosen),
      rejected: idOf(rejected),
      scores: scores ?? { chosen: scoreOf(chosen, 1), rejected: scoreOf(rejected, 0) },
      weight,
    })),
  }
}

interface GrowingNode {
  readonly parent: number
  readonly kind: LiteralNode['kind']
  readonly messages: readonly Message[]
  readonly children: number[]
  n: number
  successes: number
}

/** A Tree while Trajectories are added; Nodes are numbered as they come. */
class Growth {
  readonly #prompt: readonly Message[]
  readonly #nodes: GrowingNode[]
  /** A number for each message that differs from all others. */
  readonly #messages = new Map<string, number>()
  /** Nodes by parent, kind and numbers of their messages. */
  readonly #places = new Map<string, number>()

  constructor(prompt: readonly Message[]) {
    this.#prompt = prompt
    const messages = withPathIds(prompt)
    this.#nodes = [{ parent: -1, kind: 'prompt', messages, children: [], n: 0, successes: 0 }]
  }

  /** The Node at the end of the path. */
  path(messages: readonly Message[]): number {
    let node = 0
    const named = withPathIds([...this.#prompt, ...messages]).slice(this.#prompt.length)
    for (const [kind, turn] of turnsOf(named)) node = this.#child(node, kind, turn)
    return node
  }

  count(leaf: number, resolved: boolean): void {
    for (let node = this.#nodes[leaf]; node !== undefined; node = this.#nodes[node.parent]) {
      node.n++
      if (resolved) node.successes++
    }
  }

  /** The Nodes in pre-order, siblings as they came, and what the Node of each number is called among them. */
  numbered(): { readonly nodes: readonly LiteralNode[]; readonly idOf: (node: number) => string } {
    const ids = new Map<number, string>()
    const nodes: LiteralNode[] = []
    const stack = [0]
    for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
      const node = this.#nodes[at]
      if (node === undefined) continue
      const { parent, kind, messages, children, n, successes } = node
      const id = String(nodes.length)
      ids.set(at, id)
      const score = n === 0 ? null : successes / n
      nodes.push({ id, parent: ids.get(parent) ?? null, kind, messages, n, successes, score })
      for (let last = children.length - 1; last >= 0; last--) stack.push(children[last] ?? 0)
    }
    return { nodes, idOf: (node) => ids.get(node) ?? '0' }
  }

  #child(parent: number, kind: LiteralNode['kind'], messages: readonly Message[]): number {
    const place = `${parent} ${kind} ${messages.map((message) => this.#numberOf(message)).join(' ')}`
    const known = this.#places.get(place)
    if (known !== undefined) return known
    const node = this.#nodes.push({ parent, kind, messages, children: [], n: 0, successes: 0 }) - 1
    this.#places.set(place, node)
    this.#nodes[parent]?.children.push(node)
    return node
  }

  #numberOf(message: Message): number {
    const key = messageKey(message)
    const known = this.#messages.get(key)
    if (known !== undefined) return known
    const number = this.#messages.size
    this.#messages.set(key, number)
    return number
  }
}

/** The messages in turns: each reply alone, and all that came back before the next one together. */
function* turnsOf(messages: readonly Message[]): Generator<['action' | 'obs', readonly Message[]]> {
  let observed: Message[] = []
  for (const message of messages) {
    if (message.role !== 'assistant') {
      observed.push(message)
      continue
    }
    if (observed.length > 0) yield ['obs', observed]
    observed = []
    yield ['action', [message]]
  }
  if (observed.length > 0) yield ['obs', observed]
}

function byId<T extends { readonly id: string }>(list: readonly T[]): readonly T[] {
  return list.toSorted((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0))
}
