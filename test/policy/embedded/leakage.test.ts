import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { TaskDefinition } from '../../../src/domain/task.ts'
import type { Message } from '../../../src/domain/message.ts'
import { readAgentState } from '../../../src/policy/embedded/agent-state.ts'
import { createCollectorPolicy } from '../../../src/policy/embedded/collector.ts'
import { featuresOf } from '../../../src/policy/embedded/features.ts'
import { propose } from '../../../src/policy/embedded/proposals.ts'
import { readTasks } from '../../../src/tasks/read-tasks.ts'
import { packageTask, promptOf, readAll } from './packages.ts'

const FOLDER = join(import.meta.dirname, '..', '..', '..', 'tasks')

async function tasksOf(folder: string): Promise<readonly TaskDefinition[]> {
  const tasks: TaskDefinition[] = [packageTask()]
  const names = existsSync(folder) ? readdirSync(folder).sort() : []
  for (const name of names.filter((entry) => existsSync(join(folder, entry, 'task.json')))) {
    for await (const read of readTasks(join(folder, name))) if (read.type === 'task') tasks.push(read.task)
  }
  return tasks
}

function seenIn(messages: readonly Message[]) {
  const state = readAgentState(messages)
  const proposals = propose(state)
  return { replies: proposals.map(({ reply }) => reply), features: featuresOf(state, proposals) }
}

async function collected(messages: readonly Message[]): Promise<string> {
  const policy = createCollectorPolicy({ seed: 3 })
  const { message } = await policy.reply({ messages, sampling: { seed: 5 }, signal: new AbortController().signal })
  return message.content
}

test('a Task with the fix, the hidden tests and the name of another gives the same proposals, features and replies', async () => {
  const tasks = await tasksOf(FOLDER)
  for (const [at, task] of tasks.entries()) {
    const other = tasks[(at + 1) % tasks.length] ?? task
    const { referencePatch, ...rest } = task
    const swapped: TaskDefinition = {
      ...rest,
      id: other.id,
      grading: { ...other.grading, files: {} },
      ...(other.referencePatch === undefined ? {} : { referencePatch: other.referencePatch }),
    }
    for (const conversation of [promptOf, readAll]) {
      expect(seenIn(conversation(swapped))).toEqual(seenIn(conversation(task)))
      expect(await collected(conversation(swapped))).toBe(await collected(conversation(task)))
    }
    expect(referencePatch === undefined || referencePatch !== other.referencePatch || tasks.length === 1).toBe(true)
  }
})
