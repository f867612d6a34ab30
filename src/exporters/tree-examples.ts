import type { Json } from '../domain/json.ts'
import type { Message } from '../domain/message.ts'
import type { Dataset } from '../training/dataset.ts'
import { messageKey, withPathIds } from '../training/literal-message.ts'
import type { TreeExample } from './exporter.ts'

type ExampleTrajectory = TreeExample['trajectories'][number]
type ExamplePair = TreeExample['pairs'][number]

/** What every part of a Tree knows of its conversation. */
interface Conversation {
  readonly repository?: string
  readonly tools?: readonly Json[]
}

/** A Trajectory that goes into a Tree. */
export interface TreeTrajectory extends ExampleTrajectory, Conversation {
  readonly prompt: readonly Message[]
}

/** A Pair that goes into a Tree. */
export interface TreePair extends Omit<ExamplePair, 'path'>, Conversation {
  /** Actions before the two. */
  readonly depth: number
  /** Every message before the action, of the chosen side. */
  readonly prefix: readonly Message[]
}

/**
 * The Trees of a Task: one for each prompt with tools that its Trajectories and Pairs begin with, nearly always one. It is called
 * after the Task, others `TASK/2`, `TASK/3`, … unless a Task (of `tasks`) is called so; of Trajectories imported twice, the second
 * is called `ID/2`. Names do not depend on the order of the parts.
 */
export function treeExamples(
  task: string,
  parts: { readonly trajectories: readonly TreeTrajectory[]; readonly pairs: readonly TreePair[] },
  tasks: ReadonlySet<string>,
): readonly TreeExample[] {
  const groups = new Map<string, Group>()
  const groupOf = (prompt: readonly Message[], { tools }: Conversation): Group => {
    const key = JSON.stringify([tools ?? null, withPathIds(prompt).map(messageKey)])
    const group = groups.get(key) ?? { prompt, conversations: [], trajectories: [], pairs: [] }
    groups.set(key, group)
    return group
  }
  const times = new Map<string, number>()
  for (const trajectory of parts.trajectories) {
    const { prompt, id, outcome, source, steps } = trajectory
    const group = groupOf(prompt, trajectory)
    const time = (times.get(id) ?? 0) + 1
    times.set(id, time)
    group.conversations.push(trajectory)
    group.trajectories.push({ id: time === 1 ? id : `${id}/${time}`, outcome, source, steps })
  }
  for (const pair of parts.pairs) {
    const { id, weight, scores, prefix, depth, chosen, rejected } = pair
    const start = promptLength(prefix, depth)
    const group = groupOf(prefix.slice(0, start), pair)
    group.conversations.push(pair)
    group.pairs.push({ id, weight, ...(scores && { scores }), path: prefix.slice(start), chosen, rejected })
  }
  let number = 1
  const nextId = (): string => {
    for (;;) {
      const id = number === 1 ? task : `${task}/${number}`
      number++
      if (id === task || !tasks.has(id)) return id
    }
  }
  return [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { prompt, conversations, trajectories, pairs }]) => {
      const [repository] = conversations.flatMap((each) => each.repository ?? []).sort()
      const tools = conversations[0]?.tools
      return {
        id: nextId(),
        task,
        ...(repository !== undefined && { repository }),
        ...(tools !== undefined && { tools }),
        prompt,
        trajectories,
        pairs,
      }
    })
}

/** The Trees of a Dataset, Tasks in order of their names. */
export function* datasetTrees(dataset: Dataset): Generator<TreeExample, void> {
  const trajectories = Map.groupBy(dataset.trajectories, ({ task }) => task)
  const pairs = Map.groupBy(dataset.pairs, ({ task }) => task)
  const tasks = new Set([...trajectories.keys(), ...pairs.keys()].sort())
  for (const task of tasks) {
    const parts = {
      trajectories: (trajectories.get(task) ?? []).map((trajectory) => ({ ...trajectory, source: 'dataset' })),
      pairs: (pairs.get(task) ?? []).map((pair) => ({
        ...pair,
        chosen: { reply: pair.chosen, observation: [] },
        rejected: { reply: pair.rejected, observation: [] },
      })),
    }
    yield* treeExamples(task, parts, tasks)
  }
}

interface Group {
  readonly prompt: readonly Message[]
  readonly conversations: Conversation[]
  readonly trajectories: ExampleTrajectory[]
  readonly pairs: ExamplePair[]
}

/** Where the first of the actions before a Pair stands in its prefix; a prompt may hold replies of its own (a demonstration). */
function promptLength(prefix: readonly Message[], depth: number): number {
  if (depth === 0) return prefix.length
  const replies = prefix.flatMap(({ role }, at) => (role === 'assistant' ? [at] : []))
  return replies.at(-depth) ?? replies[0] ?? prefix.length
}
