import { basename, join } from 'node:path'
import type { TaskDefinition } from '../domain/task.ts'
import { parseJson } from '../importers/json-text.ts'
import { checkedId, ROW_LIMITS, RowError } from './row.ts'
import { START_REPOSITORY } from './start-repository.ts'
import { parsedTaskFile, type TaskFile } from './task-file.ts'
import { type Allowance, textFile, textTree } from './text-tree.ts'

export const TASK_FILE = 'task.json'

/**
 * A Task in our folder format: `task.json`, `statement.md`, `files/`, `tests/`, `reference.patch` (docs/tasks.md).
 * @param maxBytes - most bytes of all its files together.
 * @throws RowError naming the file and the field that is wrong.
 */
export async function folderTask(folder: string, maxBytes: number): Promise<TaskDefinition> {
  const allowance: Allowance = { most: maxBytes, left: maxBytes }
  const json = await textFile(join(folder, TASK_FILE), TASK_FILE, allowance)
  if (json === undefined) throw new RowError('task.json is missing')
  const parsed = parseJson(Buffer.from(json))
  if ('reason' in parsed) throw new RowError(`task.json ${parsed.reason}`)
  const file = parsedTaskFile(parsed.value)
  const id = file.id ?? checkedId(basename(folder), 'the name of the folder (task.json has no `id`)')
  const statement = file.statement ?? (await textFile(join(folder, 'statement.md'), 'statement.md', allowance))?.trim()
  if (statement === undefined || statement === '') {
    throw new RowError('the statement is missing; expected a file statement.md or field `statement` of task.json')
  }
  if (statement.length > ROW_LIMITS.text) throw new RowError(`statement.md has more than ${ROW_LIMITS.text} characters`)
  const files = await textTree(join(folder, 'files'), 'files', allowance)
  const hidden = await textTree(join(folder, 'tests'), 'tests', allowance)
  const referencePatch = await textFile(join(folder, 'reference.patch'), 'reference.patch', allowance)
  if (file.image === undefined && Object.keys(files).length === 0) {
    throw new RowError('there is nothing to start from; expected a folder files/ or field `image` of task.json')
  }
  return {
    id,
    set: 'folder',
    ...(file.repository === undefined ? {} : { repository: file.repository }),
    ...(file.version === undefined ? {} : { version: file.version }),
    statement,
    ...(referencePatch === undefined ? {} : { referencePatch }),
    environment: {
      ...(file.image === undefined ? {} : { image: file.image }),
      workdir: file.workdir,
      files,
      setup: [...file.setup, ...START_REPOSITORY],
      network: file.network,
      variables: file.variables,
    },
    grading: { files: hidden, ...grading(file) },
  }
}

function grading({ tests }: TaskFile): Omit<TaskDefinition['grading'], 'files'> {
  return {
    install: tests.install,
    commands: tests.commands,
    parser: tests.parser,
    rules: tests.rules ?? (tests.parser === 'exit-code' ? 'exit-code' : 'swe-bench-5'),
    evaluation: 'pass_and_fail',
    failToPass: tests.failToPass,
    passToPass: tests.passToPass,
    timeoutMs: tests.timeoutSeconds * 1_000,
    ...(tests.memoryMegabytes === undefined ? {} : { memoryBytes: tests.memoryMegabytes * 1024 ** 2 }),
    ...(tests.cpus === undefined ? {} : { cpus: tests.cpus }),
  }
}
