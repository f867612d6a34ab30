import { isObject } from '../domain/json.ts'
import type { TaskDefinition, TaskSet } from '../domain/task.ts'
import { humanEvalFixTask } from './humanevalfix.ts'
import { notOfSet, ROW_LIMITS, type Row, RowError } from './row.ts'
import { isGymRepository, sweBenchTask, sweGymTask } from './swe-bench.ts'
import { sweBenchLiveTask } from './swe-bench-live.ts'
import { sweRebenchTask } from './swe-rebench.ts'
import { SMITH_ID, sweSmithTask } from './swe-smith.ts'

type RowSet = Exclude<TaskSet, 'folder'>

const READERS: Readonly<Record<RowSet, (row: Row) => TaskDefinition>> = {
  'swe-bench': sweBenchTask,
  'swe-gym': sweGymTask,
  'swe-smith': sweSmithTask,
  'swe-rebench': sweRebenchTask,
  'swe-bench-live': sweBenchLiveTask,
  'humanevalfix-python': humanEvalFixTask,
  'humanevalfix-js': humanEvalFixTask,
}

/**
 * The Task of one row.
 * @param set - the set it belongs to; recognised by its fields when `undefined`.
 * @throws RowError when it is no row of a known set, or no usable one.
 */
export function rowTask(value: unknown, set?: TaskSet): TaskDefinition {
  if (!isObject(value)) throw new RowError('it is no JSON object; expected a row of a set of tasks')
  if (set === 'folder') throw notOfSet(set, 'a folder with task.json')
  const task = READERS[set ?? setOfRow(value)](value)
  if (set !== undefined && task.set !== set) throw notOfSet(set, `a row of it, found one of ${task.set}`)
  return task
}

/** The set a row belongs to, by the fields that only its rows have. @throws RowError when there is none. */
export function setOfRow(row: Row): RowSet {
  if ('buggy_solution' in row && 'task_id' in row) {
    return shortText(row['task_id']).startsWith('JavaScript/') ? 'humanevalfix-js' : 'humanevalfix-python'
  }
  if ('instance_id' in row) {
    if (isObject(row['install_config'])) return 'swe-rebench'
    if ('test_cmds' in row) return 'swe-bench-live'
    const [id, image, repository] = ['instance_id', 'image_name', 'repo'].map((field) => shortText(row[field]))
    if (image?.includes('swesmith') || repository?.startsWith('swesmith/') || SMITH_ID.test(id ?? ''))
      return 'swe-smith'
    if ('test_patch' in row || 'eval_script' in row) {
      return !('eval_script' in row) && isGymRepository(repository ?? '') ? 'swe-gym' : 'swe-bench'
    }
  }
  const fields = Object.keys(row).slice(0, 8)
  const shown = fields.filter((field) => /^[\w.-]{1,40}$/.test(field)).join(', ')
  throw new RowError(
    `it is no row of a known set of tasks (fields ${shown === '' ? 'none' : shown}); expected instance_id with test_patch, or task_id with buggy_solution`,
  )
}

/** A text cut to the length of the longest id, since rows may hold anything. */
function shortText(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, ROW_LIMITS.id) : ''
}
