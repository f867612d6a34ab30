import { createHash } from 'node:crypto'
import type { MergeMode } from '../domain/merge-mode.ts'
import type { Pair, PairSide } from '../domain/pair.ts'
import { criticalPairs, type CriticalOptions } from '../tree/critical.ts'
import { STEP_WORDS } from '../tree/key-lanes.ts'
import { pathTo } from '../tree/merge.ts'
import { probabilityBetterBy } from '../tree/score.ts'
import type { KeyedTrajectory, Tree } from '../tree/tree.ts'

/** A Trajectory that a member may be chosen from. */
export interface ProposedFrom extends KeyedTrajectory {
  /** Number of its rollout within the Task: decides before the id, which says only whose first Step was stored first. */
  readonly run?: number
}

export interface ProposeOptions extends CriticalOptions {
  /** The Trajectories the Tree was merged from, in the same order. */
  readonly trajectories: readonly ProposedFrom[]
}

/**
 * The critical pairs of one Task's Tree, ready for review: stable ids, one member for each side, and how sure the difference is.
 * The chosen side shows a resolved member and the rejected side an unresolved one where there is one, the shortest first.
 */
export function proposePairs(tree: Tree, task: string, mode: MergeMode, options: ProposeOptions): Pair[] {
  const found = criticalPairs(tree, options)
  const chosenMembers = membersShown(
    tree,
    found.map(({ chosen }) => chosen),
    options.trajectories,
    'resolved',
  )
  const rejectedMembers = membersShown(
    tree,
    found.map(({ rejected }) => rejected),
    options.trajectories,
    'unresolved',
  )
  let context = { parent: -1, path: '' }
  return found.map(({ parent, chosen, rejected, delta }) => {
    if (context.parent !== parent) context = { parent, path: pathText(tree, parent) }
    const sides = {
      chosen: sideOf(tree, chosen, chosenMembers, options.trajectories),
      rejected: sideOf(tree, rejected, rejectedMembers, options.trajectories),
    }
    return {
      id: pairId(task, mode, context.path, keyText(tree, chosen), keyText(tree, rejected)),
      task,
      mode,
      parent,
      depth: tree.step[parent] ?? 0,
      ...sides,
      delta,
      confidence: probabilityBetterBy(sides.chosen, sides.rejected, options.threshold),
    }
  })
}

/**
 * `p` and 12 hexadecimal digits over task, merge mode, the keys from the root to the critical Node, and both action keys as they
 * stand: it survives other Trajectories, another order and another threshold, and is another Pair when the two sides trade places.
 */
function pairId(task: string, mode: MergeMode, path: string, chosen: string, rejected: string): string {
  const text = JSON.stringify([task, mode, path, chosen, rejected])
  return `p${createHash('sha256').update(text).digest('hex').slice(0, 12)}`
}

const keyText = (tree: Tree, node: number): string => `${tree.keyHigh[node] ?? 0}.${tree.keyLow[node] ?? 0}`

function pathText(tree: Tree, node: number): string {
  return pathTo(tree, node)
    .slice(1)
    .map((step) => keyText(tree, step))
    .join('/')
}

function sideOf(
  tree: Tree,
  node: number,
  shown: ReadonlyMap<number, number>,
  trajectories: readonly KeyedTrajectory[],
): PairSide {
  const position = shown.get(node) ?? tree.member[node] ?? 0
  return {
    node,
    n: tree.visits[node] ?? 0,
    r: tree.successes[node] ?? 0,
    trajectory: trajectories[position]?.id ?? tree.trajectories[position] ?? 0,
    step: tree.step[node] ?? 0,
  }
}

/** For each of the Nodes the position of the member to show, in one walk up from every leaf. */
function membersShown(
  tree: Tree,
  nodes: readonly number[],
  trajectories: readonly ProposedFrom[],
  preferred: KeyedTrajectory['outcome'],
): Map<number, number> {
  const wanted = new Set(nodes)
  const shown = new Map<number, number>()
  if (wanted.size === 0) return shown
  const rank = ({ outcome, keys, run = 0, id }: ProposedFrom): readonly number[] => [
    outcome === preferred ? 0 : outcome === 'unknown' ? 2 : 1,
    keys.length / STEP_WORDS,
    run,
    id,
  ]
  for (const [position, candidate] of trajectories.entries()) {
    for (let node = tree.leaf[position] ?? 0; node > 0; node = tree.parent[node] ?? 0) {
      if (!wanted.has(node)) continue
      const holder = trajectories[shown.get(node) ?? -1]
      if (holder === undefined || comesBefore(rank(candidate), rank(holder))) shown.set(node, position)
    }
  }
  return shown
}

function comesBefore(a: readonly number[], b: readonly number[]): boolean {
  const difference = a.findIndex((value, i) => value !== b[i])
  return difference >= 0 && (a[difference] ?? 0) < (b[difference] ?? 0)
}
