import { expect, test } from 'vitest'
import type { Example } from '../../../src/training/embedded/example.ts'
import { divideByTask } from '../../../src/training/embedded/held-out.ts'

function examplesOf(...tasks: readonly string[]): Example[] {
  return tasks.map((task, at) => ({ id: `${task} ${at}`, task, sources: [], weight: 1, chosen: [], rejected: [] }))
}

const names = (count: number) => Array.from({ length: count }, (_, at) => `task-${at}`)
const tasksOf = (examples: readonly Example[] | undefined) => new Set(examples?.map(({ task }) => task))

test('a share of the tasks is held out, with everything of theirs, in every stage alike', () => {
  const tasks = names(20)
  const [sft, dpo] = divideByTask([examplesOf(...tasks, ...tasks), examplesOf(...tasks)], 0.2, 1)
  expect(tasksOf(sft?.heldOut).size).toBe(4)
  expect(tasksOf(dpo?.heldOut)).toEqual(tasksOf(sft?.heldOut))
  expect(sft?.heldOut).toHaveLength(8)
  expect([...tasksOf(sft?.training)].some((task) => tasksOf(sft?.heldOut).has(task))).toBe(false)
  expect(sft?.training).toHaveLength(32)
})

test('which tasks depends on the seed, not on their order', () => {
  const heldOut = (tasks: readonly string[], seed: number) =>
    tasksOf(divideByTask([examplesOf(...tasks)], 0.3, seed)[0]?.heldOut)
  expect(heldOut(names(20).toReversed(), 1)).toEqual(heldOut(names(20), 1))
  expect(heldOut(names(20), 2)).not.toEqual(heldOut(names(20), 1))
})

test('every stage keeps a task to learn from, and has one held out if it can', () => {
  for (let seed = 0; seed < 20; seed++) {
    const [all, two, one] = divideByTask(
      [examplesOf(...names(9)), examplesOf('task-3', 'task-4'), examplesOf('task-5')],
      0.1,
      seed,
    )
    expect(all?.heldOut.length).toBeGreaterThan(0)
    expect([two?.training.length, two?.heldOut.length]).toEqual([1, 1])
    expect([one?.training.length, one?.heldOut.length]).toEqual([1, 0])
  }
})

test('nothing is held out where nothing is to be', () => {
  expect(divideByTask([examplesOf(...names(5))], 0, 1)[0]?.heldOut).toEqual([])
})
