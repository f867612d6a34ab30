import { isDeepStrictEqual } from 'node:util'
import type { Pair, PairFlag } from '../src/domain/pair.ts'
import type { Outcome } from '../src/domain/trajectory.ts'
import { DEFAULT_FILTERS, type FilterOptions, filterTrajectories, NO_FILTERS } from '../src/pairs/filter.ts'
import { type FlagContext, pairFlags } from '../src/pairs/pair-flags.ts'
import { proposePairs } from '../src/pairs/propose.ts'
import { ReviewFold, type ReviewState } from '../src/pairs/review.ts'
import { type CriticalOptions, countCritical } from '../src/tree/critical.ts'
import { isBranching, mergeTrajectories } from '../src/tree/merge.ts'
import type { KeyedTrajectory, Tree } from '../src/tree/tree.ts'
import { wordsOf } from './prepared.ts'
import { renewKeys } from './rekey.ts'
import type { PairSnapshot } from './reviews.ts'
import type { Session } from './session.ts'
import type { AnalysisSettings } from './settings.ts'

/** A Trajectory as the analysis sees it: no texts, its merge keys. */
export interface AnalysedTrajectory extends KeyedTrajectory {
  readonly task: string
  readonly repository?: string
  readonly infrastructure?: string
  /** Rolled out here, not imported. */
  readonly own?: boolean
  /** Rolled out to measure a policy. */
  readonly evaluation?: boolean
  /** Number of its rollout among those of its Task; absent for imported ones. */
  readonly run?: number
}

/** One Task in numbers. */
export interface TaskFigures {
  readonly task: string
  /** Trajectories with a known Outcome in the Tree, those of them resolved, and those whose Outcome nobody knows. */
  readonly trajectories: number
  readonly resolved: number
  readonly unknown: number
  /** Nodes, the root included; branching Nodes; critical Nodes; Pairs. */
  readonly nodes: number
  readonly branching: number
  readonly critical: number
  readonly pairs: number
}

/** A Pair as it stands in the review queue. */
export interface ReviewedPair extends PairSnapshot {
  readonly review: ReviewState
}

/** Pairs of the whole Session in numbers. */
export interface PairFigures {
  readonly criticalNodes: number
  readonly pairs: number
  readonly tasks: number
  readonly pending: number
  readonly accepted: number
  readonly rejected: number
  readonly skipped: number
}

/**
 * Trees, scores and Pairs of a Session, derived from its Trajectories and kept until something they depend on changes: a
 * threshold costs only the Pairs, a new Trajectory only the Tree of its Task.
 */
export class Analysis {
  readonly #session: Session
  #settings: AnalysisSettings
  readonly #trajectories = new Map<number, AnalysedTrajectory>()
  #byTask = new Map<string, AnalysedTrajectory[]>()
  #removed: ReadonlyMap<number, string> = new Map()
  readonly #trees = new Map<string, Tree>()
  readonly #pairs = new Map<string, readonly Pair[]>()
  readonly #flags = new Map<string, readonly PairFlag[]>()
  readonly #reviews = new ReviewFold()
  #revision = -1
  #overrides = ''
  #review = 0

  constructor(session: Session, settings: AnalysisSettings = session.settings) {
    this.#session = session
    this.#settings = settings
    renewKeys(session)
    this.refresh()
  }

  get settings(): AnalysisSettings {
    return this.#settings
  }

  /** Takes other settings; what does not depend on those that changed is kept. */
  use(settings: AnalysisSettings): void {
    const before = this.#settings
    if (isDeepStrictEqual(before, settings)) return
    this.#settings = settings
    const sameFilter =
      before.filter === settings.filter &&
      before.benchmarkGuard === settings.benchmarkGuard &&
      before.loopRepeats === settings.loopRepeats
    if (!sameFilter) this.#filter()
    if (!sameFilter || before.merge !== settings.merge) {
      this.#trees.clear()
      this.#flags.clear()
    }
    this.#pairs.clear()
  }

