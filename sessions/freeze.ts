import { hash } from 'node:crypto'
import { dirname, join } from 'node:path'
import type { JsonObject } from '../src/domain/json.ts'
import type { MergeMode } from '../src/domain/merge-mode.ts'
import type { Pair } from '../src/domain/pair.ts'
import { closedReply, MALFORMED_CHOSEN_REASON } from '../src/exporters/conversation.ts'
import type { Dropped, PairExample, TrajectoryExample } from '../src/exporters/exporter.ts'
import type { DatasetPair, DatasetTrajectory } from '../src/training/dataset.ts'
import { type DatasetFolder, writeDataset } from '../src/training/dataset-files.ts'
import { Analysis } from './analysis.ts'
import { Examples, type PrefixChoice, treePair, treePart } from './examples.ts'
import type { Session } from './session.ts'

/** What a Dataset takes out of a Session. */
export interface DatasetChoice {
  /** `undecided`: also those pending and skipped. */
  readonly pairs: 'accepted' | 'undecided'
  /** Whose messages stand before a Pair; default: the chosen side's. */
  readonly prefix?: PrefixChoice
  /** Only Pairs of Trees merged in this mode. */
  readonly merge?: MergeMode
  /** Only Pairs that this threshold leaves, a fraction in [0, 1]. */
  readonly threshold?: number
  /** Share that is taken, in (0, 1]: the smaller share is part of the larger one. */
  readonly fraction?: number
  /** Share of what; of Pairs: every Trajectory stays. Default: Tasks. */
  readonly fractionOf?: 'tasks' | 'pairs'
  /** Decides which Tasks or Pairs a share is; default 0. */
  readonly seed?: number
}

/** A Dataset that was frozen. */
export interface FrozenDataset extends DatasetFolder {
  /** Id in the Session. */
  readonly id: number
  readonly dropped: readonly Dropped[]
}

/**
 * Freezes what a Run learns from, beside the Session, and keeps its place in it.
 * @throws SealignError `store` when it cannot be written.
 */
export function freezeDataset(session: Session, choice: DatasetChoice): FrozenDataset {
  const { settings, ...draft } = draftDataset(session, choice, join(dirname(session.path), 'datasets'))
  const { hash: content, folder, pairs, trajectories, resolved } = draft
  const id = session.record(() =>
    session.datasets.put({ hash: content, folder, trajectories, resolved, pairs, settings }),
  )
  return { ...draft, id }
}

/** A Dataset in a folder that the Session does not know. */
export interface DraftDataset extends Omit<FrozenDataset, 'id'> {
  /** How it came about. */
  readonly settings: JsonObject
}

/**
 * Writes below `root` what a Run would learn from: the chosen Pairs, and every Trajectory of the Trees with a known Outcome. Rollouts
 * are called after Task and run, so that the same rollouts stand in the same order whatever their observations say of the time.
 * @throws SealignError `store` when it cannot be written.
 */
export function draftDataset(session: Session, choice: DatasetChoice, root: string): DraftDataset {
  const { merge, threshold, fraction = 1, fractionOf = 'tasks', seed = 0 } = choice
  const analysis = new Analysis(session, {
    ...session.settings,
    ...(merge !== undefined && { merge }),
    ...(threshold !== undefined && { threshold }),
  })
  const examples = new Examples(session, analysis, choice.prefix)
  const dropped: Dropped[] = []
  const drop = (each: Dropped): void => void dropped.push(each)
  const present =
    merge === undefined && threshold === undefined ? undefined : new Set([...analysis.pairs()].map(({ id }) => id))
  const eligible = examples.chosen(choice.pairs).filter(({ pair }) => present?.has(pair.id) ?? true)
  const depths = new Map(eligible.map(({ pair }) => [pair.id, pair.depth]))
  const share = (names: readonly string[]): ReadonlySet<string> => new Set(shareOf(names, fraction, seed))
  const tasks = fractionOf === 'tasks' ? share(analysis.tasks()) : new Set(analysis.tasks())
  const pairs = fractionOf === 'pairs' ? share([...depths.keys()]) : new Set(depths.keys())
  const isWanted = ({ id, task }: Pair): boolean => pairs.has(id) && tasks.has(task)
  const settings = { ...analysis.settings, ...choice }
  const folder = writeDataset(
    root,
    {
      pairs: mapped(examples.pairs(choice.pairs, drop, isWanted), (pair) => {
        if (pair.chosen.malformed === undefined) return pairOf(pair, depths.get(pair.id) ?? 0)
        drop({ id: pair.id, reason: MALFORMED_CHOSEN_REASON })
        return undefined
      }),
      trajectories: mapped(examples.trajectories('known', drop, datasetNames(session, analysis)), (trajectory) =>
        tasks.has(trajectory.task) ? trajectoryOf(trajectory) : undefined,
      ),
    },
    settings,
  )
  return { ...folder, dropped, settings }
}

/** `sums#3` for the third rollout of a Task; imported Trajectories are called by a hash of their content. */
export function datasetNames(session: Session, analysis: Analysis): (id: number) => string {
  return (id) => {
    const run = analysis.trajectory(id)?.own === true ? session.trajectories.info(id)?.run : undefined
    return run === undefined ? session.trajectories.contentId(id) : `${analysis.trajectory(id)?.task}#${run}`
  }
}

/** So many of the names, rounded up, by a hash of seed and name. */
function shareOf(list: readonly string[], fraction: number, seed: number): string[] {
  if (fraction >= 1) return [...list]
  const ranked = list.map((name) => ({ name, rank: hash('sha256', `${seed}\0${name}`, 'hex') }))
  ranked.sort((a, b) => (a.rank < b.rank ? -1 : 1))
  return ranked.slice(0, Math.ceil(fraction * list.length)).map(({ name }) => name)
}

function pairOf(example: PairExample, depth: number): DatasetPair {
  const { task, chosen, rejected } = example
  return { ...treePair(example, depth), task, chosen: closedReply(chosen), rejected: closedReply(rejected) }
}

function trajectoryOf(example: TrajectoryExample): DatasetTrajectory {
  const steps = example.steps.map((step) => ({ reply: closedReply(step), observation: step.observation }))
  return { ...treePart(example), task: example.task, steps }
}

/** Each value as something else, one at a time; `undefined` leaves it out. */
function* mapped<From, To>(values: Iterable<From>, change: (value: From) => To | undefined): Generator<To, void> {
  for (const value of values) {
    const made = change(value)
    if (made !== undefined) yield made
  }
}
