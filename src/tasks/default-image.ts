import type { TaskDefinition, TaskSet } from '../domain/task.ts'

/** Official images with git and the language of the set, for Tasks that name none. */
const IMAGES: Readonly<Partial<Record<TaskSet, string>>> = {
  'humanevalfix-python': 'python:3.12-bookworm',
  'humanevalfix-js': 'node:22-bookworm',
  folder: 'node:22-bookworm',
}

/** The Task as it is run in containers: with the image that was asked for, its own, or the default of its set. */
export function withImage(task: TaskDefinition, asked: string | undefined): TaskDefinition {
  const image = asked ?? task.environment.image ?? IMAGES[task.set]
  return image === undefined ? task : { ...task, environment: { ...task.environment, image } }
}
