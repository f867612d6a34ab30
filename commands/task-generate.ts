import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { EXIT_CODES, SealignError } from '../src/domain/errors.ts'
import type { TaskDefinition } from '../src/domain/task.ts'
import { defaultConcurrency } from '../src/grading/grading-pool.ts'
import { createProvider } from '../src/jobs/machinery.ts'
import { safeText } from '../src/lib/safe-text.ts'
import { folderFiles } from '../src/tasks/inject/folder-files.ts'
import { injectAll } from '../src/tasks/inject/inject-bugs.ts'
import { readSplit, type TaskSplit } from '../src/tasks/inject/split-file.ts'
import { readTasks } from '../src/tasks/read-tasks.ts'
import { type CommandContext, defineCommand } from './define.ts'
import { checkedBug, type CheckedBug } from './generated-task.ts'
import { count } from './table.ts'

export const taskGenerate = defineCommand({
  name: 'task generate',
  summary: 'Make more tasks of task folders: one new bug each, checked like any task',
  example: 'sealign task generate --from tasks --count 100 --seed 1 --out more-tasks',
  args: z.object({
    from: z.string().describe('a folder of task folders; each must ship its reference patch'),
    count: z.int().min(1).max(100_000).describe('tasks to make'),
    seed: z.int().min(0).default(1).describe('decides which bugs come first'),
    out: z.string().describe('folder to write to; it must be empty or absent'),
    graders: z.int().min(1).max(128).default(defaultConcurrency()).describe('tasks checked at once'),
  }),
  async run({ from, count: wanted, seed, out, graders }, context) {
    await requireEmpty(out)
    const { tasks, skipped } = await folderTasks(from, context.signal)
    const split = await readSplit(from)
    const { usable, unusable, tried } = await usableBugs(injectAll(tasks, seed), wanted, graders, context)
    for (const task of usable) await writeTask(out, task)
    const written = { names: usable.map(folderName), split: split && splitOf(usable, split) }
    if (written.split) await writeFile(join(out, 'split.json'), `${JSON.stringify(written.split, undefined, 2)}\n`)
    return {
      from,
      out,
      seed,
      asked: wanted,
      written: usable.length,
      tried,
      unusable,
      skipped,
      ...(written.split && { train: written.split.train.length, heldOut: written.split.heldOut.length }),
      tasks: written.names,
      ...(usable.length < wanted && { exitCode: EXIT_CODES['not-found'] }),
    }
  },
  text({ out, asked, written, tried, unusable, skipped, train, heldOut }) {
    const halves = train === undefined ? '' : ` (${train} to train on, ${heldOut} held out)`
    return [
      `${written} of ${count(asked, 'task')} written to ${safeText(out)}${halves}; ${count(tried, 'bug')} tried`,
      ...unusable.map(({ why, count: times }) => `${times} unusable: ${safeText(why)}`),
      ...skipped.map(({ file, reason }) => safeText(`skipped ${file}: ${reason}`)),
    ].join('\n')
  },
  json: ({ exitCode: _exitCode, ...result }) => result,
})

async function requireEmpty(folder: string): Promise<void> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw new SealignError('usage', `${folder} cannot be written to: ${error.message}`, {
      hint: 'Give a folder that is empty or does not exist yet.',
      cause: error,
    })
  })
  if (names.length > 0) {
    throw new SealignError('usage', `${folder} is not empty`, {
      hint: 'Give a folder that is empty or does not exist yet.',
    })
  }
}

interface Skipped {
  readonly file: string
  readonly reason: string
}

/** @throws SealignError `not-found` when there is no Task. */
async function folderTasks(
  from: string,
  signal: AbortSignal,
): Promise<{ readonly tasks: readonly TaskDefinition[]; readonly skipped: readonly Skipped[] }> {
  const tasks: TaskDefinition[] = []
  const skipped: Skipped[] = []
  for await (const read of readTasks(from, { set: 'folder', signal })) {
    if (read.type === 'task') tasks.push(read.task)
    else skipped.push({ file: read.file, reason: read.reason })
  }
  if (tasks.length > 0) return { tasks, skipped }
  throw new SealignError('not-found', `there is no task folder in ${from}`, {
    hint: skipped[0] ? `${skipped[0].file}: ${skipped[0].reason}` : 'A task folder holds task.json; see docs/tasks.md.',
  })
}

interface Usable {
  readonly usable: readonly TaskDefinition[]
  readonly unusable: readonly { readonly why: string; readonly count: number }[]
  /** Bugs up to the last one taken. */
  readonly tried: number
}

/** The first bugs that make usable Tasks, in order, however many are checked at once. */
async function usableBugs(
  bugs: Iterator<TaskDefinition>,
  wanted: number,
  graders: number,
  context: CommandContext,
): Promise<Usable> {
  const provider = createProvider('local')
  const labels = { session: context.sessionPath, job: 'generate' }
  const usable: TaskDefinition[] = []
  const reasons = new Map<string, number>()
  let tried = 0
  const settle = (checked: CheckedBug): void => {
    if (usable.length === wanted) return
    tried++
    if (checked.task) usable.push(checked.task)
    else reasons.set(checked.why, (reasons.get(checked.why) ?? 0) + 1)
  }
  try {
    await provider.sweep()
    for (;;) {
      const some = taken(bugs, graders)
      if (some.length === 0 || usable.length === wanted) break
      const { signal } = context
      const checked = await Promise.all(some.map((task) => checkedBug({ task, provider, labels, signal })))
      for (const each of checked) settle(each)
      context.progress(`${usable.length} of ${count(wanted, 'task')} found, ${count(tried, 'bug')} tried`)
    }
  } finally {
    await provider.close()
  }
  const unusable = [...reasons]
    .map(([why, times]) => ({ why, count: times }))
    .sort((left, right) => right.count - left.count || left.why.localeCompare(right.why))
  return { usable, unusable, tried }
}

function taken<Item>(items: Iterator<Item>, most: number): Item[] {
  const some: Item[] = []
  while (some.length < most) {
    const next = items.next()
    if (next.done === true) break
    some.push(next.value)
  }
  return some
}

async function writeTask(out: string, task: TaskDefinition): Promise<void> {
  for (const [path, text] of Object.entries(folderFiles(task))) {
    const file = join(out, folderName(task), path)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, text)
  }
}

function folderName({ id }: TaskDefinition): string {
  return id.replaceAll('/', '__')
}

/** Each Task is on the side of the package it was made of. */
function splitOf(tasks: readonly TaskDefinition[], split: TaskSplit): TaskSplit {
  const of = (names: readonly string[]): string[] =>
    tasks.filter(({ id }) => names.includes(id.split('~', 1)[0] ?? id)).map(folderName)
  return { train: of(split.train), heldOut: of(split.heldOut) }
}
