import type { TaskDefinition, TaskSet } from '../src/domain/task.ts'
import type { Db } from './db.ts'
import type { TextRef, Texts } from './texts.ts'

/** A Task as lists show it. */
export interface TaskRow {
  readonly task: string
  readonly set: TaskSet
  readonly repository: string | undefined
}

/** The Tasks of a Session that can be rolled out. Writes happen inside a transaction the caller holds. */
export class TaskDefinitions {
  readonly #db: Db
  readonly #texts: Texts

  constructor(db: Db, texts: Texts) {
    this.#db = db
    this.#texts = texts
  }

  /** Stores a Task, or brings a stored one up to date. */
  put(task: TaskDefinition): 'added' | 'updated' | 'unchanged' {
    const id = this.#taskId(task)
    const json = JSON.stringify(task)
    const before = this.#db.get<{ ref: TextRef }>('select definition as ref from task_definition where task_id = ?', id)
    if (before && this.#texts.get(before.ref) === json) return 'unchanged'
    this.#db.run(
      `insert into task_definition (task_id, position, task_set, definition)
       values (?, (select coalesce(max(position), 0) + 1 from task_definition), ?, ?)
       on conflict (task_id) do update set task_set = excluded.task_set, definition = excluded.definition`,
      id,
      task.set,
      this.#texts.put(json),
    )
    return before ? 'updated' : 'added'
  }

  get(task: string): TaskDefinition | undefined {
    const row = this.#db.get<{ ref: TextRef }>(
      'select definition as ref from task_definition join task on task.id = task_id where name = ?',
      task,
    )
    const json = row && this.#texts.get(row.ref)
    return json === undefined ? undefined : (JSON.parse(json) as TaskDefinition)
  }

  /** In order of import. */
  list(): TaskRow[] {
    const rows = this.#db.all<{ name: string; task_set: TaskSet; repository: string | null }>(
      'select name, task_set, repository from task_definition join task on task.id = task_id order by position',
    )
    return rows.map(({ name, task_set, repository }) => ({
      task: name,
      set: task_set,
      repository: repository ?? undefined,
    }))
  }

  #taskId({ id, repository }: TaskDefinition): number {
    const row = this.#db.get<{ id: number }>(
      `insert into task (name, repository) values (?, ?)
       on conflict (name) do update set repository = coalesce(repository, excluded.repository) returning id`,
      id,
      repository ?? null,
    )
    return row?.id ?? 0
  }
}
