import { SealignError } from '../src/domain/errors.ts'
import { TASK_SETS } from '../src/domain/task.ts'
import type { TaskRow } from '../sessions/task-definitions.ts'

/**
 * The tasks that words mean: a set (`humanevalfix-js`), a task, the beginning of names with a star (`django*`), a repository
 * (`django/django`), or `all`; each task once, in order of import.
 * @throws SealignError `not-found` for a word that means none.
 */
export function selectTasks(tasks: readonly TaskRow[], words: readonly string[]): TaskRow[] {
  if (tasks.length === 0)
    throw new SealignError('not-found', 'there are no tasks in this session yet', {
      hint: 'Import some: sealign task import PATH',
    })
  const chosen = new Set<TaskRow>()
  for (const word of words) {
    const found = tasks.filter((row) => matches(row, word))
    if (found.length === 0) throw unknown(word, tasks)
    for (const row of found) chosen.add(row)
  }
  return tasks.filter((row) => chosen.has(row))
}

function matches({ task, set, repository }: TaskRow, word: string): boolean {
  if (word === 'all' || word === set || word === task || word === repository) return true
  return word.endsWith('*') && task.startsWith(word.slice(0, -1))
}

function unknown(word: string, tasks: readonly TaskRow[]): SealignError {
  const sets = [...new Set(tasks.map(({ set }) => set))]
  const isSet = (TASK_SETS as readonly string[]).includes(word)
  return new SealignError(
    'not-found',
    isSet
      ? `no task of the set ${word} was imported into this session`
      : `there is no task or set ${JSON.stringify(word)} in this session`,
    {
      hint: isSet
        ? 'Import its rows: sealign task import PATH'
        : `Give a task, a set (${sets.join(', ')}), a beginning with a star, or all; \`sealign task list\` names them.`,
    },
  )
}
