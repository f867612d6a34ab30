import type { TrajectoryDraft } from '../../src/domain/trajectory.ts'
import { actionLabel, keysOf } from '../../src/tree/action-key.ts'
import { criticalPairs } from '../../src/tree/critical.ts'
import { members, mergeTrajectories } from '../../src/tree/merge.ts'
import { probabilityBetterBy } from '../../src/tree/score.ts'
import type { Tree } from '../../src/tree/tree.ts'
import type { PairView, TreeView, WorkbenchModel } from '../../views/model.ts'
import { mintDrafts } from '../importers/mint-drafts.ts'
import { PlainModel } from '../views/plain-model.ts'

const THRESHOLD = 0.5

/** The review queue of the real MINT runs: real steps, trees and critical pairs, reviews in memory. */
export class MintReview extends PlainModel {
  list: readonly PairView[]
  readonly #drafts = mintDrafts()
  readonly #trees = new Map<string, Tree>()

  constructor() {
    super('mint')
    const tasks = Map.groupBy(this.#drafts.keys(), (id) => this.#draft(id).task)
    for (const [task, ids] of tasks) {
      const keyed = ids.map((id) => ({ id, outcome: this.#draft(id).outcome, keys: keysOf(this.#draft(id).steps) }))
      this.#trees.set(task, mergeTrajectories(keyed, 'call'))
    }
    this.list = [...this.#trees].flatMap(([task, tree]) => pairsOf(task, tree))
    this.setTasks([
      {
        task: 'all',
        trajectories: this.#drafts.length,
        resolved: 0,
        nodes: 0,
        branching: 0,
        critical: 0,
        pairs: this.list.length,
      },
    ])
  }

  change(list: readonly PairView[]): void {
    this.list = list
    this.changed()
  }

  override pairs(): ReturnType<WorkbenchModel['pairs']> {
    return { state: 'ready', value: this.list }
  }

  override step(trajectory = 0, t = 0): ReturnType<WorkbenchModel['step']> {
    return this.#draft(trajectory).steps[t - 1]
  }

  override prompt(trajectory = 0): ReturnType<WorkbenchModel['prompt']> {
    return this.#draft(trajectory).prompt
  }

  override tree(task = ''): ReturnType<WorkbenchModel['tree']> {
    const tree = this.#trees.get(task)
    if (tree === undefined) return { state: 'error', message: `There is no tree of ${task}.` }
    const value: TreeView = {
      task,
      tree,
      label: (node) =>
        actionLabel(
          this.#draft(tree.trajectories[tree.member[node] ?? 0] ?? 0).steps[0] ?? {
            reply: { role: 'assistant', content: '' },
            observation: [],
          },
        ),
      trajectory: (position) => {
        const id = tree.trajectories[position] ?? 0
        const { outcome, steps, run, end } = this.#draft(id)
        return {
          id,
          outcome,
          steps: steps.length,
          ...(run !== undefined && { run }),
          ...(end !== undefined && { end }),
        }
      },
      members: (node) => members(tree, node),
      criticalNodes: [],
      critical: () => undefined,
    }
    return { state: 'ready', value }
  }

  #draft(id: number): TrajectoryDraft {
    const draft = this.#drafts[id]
    if (draft === undefined) throw new RangeError(`there is no trajectory ${id}`)
    return draft
  }
}

function pairsOf(task: string, tree: Tree): PairView[] {
  return criticalPairs(tree, { threshold: THRESHOLD, inclusive: false, pairing: 'all' }).map(
    ({ parent, chosen, rejected, delta }) => {
      const side = (node: number) => ({
        node,
        n: tree.visits[node] ?? 0,
        r: tree.successes[node] ?? 0,
        trajectory: tree.trajectories[tree.member[node] ?? 0] ?? 0,
        step: tree.step[node] ?? 1,
      })
      const [better, worse] = [side(chosen), side(rejected)]
      return {
        pair: {
          id: `${task}-${chosen}-${rejected}`,
          task,
          mode: 'call',
          parent,
          depth: tree.step[parent] ?? 0,
          chosen: better,
          rejected: worse,
          delta,
          confidence: probabilityBetterBy(better, worse, THRESHOLD),
        },
        flags: better.n === 1 || worse.n === 1 ? ['single-visit'] : [],
        review: { status: 'pending', swapped: false, flagged: false },
      }
    },
  )
}
