import type { Message } from '../src/domain/message.ts'
import type { Pair } from '../src/domain/pair.ts'
import type { Outcome, StepDraft } from '../src/domain/trajectory.ts'
import type { Dropped, PairExample, TrajectoryExample, TreeExample } from '../src/exporters/exporter.ts'
import { isBenchmark } from '../src/pairs/benchmark-guard.ts'
import { BENCHMARK_REASON, EVALUATION_REASON } from '../src/pairs/filter.ts'
import { children } from '../src/tree/merge.ts'
import { successRate } from '../src/tree/score.ts'
import type { Tree } from '../src/tree/tree.ts'
import type { Analysis, ReviewedPair } from './analysis.ts'
import type { Session } from './session.ts'

/** Which Pairs an export takes. */
export type PairChoice = 'accepted' | 'undecided' | 'all'

/** Which Trajectories: `resolved` ones, those whose Outcome is `known`, or all. */
export type OutcomeChoice = 'resolved' | 'known' | 'all'

/** Reads what exports and Datasets hold out of a Session: in an order that depends on contents alone, one example at a time. */
export class Examples {
  readonly #session: Session
  readonly #analysis: Analysis

  constructor(session: Session, analysis: Analysis) {
    this.#session = session
    this.#analysis = analysis
  }

  /**
   * The Pairs chosen, as they were when they were reviewed: `accepted` ones; `undecided` adds those pending or skipped;
   * `all` adds the rejected too.
   */
  chosen(choice: PairChoice): ReviewedPair[] {
    const pairs = new Map<string, ReviewedPair>()
    if (choice !== 'accepted')
      for (const pair of this.#analysis.pairs()) pairs.set(pair.id, this.#analysis.reviewed(pair))
    for (const [id, snapshot] of this.#session.reviews.snapshots())
      pairs.set(id, { ...snapshot, review: this.#analysis.reviewOf(id) })
    const wanted = (pair: ReviewedPair): boolean =>
      pair.review.status === 'accepted' ||
      choice === 'all' ||
      (choice === 'undecided' && pair.review.status !== 'rejected')
    return [...pairs.values()].filter(wanted).sort((a, b) => compare(a.pair.id, b.pair.id))
  }

  /**
   * @param drop - told of Pairs whose Trajectories are no longer in the Session, or measure a policy.
   * @param wanted - leaves others out without a word.
   */
  *pairs(
    choice: PairChoice,
    drop: (dropped: Dropped) => void,
    wanted: (pair: Pair) => boolean = () => true,
  ): Generator<PairExample, void> {
    const { trajectories } = this.#session
    for (const { pair, review } of this.chosen(choice)) {
      if (!wanted(pair)) continue
      const [better, worse] = review.swapped ? [pair.rejected, pair.chosen] : [pair.chosen, pair.rejected]
      const chosen = trajectories.step(better.trajectory, better.step)
      const rejected = trajectories.step(worse.trajectory, worse.step)
      const info = trajectories.info(better.trajectory)
      if (this.#isGuarded(pair.task, info?.repository)) {
        drop({ id: pair.id, reason: BENCHMARK_REASON })
        continue
      }
      if (!chosen || !rejected || !info) {
        drop({ id: pair.id, reason: 'its trajectories are no longer in the session' })
        continue
      }
      if ([better, worse].some(({ trajectory }) => this.#analysis.removed.get(trajectory) === EVALUATION_REASON)) {
        drop({ id: pair.id, reason: EVALUATION_REASON })
        continue
      }
      const tools = trajectories.tools(better.trajectory)
      yield {
        id: pair.id,
        task: pair.task,
        ...(info.repository !== undefined && { repository: info.repository }),
        mode: pair.mode,
        ...(tools && { tools }),
        prefix: this.#prefix(better.trajectory, better.step),
        chosen,
        rejected,
        counts: { chosen: { n: better.n, r: better.r }, rejected: { n: worse.n, r: worse.r } },
        delta: pair.delta,
        confidence: pair.confidence,
      }
    }
  }

  /**
   * Trajectories the filters keep; for SFT the resolved ones only (paper §4.4, equation 3).
   * @param drop - told of those a benchmark's Task keeps out of training; absent: they are no training data, and stay as
   * Evaluations do.
   * @param nameOf - what each is called and sorted by, by id; a hash of its content by default.
   */
  *trajectories(
    choice: OutcomeChoice,
    drop?: (dropped: Dropped) => void,
    nameOf = (id: number) => this.#session.trajectories.contentId(id),
  ): Generator<TrajectoryExample, void> {
    const { trajectories } = this.#session
    const named = [...this.#analysis.all()]
      .filter(({ id, outcome }) => this.#isKept(id, drop === undefined) && isChosen(outcome, choice))
      .map(({ id }) => ({ id, name: nameOf(id) }))
      .sort((a, b) => compare(a.name, b.name))
    for (const { id, name } of named) {
      const info = trajectories.info(id)
      if (!info) continue
      if (drop && this.#isGuarded(info.task, info.repository)) {
        drop({ id: name, reason: BENCHMARK_REASON })
        continue
      }
      const tools = trajectories.tools(id)
      const patch = trajectories.patch(id)
      yield {
        id: name,
        task: info.task,
        ...(info.repository !== undefined && { repository: info.repository }),
        ...(info.run !== undefined && { run: info.run }),
        ...(info.model !== undefined && { model: info.model }),
        ...(tools && { tools }),
        prompt: trajectories.prompt(id),
        steps: [...trajectories.steps(id)],
        outcome: info.outcome,
        ...(patch !== undefined && { patch }),
        ...(info.end !== undefined && { end: info.end }),
      }
    }
  }

  /** Trees with their chosen Pairs; a Node's text is that of its first member. */
  *trees(choice: PairChoice, drop: (dropped: Dropped) => void): Generator<TreeExample, void> {
    const chosen = Map.groupBy(this.chosen(choice), ({ pair }) => pair.task)
    for (const task of [...this.#analysis.tasks()].sort(compare)) {
      const tree = this.#analysis.tree(task)
      if (tree.trajectories.length === 0) continue
      const repository = this.#session.trajectories.info(tree.trajectories[0] ?? 0)?.repository
      if (this.#isGuarded(task, repository)) drop({ id: task, reason: BENCHMARK_REASON })
      else yield this.#tree(task, tree, chosen.get(task) ?? [], drop)
    }
  }

  #tree(task: string, tree: Tree, reviewed: readonly ReviewedPair[], drop: (dropped: Dropped) => void): TreeExample {
    const { trajectories } = this.#session
    const first = tree.trajectories[0] ?? 0
    const info = trajectories.info(first)
    const tools = trajectories.tools(first)
    const nodes = treeNodes(tree, trajectories.prompt(first), (id, t) => trajectories.step(id, t))
    const ends = new Set(nodes.map(({ id }) => id))
    const endOf = (node: number): string => (ends.has(`${node}.o`) ? `${node}.o` : String(node))
    const present = new Map(this.#analysis.pairsOf(task).map((pair) => [pair.id, pair]))
    const pairs = reviewed.flatMap(({ pair: { id }, review }) => {
      const pair = present.get(id)
      if (!pair) {
        drop({ id, reason: 'it is not a pair of the tree under the present settings' })
        return []
      }
      const [better, worse] = review.swapped ? [pair.rejected, pair.chosen] : [pair.chosen, pair.rejected]
      return [
        {
          id,
          at: endOf(pair.parent),
          chosen: String(better.node),
          rejected: String(worse.node),
          scoreChosen: successRate(better.n, better.r) ?? 0,
          scoreRejected: successRate(worse.n, worse.r) ?? 0,
          weight: 1,
        },
      ]
    })
    return {
      id: task,
      task,
      ...(info?.repository !== undefined && { repository: info.repository }),
      ...(tools && { tools }),
      nodes,
      trajectories: [...tree.trajectories].map((id, position) => ({
        id: trajectories.contentId(id),
        leaf: endOf(tree.leaf[position] ?? 0),
        outcome: (this.#analysis.trajectory(id)?.outcome ?? 'unknown') satisfies Outcome,
        source: trajectories.info(id)?.format ?? 'rollout',
      })),
      pairs,
    }
  }

  #isKept(id: number, withEvaluations: boolean): boolean {
    const reason = this.#analysis.removed.get(id)
    return reason === undefined || (withEvaluations && reason === EVALUATION_REASON)
  }

  /** A benchmark's Task: what is evaluated on must not be trained on (paper §4.1). */
  #isGuarded(task: string, repository: string | undefined): boolean {
    return this.#analysis.settings.benchmarkGuard && isBenchmark(task, repository)
  }

  #prefix(trajectory: number, step: number): Message[] {
    const messages = [...this.#session.trajectories.prompt(trajectory)]
    for (let t = 1; t < step; t++) {
      const before = this.#session.trajectories.step(trajectory, t)
      if (before) messages.push(before.reply, ...before.observation)
    }
    return messages
  }
}

function isChosen(outcome: Outcome, choice: OutcomeChoice): boolean {
  return choice === 'all' || (choice === 'known' ? outcome !== 'unknown' : outcome === choice)
}

type ExampleNode = TreeExample['nodes'][number]

/** Nodes parents first; an action's observation stands in a Node of its own (`12.o` below `12`), so that nothing but actions carries loss. */
function treeNodes(
  tree: Tree,
  prompt: readonly Message[],
  stepAt: (trajectory: number, t: number) => StepDraft | undefined,
): ExampleNode[] {
  const nodes: ExampleNode[] = [{ id: '0', parent: null, kind: 'prompt', messages: prompt, ...counts(tree, 0) }]
  const below = new Map<number, string>([[0, '0']])
  const stack = children(tree, 0).reverse()
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    const step = stepAt(tree.trajectories[tree.member[node] ?? 0] ?? 0, tree.step[node] ?? 0)
    const parent = below.get(tree.parent[node] ?? 0) ?? '0'
    const next = children(tree, node)
    if (tree.isObservation[node] === 1)
      nodes.push({ id: String(node), parent, kind: 'obs', messages: step?.observation ?? [], ...counts(tree, node) })
    else {
      nodes.push({
        id: String(node),
        parent,
        kind: 'action',
        messages: step ? [step.reply] : [],
        ...counts(tree, node),
      })
      const split = next.some((child) => tree.isObservation[child] === 1)
      if (step && step.observation.length > 0 && !split)
        nodes.push({
          id: `${node}.o`,
          parent: String(node),
          kind: 'obs',
          messages: step.observation,
          ...counts(tree, node),
        })
      if (step && step.observation.length > 0 && !split) below.set(node, `${node}.o`)
    }
    if (!below.has(node)) below.set(node, String(node))
    stack.push(...next.reverse())
  }
  return nodes
}

function counts(tree: Tree, node: number): Pick<ExampleNode, 'n' | 'successes' | 'score'> {
  const n = tree.visits[node] ?? 0
  const successes = tree.successes[node] ?? 0
  return { n, successes, score: successRate(n, successes) ?? null }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
