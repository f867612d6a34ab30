import type { Message } from '../src/domain/message.ts'
import type { Pair } from '../src/domain/pair.ts'
import type { Outcome } from '../src/domain/trajectory.ts'
import { closedReply } from '../src/exporters/conversation.ts'
import type { Dropped, PairExample, TrajectoryExample, TreeExample } from '../src/exporters/exporter.ts'
import { treeExamples, type TreePair, type TreeTrajectory } from '../src/exporters/tree-examples.ts'
import { isBenchmark } from '../src/pairs/benchmark-guard.ts'
import { BENCHMARK_REASON, EVALUATION_REASON } from '../src/pairs/filter.ts'
import { successRate } from '../src/tree/score.ts'
import type { Analysis, ReviewedPair } from './analysis.ts'
import type { Session } from './session.ts'
import { sharedPrefixes } from './shared-prefixes.ts'

/** Which Pairs an export takes. */
export type PairChoice = 'accepted' | 'undecided' | 'all'

/** Which Trajectories: `resolved` ones, those whose Outcome is `known`, or all. */
export type OutcomeChoice = 'resolved' | 'known' | 'all'

/**
 * Whose literal messages stand before the two actions of a Pair: those of the `chosen` side's member, or `shared` ones, of one member of
 * the critical Node for all its Pairs and those of critical Nodes above it: fewer different texts, so that trees are smaller, but a reply
 * may answer an observation or follow a thought that was worded otherwise.
 */
export const PREFIX_CHOICES = ['chosen', 'shared'] as const
export type PrefixChoice = (typeof PREFIX_CHOICES)[number]

/** Reads what exports and Datasets hold out of a Session: in an order that depends on contents alone, one example at a time. */
export class Examples {
  readonly #session: Session
  readonly #analysis: Analysis
  readonly #prefixChoice: PrefixChoice
  /** Of each Task, by id of the Pair: the Trajectory whose messages are shared, and the Step of the Pair's actions in it. */
  readonly #shared = new Map<string, ReadonlyMap<string, { readonly trajectory: number; readonly step: number }>>()

