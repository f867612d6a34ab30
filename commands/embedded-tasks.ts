import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { SealignError } from '../src/domain/errors.ts'
import { readSplit } from '../src/tasks/inject/split-file.ts'

/** A task that comes with the program. */
export interface EmbeddedTask {
  readonly name: string
  /** Its folder, absolute. */
  readonly folder: string
}

/** The tasks that come with the program, as they are split. */
export interface EmbeddedTasks {
  readonly train: readonly EmbeddedTask[]
  readonly heldOut: readonly EmbeddedTask[]
}

/**
 * The first so many of each half.
 * @throws SealignError `not-found` when they are not there.
 */
export async function embeddedTasks(train: number, heldOut: number): Promise<EmbeddedTasks> {
  const folder = tasksFolder()
  const split = await readSplit(folder)
  const taken = (names: readonly string[] = [], number: number): EmbeddedTask[] =>
    names.slice(0, number).map((name) => ({ name, folder: join(folder, name) }))
  return { train: taken(split?.train, train), heldOut: taken(split?.heldOut, heldOut) }
}

/** Words that name tasks to a command. */
export function taskFlags(names: readonly string[]): string[] {
  return names.flatMap((name) => ['--tasks', name])
}

/** Words for rollouts of the embedded loop: more of them at once than this only wait for a core. */
export const SMALL_ROLLOUTS: readonly string[] = ['--concurrency', '4', '--no-check']

/** Beside the bundle, and beside the source. */
function tasksFolder(): string {
  const found = ['../tasks', '../../tasks']
    .map((path) => fileURLToPath(new URL(path, import.meta.url)))
    .find((path) => existsSync(join(path, 'split.json')))
  if (found !== undefined) return found
  throw new SealignError('not-found', 'the tasks that come with sealign are not where they should be', {
    hint: 'Run it from its checkout, or install it again.',
  })
}
