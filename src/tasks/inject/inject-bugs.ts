import { createHash } from 'node:crypto'
import type { FileMap, TaskDefinition } from '../../domain/task.ts'
import { unifiedDiff } from '../humanevalfix.ts'
import { fixedFiles } from './fixed-files.ts'
import { OPERATOR_NAMES, OPERATORS, type OperatorName } from './operators.ts'
import { edited, parsedSource } from './source.ts'
import { brokenStatement } from './statement.ts'

/** One bug made in one file: what it is called, and the file with and without it. */
interface Bug {
  readonly id: string
  readonly operator: OperatorName
  readonly path: string
  readonly fixed: string
  readonly broken: string
}

/**
 * Tasks made of another one: its files with the reference patch applied, with one new bug each (`ring-buffer~comparison-3`); the
 * reference patch takes the bug out again. Nothing is run: whether the tests notice a bug is for the caller to find out. A file that
 * is no JavaScript module is passed over; a Task without a reference patch that applies gives none.
 * @param seed - decides the order; ids and bugs are the same for every seed. Kinds take turns, so that the first few are of many.
 */
export function injectBugs(task: TaskDefinition, seed: number): readonly TaskDefinition[] {
  const fixed = fixedFiles(task)
  if (fixed === undefined) return []
  const bugs = Object.entries(fixed)
    .filter(([path]) => isSource(path))
    .flatMap(([path, text]) => bugsOf(task, path, text))
  return inTurns(task, numbered(task, bugs), seed).map((bug) => broken(task, fixed, bug))
}

/** Bugs of several Tasks, which take turns: the first one of each, then the second one of each, and so on. */
export function* injectAll(tasks: readonly TaskDefinition[], seed: number): Generator<TaskDefinition, void> {
  const lists = tasks.map((task) => injectBugs(task, seed))
  const rounds = Math.max(0, ...lists.map(({ length }) => length))
  for (let round = 0; round < rounds; round++) {
    for (const list of lists) {
      const task = list[round]
      if (task !== undefined) yield task
    }
  }
}

function bugsOf(task: TaskDefinition, path: string, fixed: string): readonly Omit<Bug, 'id'>[] {
  const source = parsedSource(fixed)
  if (source === undefined) return []
  const seen = new Set([fixed, task.environment.files[path]])
  return OPERATOR_NAMES.flatMap((operator) =>
    OPERATORS[operator](source).flatMap((edit) => {
      const text = edited(fixed, edit)
      if (seen.has(text) || parsedSource(text) === undefined) return []
      seen.add(text)
      return [{ operator, path, fixed, broken: text }]
    }),
  )
}

function numbered(task: TaskDefinition, bugs: readonly Omit<Bug, 'id'>[]): readonly Bug[] {
  const counts = new Map<OperatorName, number>()
  return bugs.map((bug) => {
    const number = (counts.get(bug.operator) ?? 0) + 1
    counts.set(bug.operator, number)
    return { ...bug, id: `${task.id}~${bug.operator}-${number}` }
  })
}

/** First one bug of each kind, then a second one of each, and so on; kinds, and bugs of a kind, in an order the seed decides. */
function inTurns(task: TaskDefinition, bugs: readonly Bug[], seed: number): readonly Bug[] {
  const mixed = byHash(bugs, ({ id }) => `${seed}\0${id}`)
  const rounds: Bug[][] = []
  for (const ofKind of Map.groupBy(mixed, ({ operator }) => operator).values()) {
    for (const [round, bug] of ofKind.entries()) (rounds[round] ??= []).push(bug)
  }
  return rounds.flatMap((some, round) => byHash(some, ({ operator }) => `${seed}\0${task.id}\0${round}\0${operator}`))
}

/** Sorted by hashes of names: the place of each depends on no other one's name. */
function byHash<Item>(items: readonly Item[], nameOf: (item: Item) => string): readonly Item[] {
  const keyed = items.map((item) => ({ item, key: createHash('sha256').update(nameOf(item)).digest('hex') }))
  return keyed.sort((left, right) => (left.key < right.key ? -1 : 1)).map(({ item }) => item)
}

function broken(task: TaskDefinition, fixed: FileMap, bug: Bug): TaskDefinition {
  return {
    ...task,
    id: bug.id,
    statement: brokenStatement(task),
    referencePatch: unifiedDiff(bug.path, bug.broken, bug.fixed),
    environment: { ...task.environment, files: { ...fixed, [bug.path]: bug.broken } },
  }
}

function isSource(path: string): boolean {
  return /\.m?js$/.test(path) && !/(?:^|\/)tests?\/|\.(?:test|spec)\.m?js$/.test(path)
}
