import { createHash, type Hash } from 'node:crypto'
import { setImmediate as breathe } from 'node:timers/promises'
import { SealignError } from '../../domain/errors.ts'
import type { Message } from '../../domain/message.ts'
import type { RunStage } from '../../domain/run.ts'
import { proposalOf, situationOf } from '../../policy/embedded/decision.ts'
import type { Proposal } from '../../policy/embedded/proposals.ts'
import type { Dataset, DatasetPair, DatasetTrajectory } from '../dataset.ts'
import type { Choice, Example, LearntSituation } from './example.ts'
import type { EmbeddedSettings } from './settings.ts'

export interface Dropped {
  readonly id: string
  readonly reason: string
}

/** What a stage can learn from, held-out examples included. */
export interface StageExamples {
  readonly stage: RunStage
  readonly examples: readonly Example[]
  /** Pairs or Trajectories of which nothing, or not everything, can be learnt. */
  readonly dropped: readonly Dropped[]
}

/**
 * The examples of every stage of a training, sorted by id: the order of the Dataset's lists makes no difference to what is learnt.
 * @throws SealignError where a stage has nothing to learn from; the signal's reason.
 */
export async function gatherExamples(
  dataset: Dataset,
  { stages, pairs }: Pick<EmbeddedSettings, 'stages' | 'pairs'>,
  signal: AbortSignal,
): Promise<readonly StageExamples[]> {
  const reader = new SituationReader(signal)
  const gathered: StageExamples[] = []
  for (const stage of stages) {
    if (stage === 'sft') gathered.push(await sftExamples(byId(dataset.trajectories), reader))
    else if (pairs === 'critical') gathered.push(await pairExamples(byId(dataset.pairs), reader))
    else gathered.push(await trajectoryExamples(byId(dataset.trajectories), reader))
  }
  return gathered
}

/** One example for each Action that resolved Trajectories of a Task took in equal Situations, with their number as its weight. */
async function sftExamples(
  trajectories: readonly DatasetTrajectory[],
  reader: SituationReader,
): Promise<StageExamples> {
  const resolved = trajectories.filter(({ outcome }) => outcome === 'resolved')
  if (resolved.length === 0) {
    throw new SealignError('trainer', 'SFT has nothing to learn from: the dataset has no resolved trajectory', {
      hint: 'Collect rollouts with a stronger policy, or train with DPO only',
    })
  }
  const found = new Map<string, Example & { weight: number; sources: string[] }>()
  const dropped: Dropped[] = []
  for (const trajectory of resolved) {
    const { choices, missing } = await reader.choicesOf(trajectory)
    if (missing.length > 0) dropped.push(unmatched(trajectory, missing))
    for (const choice of choices) {
      const id = `${trajectory.task}\n${reader.hashOf(choice.situation)}\n${choice.proposal}`
      const known = found.get(id)
      if (known === undefined) {
        const { task } = trajectory
        found.set(id, { id, task, sources: [trajectory.id], weight: 1, chosen: [choice], rejected: [] })
        continue
      }
      known.weight++
      if (known.sources.at(-1) !== trajectory.id) known.sources.push(trajectory.id)
    }
  }
  const examples = byId([...found.values()])
  if (examples.length === 0) throw nothingMatched('SFT', 'action of a resolved trajectory', dropped)
  return { stage: 'sft', examples, dropped }
}

async function pairExamples(pairs: readonly DatasetPair[], reader: SituationReader): Promise<StageExamples> {
  if (pairs.length === 0) {
    throw new SealignError('trainer', 'DPO has nothing to learn from: the dataset has no pair', {
      hint: 'Accept pairs first, or train with SFT only',
    })
  }
  const examples: Example[] = []
  const dropped: Dropped[] = []
  for (const { id, task, depth, weight, prefix, chosen, rejected } of pairs) {
    const sides = await reader.sidesOf(prefix, chosen, rejected)
    if (typeof sides === 'string') dropped.push({ id, reason: sides })
    else {
      const learnt = { chosen: [sides.chosen], rejected: [sides.rejected] }
      examples.push({ id, task, sources: [id], depth, weight, ...learnt })
    }
  }
  if (examples.length === 0) throw nothingMatched('DPO', 'pair', dropped)
  return { stage: 'dpo', examples, dropped }
}