  /** Reads what was written since the last look. */
  refresh(): void {
    const changed = this.#readTrajectories()
    const overrides = JSON.stringify([...this.#session.overrides.all()])
    if (changed.size > 0 || overrides !== this.#overrides) {
      this.#overrides = overrides
      for (const task of this.#filter()) changed.add(task)
      this.#flags.clear()
    }
    for (const task of changed) {
      this.#trees.delete(task)
      this.#pairs.delete(task)
    }
    this.#readReviews()
  }

  /** Tasks that have Trajectories other than those of evaluations, in natural order. */
  tasks(): readonly string[] {
    const counts = ({ id, evaluation }: AnalysedTrajectory): boolean => evaluation !== true || !this.#removed.has(id)
    return [...this.#byTask].flatMap(([task, list]) => (list.some(counts) ? [task] : []))
  }

  /** Why Trajectories are left out, by id. */
  get removed(): ReadonlyMap<number, string> {
    return this.#removed
  }

  trajectory(id: number): AnalysedTrajectory | undefined {
    return this.#trajectories.get(id)
  }

  /** All Trajectories, left out or not. */
  all(): Iterable<AnalysedTrajectory> {
    return this.#trajectories.values()
  }

  tree(task: string): Tree {
    let tree = this.#trees.get(task)
    if (!tree) {
      tree = mergeTrajectories(this.#kept(task), this.#settings.merge)
      this.#trees.set(task, tree)
    }
    return tree
  }

  figures(task: string): TaskFigures {
    const tree = this.tree(task)
    const { criticalNodes, pairs } = countCritical([tree], this.critical)
    return {
      task,
      trajectories: tree.visits[0] ?? 0,
      unknown: tree.unknown[0] ?? 0,
      resolved: tree.successes[0] ?? 0,
      nodes: tree.size,
      branching: branchingNodes(tree),
      critical: criticalNodes,
      pairs,
    }
  }

  get critical(): CriticalOptions {
    const { threshold, inclusive, pairing } = this.#settings
    return { threshold, inclusive, pairing }
  }

  pairsOf(task: string): readonly Pair[] {
    let pairs = this.#pairs.get(task)
    if (!pairs) {
      pairs = proposePairs(this.tree(task), task, this.#settings.merge, {
        ...this.critical,
        trajectories: this.#kept(task),
      })
      this.#pairs.set(task, pairs)
    }
    return pairs
  }

  /** Every Pair of the Session under the present settings, Tasks in natural order. */
  *pairs(): Generator<Pair, void> {
    for (const task of this.#byTask.keys()) yield* this.pairsOf(task)
  }

  /** What a reviewer should be warned of; read from the steps of both sides once. */
  flags(pair: Pair): readonly PairFlag[] {
    let flags = this.#flags.get(pair.id)
    if (!flags) {
      flags = pairFlags(pair, this.#context(pair))
      this.#flags.set(pair.id, flags)
    }
    return flags
  }

  reviewOf(pair: string): ReviewState {
    return this.#reviews.state(pair)
  }

  reviewed(pair: Pair): ReviewedPair {
    return { pair, flags: this.flags(pair), review: this.reviewOf(pair.id) }
  }

  /** A Pair by id: of the present Trees, else as it was when it was reviewed. */
  find(id: string): ReviewedPair | undefined {
    for (const pair of this.pairs()) if (pair.id === id) return this.reviewed(pair)
    const kept = this.#session.reviews.snapshots().get(id)
    return kept && { ...kept, review: this.reviewOf(id) }
  }

  pairFigures(): PairFigures {
    const { criticalNodes, pairs, tasks } = countCritical(
      this.tasks().map((task) => this.tree(task)),
      this.critical,
    )
    const status = { pending: 0, accepted: 0, rejected: 0, skipped: 0 }
    for (const pair of this.pairs()) status[this.reviewOf(pair.id).status]++
    return { criticalNodes, pairs, tasks, ...status }
  }

  #kept(task: string): AnalysedTrajectory[] {
    return (this.#byTask.get(task) ?? []).filter(({ id }) => !this.#removed.has(id))
  }

  #context(pair: Pair): FlagContext {
    const repository = this.#byTask
      .get(pair.task)
      ?.find((trajectory) => trajectory.repository !== undefined)?.repository
    return {
      tree: this.tree(pair.task),
      ...(repository !== undefined && { repository }),
      step: (trajectory, t) => this.#session.trajectories.step(trajectory, t),
      keys: (trajectory) => this.#trajectories.get(trajectory)?.keys ?? new Uint32Array(),
    }
  }

  #readTrajectories(): Set<string> {
    const changed = new Set<string>()
    const rows = this.#session.db.iterate<LightRow>(
      `select trajectory.id, task.name as task, task.repository, trajectory.outcome, trajectory.infrastructure, source_id, keys,
        trajectory.revision, cast(rollout.run as integer) as run, evaluation.id as evaluation
       from trajectory join task on task.id = trajectory.task_id
       left join rollout on rollout.id = trajectory.rollout_id left join evaluation on evaluation.job_id = rollout.job_id
       where trajectory.revision > ? order by trajectory.id`,
      this.#revision,
    )
    for (const row of rows) {
      this.#revision = Math.max(this.#revision, row.revision)
      this.#trajectories.set(row.id, {
        id: row.id,
        task: row.task,
        ...(row.repository !== null && { repository: row.repository }),
        // A run that our machinery or theirs spoilt says nothing about its actions.
        outcome: row.infrastructure === null ? row.outcome : 'unknown',
        ...(row.infrastructure !== null && { infrastructure: row.infrastructure }),
        ...(row.source_id === null && { own: true }),
        ...(row.evaluation !== null && { evaluation: true }),
        ...(row.run !== null && { run: row.run }),
        keys: wordsOf(row.keys),
      })
      changed.add(row.task)
    }
    if (changed.size > 0) this.#group()
    return changed
  }

  /**
   * Imported Trajectories of a Task come in order of id, then rollouts by their number: the same rollouts make the same trees and
   * pairs whatever order they ended in.
   */
  #group(): void {
    const ordered = [...this.#trajectories.values()].sort((a, b) => (a.run ?? 0) - (b.run ?? 0) || a.id - b.id)
    const groups = Map.groupBy(ordered, ({ task }) => task)
    const collator = new Intl.Collator('en', { numeric: true })
    this.#byTask = new Map([...groups].sort(([a], [b]) => collator.compare(a, b)))
  }

  /** Decides again who is left out; returns the Tasks in which that changed. */
  #filter(): Set<string> {
    const label = (id: number) => (t: number) => this.#session.trajectories.label(id, t)
    const candidates = [...this.#byTask.values()].flat().map((trajectory) => ({
      ...trajectory,
      label: label(trajectory.id),
    }))
    const removed = filterTrajectories(candidates, this.#filters())
    const before = this.#removed
    this.#removed = removed
    const moved = [...before.keys(), ...removed.keys()].filter((id) => before.has(id) !== removed.has(id))
    return new Set(moved.flatMap((id) => this.#trajectories.get(id)?.task ?? []))
  }

  /** What measures a policy stays out of the trees even where no filter is wanted: a person may put it back. */
  #filters(): FilterOptions {
    const { filter, benchmarkGuard, loopRepeats } = this.#settings
    const byHand = this.#session.overrides.all()
    if (!filter) return { ...NO_FILTERS, evaluation: true, byHand: new Map([...byHand].filter(([, stays]) => stays)) }
    return { ...DEFAULT_FILTERS, benchmark: benchmarkGuard, loops: loopRepeats > 1, loopRepeats, byHand }
  }

  #readReviews(): void {
    const rows = this.#session.reviews.since(this.#review)
    this.#review = rows.at(-1)?.seq ?? this.#review
    this.#reviews.append(rows)
  }
}

interface LightRow {
  readonly id: number
  readonly task: string
  readonly repository: string | null
  readonly outcome: Outcome
  readonly infrastructure: string | null
  readonly source_id: number | null
  readonly run: number | null
  readonly evaluation: number | null
  readonly keys: Uint8Array
  readonly revision: number
}

function branchingNodes(tree: Tree): number {
  let branching = 0
  for (let node = 0; node < tree.size; node++) if (isBranching(tree, node)) branching++
  return branching
}