  constructor(session: Session, analysis: Analysis, prefix: PrefixChoice = 'chosen') {
    this.#session = session
    this.#analysis = analysis
    this.#prefixChoice = prefix
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
    for (const reviewed of this.chosen(choice)) {
      const example = wanted(reviewed.pair) ? this.#pair(reviewed, drop) : undefined
      if (example) yield example
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
    const named = [...this.#analysis.all()]
      .filter(({ id, outcome }) => this.#isKept(id, drop === undefined) && isChosen(outcome, choice))
      .map(({ id }) => ({ id, name: nameOf(id) }))
      .sort((a, b) => compare(a.name, b.name))
    for (const { id, name } of named) {
      const example = this.#trajectory(id, name)
      if (!example) continue
      if (drop && this.#isGuarded(example.task, example.repository)) drop({ id: name, reason: BENCHMARK_REASON })
      else yield example
    }
  }

  /**
   * Literal Trees: of each Task its Trajectories with a known Outcome and its chosen Pairs, as a frozen Dataset holds them.
   * @param drop - told of Pairs as in `pairs`, and of Tasks that belong to a benchmark.
   */
  *trees(choice: PairChoice, drop: (dropped: Dropped) => void): Generator<TreeExample, void> {
    const { trajectories } = this.#session
    const kept = [...this.#analysis.all()].filter(({ id, outcome }) => this.#isKept(id, false) && outcome !== 'unknown')
    const keptOf = Map.groupBy(kept, ({ task }) => task)
    const chosenOf = Map.groupBy(this.chosen(choice), ({ pair }) => pair.task)
    const tasks = new Set([...keptOf.keys(), ...chosenOf.keys()].sort(compare))
    for (const task of tasks) {
      const members = keptOf.get(task) ?? []
      const chosen = chosenOf.get(task) ?? []
      if (this.#isGuarded(task, repositoryOf(members))) {
        drop({ id: task, reason: BENCHMARK_REASON })
        continue
      }
      const parts = {
        trajectories: members.flatMap(({ id }) => {
          const example = this.#trajectory(id, trajectories.contentId(id))
          return example ? [{ ...treePart(example), source: trajectories.info(id)?.format ?? 'rollout' }] : []
        }),
        pairs: chosen.flatMap((reviewed) => {
          const example = this.#pair(reviewed, drop)
          return example ? [treePair(example, reviewed.pair.depth)] : []
        }),
      }
      yield* treeExamples(task, parts, tasks)
    }
  }

  /** Of a swapped Pair the sides are swapped. */
  #pair({ pair, review }: ReviewedPair, drop: (dropped: Dropped) => void): PairExample | undefined {
    const { trajectories } = this.#session
    const [better, worse] = review.swapped ? [pair.rejected, pair.chosen] : [pair.chosen, pair.rejected]
    const chosen = trajectories.step(better.trajectory, better.step)
    const rejected = trajectories.step(worse.trajectory, worse.step)
    const info = trajectories.info(better.trajectory)
    const leaveOut = (reason: string): undefined => {
      drop({ id: pair.id, reason })
    }
    if (this.#isGuarded(pair.task, info?.repository)) return leaveOut(BENCHMARK_REASON)
    if (!chosen || !rejected || !info) return leaveOut('its trajectories are no longer in the session')
    if ([better, worse].some(({ trajectory }) => this.#analysis.removed.get(trajectory) === EVALUATION_REASON))
      return leaveOut(EVALUATION_REASON)
    const before = this.#before(pair) ?? better
    const tools = trajectories.tools(before.trajectory)
    return {
      id: pair.id,
      task: pair.task,
      ...(info.repository !== undefined && { repository: info.repository }),
      mode: pair.mode,
      ...(tools && { tools }),
      prefix: this.#prefix(before.trajectory, before.step),
      chosen,
      rejected,
      counts: { chosen: { n: better.n, r: better.r }, rejected: { n: worse.n, r: worse.r } },
      delta: pair.delta,
      confidence: pair.confidence,
    }
  }

  #trajectory(id: number, name: string): TrajectoryExample | undefined {
    const { trajectories } = this.#session
    const info = trajectories.info(id)
    if (!info) return undefined
    const tools = trajectories.tools(id)
    const patch = trajectories.patch(id)
    return {
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

  #isKept(id: number, withEvaluations: boolean): boolean {
    const reason = this.#analysis.removed.get(id)
    return reason === undefined || (withEvaluations && reason === EVALUATION_REASON)
  }

  /** A benchmark's Task: what is evaluated on must not be trained on (paper §4.1). */
  #isGuarded(task: string, repository: string | undefined): boolean {
    return this.#analysis.settings.benchmarkGuard && isBenchmark(task, repository)
  }

  /** Where the messages before a Pair are shared from; `undefined`: they are the chosen side's own. */
  #before({ id, task }: Pair): { readonly trajectory: number; readonly step: number } | undefined {
    if (this.#prefixChoice === 'chosen') return undefined
    let shared = this.#shared.get(task)
    if (shared === undefined) {
      // Nodes of Pairs as they were reviewed may be those of another Tree: only present Pairs count.
      const pairs = this.#analysis.pairsOf(task)
      const prefixes = sharedPrefixes(
        this.#analysis.tree(task),
        pairs.map(({ parent }) => parent),
      )
      shared = new Map(
        pairs.map((pair) => [pair.id, { trajectory: prefixes.get(pair.parent) ?? 0, step: pair.depth + 1 }]),
      )
      this.#shared.set(task, shared)
    }
    return shared.get(id)
  }

  #prefix(trajectory: number, step: number): Message[] {
    const messages = [...this.#session.trajectories.prompt(trajectory)]
    for (let t = 1; t < step; t++) {
      const before = this.#session.trajectories.step(trajectory, t)
      if (before) messages.push(closedReply(before), ...before.observation)
    }
    return messages
  }
}

function isChosen(outcome: Outcome, choice: OutcomeChoice): boolean {
  return choice === 'all' || (choice === 'known' ? outcome !== 'unknown' : outcome === choice)
}

/** What a Tree takes of a Trajectory and of a Pair. */
/** What a literal Tree takes of a Trajectory. */
export function treePart({
  id,
  repository,
  tools,
  prompt,
  steps,
  outcome,
}: TrajectoryExample): Omit<TreeTrajectory, 'source'> {
  return { id, ...(repository !== undefined && { repository }), ...(tools && { tools }), prompt, steps, outcome }
}

/** What a literal Tree takes of a Pair. */
export function treePair(
  { id, repository, tools, prefix, chosen, rejected, counts }: PairExample,
  depth: number,
): TreePair {
  return {
    id,
    ...(repository !== undefined && { repository }),
    ...(tools && { tools }),
    depth,
    weight: 1,
    scores: pairScores(counts),
    prefix,
    chosen,
    rejected,
  }
}

/** Success rates of both sides in the Tree the Pair was found in. */
function pairScores({ chosen, rejected }: PairExample['counts']): { chosen: number; rejected: number } {
  return { chosen: successRate(chosen.n, chosen.r) ?? 0, rejected: successRate(rejected.n, rejected.r) ?? 0 }
}

function repositoryOf(members: readonly { readonly repository?: string }[]): string | undefined {
  return members.find(({ repository }) => repository !== undefined)?.repository
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