/** The k-th resolved against the k-th unresolved Trajectory of each Task (paper table 5, the ablation without critical actions). */
async function trajectoryExamples(
  trajectories: readonly DatasetTrajectory[],
  reader: SituationReader,
): Promise<StageExamples> {
  const examples: Example[] = []
  const dropped: Dropped[] = []
  const sideOf = async (trajectory: DatasetTrajectory): Promise<readonly Choice[]> => {
    const { choices, missing } = await reader.choicesOf(trajectory)
    if (missing.length > 0) dropped.push(unmatched(trajectory, missing))
    return choices
  }
  for (const [task, ofTask] of Map.groupBy(trajectories, (trajectory) => trajectory.task)) {
    const resolved = ofTask.filter(({ outcome }) => outcome === 'resolved')
    const unresolved = ofTask.filter(({ outcome }) => outcome === 'unresolved')
    for (const [at, better] of resolved.entries()) {
      const worse = unresolved[at]
      if (worse === undefined) break
      const id = `${better.id}\n${worse.id}`
      const [chosen, rejected] = [await sideOf(better), await sideOf(worse)]
      if (chosen.length === 0 || rejected.length === 0) continue
      examples.push({ id, task, sources: [better.id, worse.id], weight: 1, chosen, rejected })
    }
  }
  if (examples.length > 0) return { stage: 'dpo', examples: byId(examples), dropped }
  if (dropped.length > 0) throw nothingMatched('DPO', 'action of the trajectories', dropped)
  throw new SealignError(
    'trainer',
    'DPO has nothing to learn from: no task has a resolved and an unresolved trajectory',
    {
      hint: 'Collect more rollouts of each task',
    },
  )
}

/** A Situation with the replies that are told apart in it; the rest of its Proposals is not kept. */
interface ReadSituation {
  readonly situation: LearntSituation
  readonly proposals: readonly Pick<Proposal, 'reply'>[]
}

/** Reads each prefix once, and makes equal Situations one object. */
class SituationReader {
  readonly #signal: AbortSignal
  readonly #byPrefix = new Map<string, ReadSituation>()
  readonly #byContent = new Map<string, LearntSituation>()
  readonly #hashes = new Map<LearntSituation, string>()

  constructor(signal: AbortSignal) {
    this.#signal = signal
  }

  /** Hash of features and habits. */
  hashOf(situation: LearntSituation): string {
    return this.#hashes.get(situation) ?? ''
  }

  /** The Actions of a Trajectory that the policy could have taken, and the Steps (from 1) whose reply it would never have given. */
  async choicesOf({
    prompt,
    steps,
  }: DatasetTrajectory): Promise<{ choices: readonly Choice[]; missing: readonly number[] }> {
    const prefix: Message[] = [...prompt]
    const hash = hashOfMessages(prompt)
    const choices: Choice[] = []
    const missing: number[] = []
    for (const [index, { reply, observation }] of steps.entries()) {
      const { situation, proposals } = await this.#read(hash, prefix)
      const proposal = proposalOf(proposals, reply)
      if (proposal === undefined) missing.push(index + 1)
      else choices.push({ situation, proposal })
      prefix.push(reply, ...observation)
      hashMessages(hash, [reply, ...observation])
    }
    return { choices, missing }
  }

  /** Both Actions of a critical Pair, or why the policy cannot learn from it. */
  async sidesOf(
    prefix: readonly Message[],
    chosen: Message,
    rejected: Message,
  ): Promise<{ chosen: Choice; rejected: Choice } | string> {
    const { situation, proposals } = await this.#read(hashOfMessages(prefix), prefix)
    const better = proposalOf(proposals, chosen)
    const worse = proposalOf(proposals, rejected)
    if (better === undefined) return 'the chosen reply is not among the proposals'
    if (worse === undefined) return 'the rejected reply is not among the proposals'
    if (better === worse) return 'both replies are the same proposal'
    return { chosen: { situation, proposal: better }, rejected: { situation, proposal: worse } }
  }

  async #read(hash: Hash, prefix: readonly Message[]): Promise<ReadSituation> {
    const key = hash.copy().digest('base64')
    const known = this.#byPrefix.get(key)
    if (known !== undefined) return known
    await breathe()
    this.#signal.throwIfAborted()
    const { features, habits, proposals } = situationOf(prefix)
    const content = createHash('sha256').update(features).update(habits).digest('base64')
    const situation = this.#byContent.get(content) ?? { features, habits }
    this.#byContent.set(content, situation)
    this.#hashes.set(situation, content)
    const read = { situation, proposals: proposals.map(({ reply }) => ({ reply })) }
    this.#byPrefix.set(key, read)
    return read
  }
}

function hashOfMessages(messages: readonly Message[]): Hash {
  const hash = createHash('sha256')
  hashMessages(hash, messages)
  return hash
}

function hashMessages(hash: Hash, messages: readonly Message[]): void {
  for (const message of messages) hash.update(`${JSON.stringify(message)}\n`)
}

function unmatched({ id, steps }: DatasetTrajectory, missing: readonly number[]): Dropped {
  return {
    id,
    reason: `${missing.length} of ${steps.length} replies are not among the proposals: step ${missing.join(', ')}`,
  }
}

function nothingMatched(stage: string, what: string, dropped: readonly Dropped[]): SealignError {
  const [first] = dropped
  return new SealignError(
    'trainer',
    `${stage} has nothing to learn from: no ${what} is one the embedded policy could take`,
    {
      hint: `It learns from rollouts of its own kind only${first === undefined ? '' : ` (${first.id}: ${first.reason})`}`,
    },
  )
}

function byId<Named extends { readonly id: string }>(items: readonly Named[]): readonly Named[] {
  return items.toSorted((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0))
}
