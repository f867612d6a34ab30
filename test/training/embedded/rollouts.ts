import type { Message } from '../../../src/domain/message.ts'
import type { Outcome } from '../../../src/domain/trajectory.ts'
import { situationOf } from '../../../src/policy/embedded/decision.ts'
import type { ProposalKind } from '../../../src/policy/embedded/proposals.ts'
import type { Dataset, DatasetPair, DatasetTrajectory } from '../../../src/training/dataset.ts'

/** What the policy reads first in a made-up Task. */
export function promptOf(task: string): readonly Message[] {
  return [
    { role: 'system', content: 'You fix bugs.' },
    {
      role: 'user',
      content: `The code is in /workspace. The function \`${task}\` of src/${task}.js gives one too many.`,
    },
  ]
}

/** The reply of a kind after these messages; the first one of several. */
export function replyOf(prefix: readonly Message[], kind: ProposalKind): Message {
  const { proposals } = situationOf(prefix)
  const found = proposals.find((proposal) => proposal.kind === kind)
  if (found === undefined)
    throw new Error(`${kind} is not proposed: ${proposals.map((proposal) => proposal.kind).join(', ')}`)
  return { role: 'assistant', content: found.reply }
}

/** A Trajectory of these kinds of Action, each answered by little. */
export function trajectoryOf(
  id: string,
  task: string,
  outcome: Outcome,
  kinds: readonly ProposalKind[],
): DatasetTrajectory {
  const prefix = [...promptOf(task)]
  const steps = kinds.map((kind) => {
    const reply = replyOf(prefix, kind)
    const observation: Message[] = [
      { role: 'user', content: `EXECUTION RESULT of [str_replace_editor]:\n${kind} done` },
    ]
    prefix.push(reply, ...observation)
    return { reply, observation }
  })
  return { id, task, outcome, prompt: promptOf(task), steps }
}

/** A critical Pair after these kinds of Action. */
export function pairOf(
  id: string,
  task: string,
  before: readonly ProposalKind[],
  chosen: ProposalKind,
  rejected: ProposalKind,
): DatasetPair {
  const { prompt, steps } = trajectoryOf(id, task, 'unknown', before)
  const prefix = [...prompt, ...steps.flatMap(({ reply, observation }) => [reply, ...observation])]
  return {
    id,
    task,
    depth: before.length,
    weight: 1,
    prefix,
    chosen: replyOf(prefix, chosen),
    rejected: replyOf(prefix, rejected),
  }
}

export function datasetOf(
  trajectories: readonly DatasetTrajectory[],
  pairs: readonly DatasetPair[],
  hash = 'test',
): Dataset {
  return { hash, trajectories, pairs }
}
