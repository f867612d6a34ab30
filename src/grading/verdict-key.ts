import { createHash } from 'node:crypto'
import type { TaskDefinition } from '../domain/task.ts'
import { normalPatch } from './patch.ts'

/** Goes up when the same patch may be judged differently than before; verdicts kept under another number are not found. */
const GRADER_VERSION = 1

const digests = new WeakMap<TaskDefinition, string>()

/**
 * Key of a verdict: SHA-256 (64 hex digits) of the Task's id, set, environment and grading, and of the patch without what two
 * equal changes may differ in (`normalPatch`).
 */
export function verdictKey(task: TaskDefinition, patch: string): string {
  return createHash('sha256').update(taskDigest(task)).update('\0').update(normalPatch(patch)).digest('hex')
}

/** A Task's test lists have thousands of names: they are hashed once per Task. */
function taskDigest(task: TaskDefinition): string {
  const known = digests.get(task)
  if (known !== undefined) return known
  const { id, set, environment, grading } = task
  const text = canonical({ version: GRADER_VERSION, id, set, environment, grading })
  const digest = createHash('sha256').update(text).digest('hex')
  digests.set(task, digest)
  return digest
}

/** JSON with sorted keys, so that the order in which fields were written does not matter. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([left], [right]) => (left < right ? -1 : 1)))
      : inner,
  )
}
