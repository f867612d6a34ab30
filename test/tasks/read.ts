import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { onTestFinished } from 'vitest'
import type { TaskDefinition } from '../../src/domain/task.ts'
import { readTasks, type ReadTasksOptions, type TaskRead } from '../../src/tasks/read-tasks.ts'

export const FIXTURES = resolve('test/fixtures/tasks')

export async function allOf(path: string, options: ReadTasksOptions = {}): Promise<readonly TaskRead[]> {
  const reads: TaskRead[] = []
  for await (const read of readTasks(path, options)) reads.push(read)
  return reads
}

/** The Tasks of a path, by id. */
export async function tasksOf(
  path: string,
  options: ReadTasksOptions = {},
): Promise<ReadonlyMap<string, TaskDefinition>> {
  const reads = await allOf(path, options)
  return new Map(reads.flatMap((read) => (read.type === 'task' ? [[read.task.id, read.task] as const] : [])))
}

/** What was left out, as `line: reason`. */
export function skipped(reads: readonly TaskRead[]): readonly string[] {
  return reads.flatMap((read) => (read.type === 'skipped' ? [`${read.line ?? '-'}: ${read.reason}`] : []))
}

/** A file of its own with this text, removed after the test. */
export function fileOf(name: string, text: string | Uint8Array): string {
  const path = join(emptyFolder(), name)
  writeFileSync(path, text)
  return path
}

export function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sealign-tasks-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A row of SWE-bench that lacks nothing, for tests that break one field of it. */
export const ROW = {
  repo: 'pallets/flask',
  instance_id: 'pallets__flask-4045',
  version: '2.0',
  base_commit: 'd8c37f43724cd9fb0870f77877b7c4c7e38a19e0',
  problem_statement: 'Raise an error when a blueprint name contains a dot.',
  patch: 'diff --git a/src/flask/blueprints.py b/src/flask/blueprints.py\n',
  test_patch: 'diff --git a/tests/test_basic.py b/tests/test_basic.py\n',
  FAIL_TO_PASS: ['tests/test_basic.py::test_dot'],
  PASS_TO_PASS: ['tests/test_basic.py::test_other'],
}
