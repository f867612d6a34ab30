import { lstat, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { SealignError } from '../domain/errors.ts'
import { isObject } from '../domain/json.ts'
import type { TaskDefinition, TaskSet } from '../domain/task.ts'
import { SourceError } from '../importers/importer.ts'
import { readParquetRows } from '../importers/parquet.ts'
import { readValues } from '../importers/records.ts'
import { naturally } from '../importers/walk.ts'
import { RowError } from './row.ts'
import { rowTask } from './row-set.ts'
import { folderTask, TASK_FILE } from './task-folder.ts'

/** What reading yields, in order: usable Tasks, and what was left out and why. `line` is 1-based, the row of a file without lines. */
export type TaskRead =
  | { readonly type: 'task'; readonly task: TaskDefinition; readonly file: string; readonly line?: number }
  | { readonly type: 'skipped'; readonly file: string; readonly line?: number; readonly reason: string }

export interface ReadTasksOptions {
  /** The set the rows belong to; recognised row by row when absent. */
  readonly set?: TaskSet
  readonly signal?: AbortSignal
  /** Largest row, JSON document, or folder of one Task, in bytes. */
  readonly maxBytes?: number
}

/** The largest JSON set known, SWE-bench with all splits in one document, has about 200 MB. */
const MOST_BYTES = 256 * 1024 ** 2
const SET_FILE = /\.(?:jsonl?|ndjson)(?:\.(?:gz|zst|zstd))?$|\.parquet$/i
const PASSED_OVER = new Set(['node_modules', '.git', '__pycache__', '.venv'])
/** Says which Tasks of a folder train and which measure; no rows. */
const SPLIT_FILE = 'split.json'
const DEEPEST = 6
const MOST_ENTRIES = 200_000

/**
 * The Tasks of a file (JSON Lines, a JSON array or object of rows, Parquet; gzip and zstd where they are text) or of a folder
 * with such files and folders in our own format. What cannot be read is reported and the rest goes on. An id is yielded once.
 * @throws SealignError `not-found` when `path` does not exist; the reason of `signal` when it aborts.
 */
export async function* readTasks(path: string, options: ReadTasksOptions = {}): AsyncGenerator<TaskRead, void> {
  const seen = new Map<string, Place>()
  for await (const read of everything(path, options)) {
    options.signal?.throwIfAborted()
    const before = read.type === 'task' ? seen.get(read.task.id) : undefined
    if (read.type === 'task' && before !== undefined) {
      const { type: _type, task, ...place } = read
      yield { type: 'skipped', ...place, reason: `task \`${task.id}\` was read before, from ${shown(before, place)}` }
      continue
    }
    if (read.type === 'task')
      seen.set(read.task.id, read.line === undefined ? { file: read.file } : { file: read.file, line: read.line })
    yield read
  }
}

interface Place {
  readonly file: string
  readonly line?: number
}

function shown({ file, line }: Place, from: Place): string {
  const parts = [file === from.file ? undefined : file, line === undefined ? undefined : `line ${line}`]
  return parts.filter((part) => part !== undefined).join(', ')
}

async function* everything(path: string, options: ReadTasksOptions): AsyncGenerator<TaskRead, void> {
  const info = await stat(path).catch((error: NodeJS.ErrnoException) => {
    const reason = error.code === 'EACCES' ? 'may not be read' : 'does not exist'
    throw new SealignError('not-found', `${path} ${reason}`, {
      hint: 'Give a file with rows of a set of tasks, or a folder with task.json.',
      cause: error,
    })
  })
  if (!info.isDirectory()) yield* tasksOfFile(path, options)
  else yield* tasksOfFolder(path, options, { depth: 0, entries: MOST_ENTRIES })
}

async function* tasksOfFolder(
  folder: string,
  options: ReadTasksOptions,
  walk: { readonly depth: number; entries: number },
): AsyncGenerator<TaskRead, void> {
  options.signal?.throwIfAborted()
  const names = naturally(await readdir(folder))
  if (names.includes(TASK_FILE)) {
    yield* attempted(join(folder, TASK_FILE), undefined, () => ownTask(folder, options))
    return
  }
  walk.entries -= names.length
  if (walk.depth >= DEEPEST || walk.entries < 0) {
    const most = walk.entries < 0 ? `${MOST_ENTRIES} files` : `${DEEPEST} folders deep`
    yield { type: 'skipped', file: folder, reason: `tasks are looked for in at most ${most}` }
    return
  }
  let found = false
  for (const name of names) {
    const path = join(folder, name)
    const info = await lstat(path).catch(() => undefined)
    if (info?.isDirectory() === true && !PASSED_OVER.has(name)) {
      found = true
      const below = { depth: walk.depth + 1, entries: walk.entries }
      yield* tasksOfFolder(path, options, below)
      walk.entries = below.entries
    } else if (info?.isFile() === true && SET_FILE.test(name) && name !== SPLIT_FILE) {
      found = true
      yield* tasksOfFile(path, options)
    }
  }
  if (!found && walk.depth === 0) {
    yield { type: 'skipped', file: folder, reason: 'it holds no task.json, .jsonl, .json or .parquet file' }
  }
}

async function ownTask(folder: string, { set, maxBytes = MOST_BYTES }: ReadTasksOptions): Promise<TaskDefinition> {
  if (set !== undefined && set !== 'folder') throw new RowError(`it is a folder with task.json, no row of ${set}`)
  return await folderTask(folder, maxBytes)
}

async function* tasksOfFile(file: string, options: ReadTasksOptions): AsyncGenerator<TaskRead, void> {
  try {
    for await (const { value, line, reason } of rowsOf(file, options)) {
      options.signal?.throwIfAborted()
      const place = line === undefined ? {} : { line }
      if (reason !== undefined) yield { type: 'skipped', file, ...place, reason }
      else yield* attempted(file, line, () => rowTask(value, options.set))
    }
  } catch (error) {
    if (options.signal?.aborted === true) throw error
    if (!(error instanceof SourceError) && !isFileError(error)) throw error
    yield { type: 'skipped', file, reason: error.message }
  }
}

interface PlacedRow {
  readonly value?: unknown
  readonly line?: number
  readonly reason?: string
}

async function* rowsOf(file: string, options: ReadTasksOptions): AsyncGenerator<PlacedRow, void> {
  if (/\.parquet$/i.test(file)) {
    let line = 0
    for await (const value of readParquetRows(file, { signal: options.signal })) yield { value, line: ++line }
    return
  }
  const jsonLines = /\.(?:jsonl|ndjson)(?:\.|$)/i.test(file)
  for await (const reads of readValues(file, { recordBytes: options.maxBytes ?? MOST_BYTES, files: 1 })) {
    for (const read of reads) {
      const place = read.line === undefined ? {} : { line: read.line }
      if ('reason' in read) yield { reason: read.reason, ...place }
      else if (jsonLines) yield { value: read.value, ...place }
      else yield* rowsOfValue(read.value, place)
    }
  }
}

/** The rows of one JSON value of a file: the elements of an array, the members of an object of rows by id, or itself. */
function* rowsOfValue(value: unknown, place: { readonly line?: number }): Generator<PlacedRow, void> {
  if (Array.isArray(value)) {
    for (const [at, row] of value.entries()) yield { value: row, line: at + 1 }
    return
  }
  const entries = isObject(value) ? Object.entries(value) : []
  if (entries.length === 0 || !entries.every(([, row]) => isObject(row))) {
    yield { value, ...place }
    return
  }
  for (const [at, [id, row]] of entries.entries()) {
    yield { value: { instance_id: id, ...(isObject(row) ? row : {}) }, line: at + 1 }
  }
}

/** One Task, or why there is none; anything but an unusable row is thrown on. */
async function* attempted(
  file: string,
  line: number | undefined,
  make: () => TaskDefinition | Promise<TaskDefinition>,
): AsyncGenerator<TaskRead, void> {
  const place = line === undefined ? { file } : { file, line }
  try {
    yield { type: 'task', task: await make(), ...place }
  } catch (error) {
    if (!(error instanceof RowError) && !isFileError(error)) throw error
    yield { type: 'skipped', ...place, reason: error.message }
  }
}

function isFileError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && typeof (error as NodeJS.ErrnoException).code === 'string' && 'syscall' in error
}
