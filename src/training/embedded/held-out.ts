import { randomOf } from '../../policy/embedded/random.ts'
import type { Example } from './example.ts'

export interface Division {
  readonly training: readonly Example[]
  readonly heldOut: readonly Example[]
}

/**
 * Divides the examples of every stage by one set of held-out Tasks, so that no stage is evaluated on a Task that another learnt from.
 * Every stage keeps a Task to learn from, and has one held out if that is possible.
 * @param share - of the Tasks, in [0, 1); 0 holds nothing out.
 */
export function divideByTask(
  stages: readonly (readonly Example[])[],
  share: number,
  seed: number,
): readonly Division[] {
  const own = stages.map((examples) => new Set(examples.map(({ task }) => task)))
  const order = shuffled([...new Set(own.flatMap((tasks) => [...tasks]))].toSorted(), seed)
  const heldOut = new Set<string>()
  const learnt = (tasks: ReadonlySet<string>) => [...tasks].filter((task) => !heldOut.has(task))
  const mayBeHeldOut = (task: string) => own.every((tasks) => learnt(tasks).some((other) => other !== task))
  for (const task of order) {
    if (heldOut.size < Math.floor(order.length * share) && mayBeHeldOut(task)) heldOut.add(task)
  }
  for (const tasks of share === 0 ? [] : own) {
    if (learnt(tasks).length < tasks.size) continue
    const task = order.find((candidate) => tasks.has(candidate) && mayBeHeldOut(candidate))
    if (task !== undefined) heldOut.add(task)
  }
  return stages.map((examples) => ({
    training: examples.filter(({ task }) => !heldOut.has(task)),
    heldOut: examples.filter(({ task }) => heldOut.has(task)),
  }))
}

function shuffled(tasks: readonly string[], seed: number): readonly string[] {
  return tasks
    .map((task) => ({ task, place: randomOf('held-out', seed, task)() }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ task }) => task)
}
