import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { TaskDefinition } from '../../src/domain/task.ts'
import { checkTask } from '../../src/grading/check.ts'
import { runGrading } from '../../src/grading/grade-run.ts'
import { splitPatch } from '../../src/grading/patch-blocks.ts'
import { createLocalProvider } from '../../src/sandbox/local.ts'
import { readSplit, type TaskSplit } from '../../src/tasks/inject/split-file.ts'
import { firstFailure } from '../../src/tasks/inject/statement.ts'
import { has } from '../needs.ts'
import { mapped } from './judge.ts'
import { allOf, skipped } from './read.ts'

const FOLDER = 'tasks'
const AT_ONCE = 4

let tasks: readonly TaskDefinition[] = []
let unread: readonly string[] = []
let split: TaskSplit = { train: [], heldOut: [] }

beforeAll(async () => {
  const reads = await allOf(FOLDER)
  unread = skipped(reads)
  tasks = reads.flatMap((read) => (read.type === 'task' ? [read.task] : []))
  split = (await readSplit(FOLDER)) ?? split
})

/** Names of the tasks for which something does not hold. */
const failing = (holds: (task: TaskDefinition) => boolean): readonly string[] =>
  tasks.filter((task) => !holds(task)).map(({ id }) => id)

const testPath = ({ id }: TaskDefinition): string => `test/${id}.test.js`
const sourcesOf = ({ environment }: TaskDefinition): readonly string[] =>
  Object.keys(environment.files).filter((path) => path.startsWith('src/'))
const linesIn = (text: string): number => text.trimEnd().split('\n').length
const testsIn = (text = ''): number => text.match(/^test\(/gm)?.length ?? 0
const visible = (task: TaskDefinition): string => task.environment.files[testPath(task)] ?? ''
const hidden = (task: TaskDefinition): string => task.grading.files[testPath(task)] ?? ''
const changedLines = ({ referencePatch = '' }: TaskDefinition): readonly string[] =>
  splitPatch(referencePatch).flatMap(({ body }) =>
    body.filter((line) => /^[-+]/.test(line)).map((line) => line.slice(1).trim()),
  )

describe('the tasks that come with sealign', () => {
  test('are 56, 40 to train on and 16 held out, each on one side', () => {
    const names = tasks.map(({ id }) => id)
    expect(unread).toEqual([])
    expect(names).toHaveLength(56)
    expect([split.train.length, split.heldOut.length]).toEqual([40, 16])
    expect([...split.train, ...split.heldOut].sort()).toEqual([...names].sort())
    expect(
      readdirSync(FOLDER)
        .filter((name) => name !== 'split.json')
        .sort(),
    ).toEqual([...names].sort())
  })

  test('stand in docs/tasks.md once each, on the side they are on', () => {
    const rows = [
      ...readFileSync('docs/tasks.md', 'utf8').matchAll(/^\| [^|`]*.*\| ([a-z\d, -]+) \| ([a-z\d, -]+) \|$/gm),
    ]
    const column = (at: number): readonly string[] => rows.flatMap((row) => (row[at] ?? '').split(', ')).sort()
    expect(column(1)).toEqual([...split.train].sort())
    expect(column(2)).toEqual([...split.heldOut].sort())
  })

  test('are run alike, within 6 seconds, without a network', () => {
    expect(
      failing(
        ({ id, environment, grading }) =>
          grading.commands.join() === `node --max-old-space-size=64 --test-reporter=tap test/${id}.test.js` &&
          grading.timeoutMs === 6_000 &&
          !environment.network &&
          environment.image === undefined,
      ),
    ).toEqual([])
  })

  test('are packages of 1 to 3 small modules without dependencies', () => {
    expect(
      failing((task) => {
        const { files } = task.environment
        const sources = sourcesOf(task)
        const lines = sources.reduce((sum, path) => sum + linesIn(files[path] ?? ''), 0)
        const own = sources.every((path) => /^src\/[a-z\d-]+\.js$/.test(path))
        const imports = sources.flatMap((path) => files[path]?.match(/from '[^']+'/g) ?? [])
        return sources.length >= 1 && sources.length <= 3 && lines >= 10 && lines <= 120 && own && imports.every(isNear)
      }),
    ).toEqual([])
    expect(
      failing(({ id, environment }) => {
        const manifest: unknown = JSON.parse(environment.files['package.json'] ?? '')
        return (
          JSON.stringify(manifest) === JSON.stringify({ name: id, version: '1.0.0', type: 'module', private: true })
        )
      }),
    ).toEqual([])
  })

  test('hide more tests than they show, and no other ones', () => {
    expect(
      failing((task) => {
        const [shown, all] = [testsIn(visible(task)), testsIn(hidden(task))]
        return shown >= 4 && shown <= 9 && all - shown >= 2 && all - shown <= 5
      }),
    ).toEqual([])
    expect(failing((task) => hidden(task).startsWith(visible(task)))).toEqual([])
    expect(failing(({ grading }) => Object.keys(grading.files).length === 1)).toEqual([])
  })

  test('are mended in their modules alone, four in five by one line', () => {
    const oneLine = tasks.filter((task) => {
      const body = splitPatch(task.referencePatch ?? '').flatMap((block) => block.body)
      const [removed, added] = ['-', '+'].map((sign) => body.filter((line) => line.startsWith(sign)).length)
      return removed === 1 && added === 1
    })
    expect(oneLine.length / tasks.length).toBeGreaterThanOrEqual(0.8)
    expect(
      failing(({ referencePatch = '' }) =>
        splitPatch(referencePatch).every(({ header }) => /^diff --git a\/src\/\S+\.js b\/src\//.test(header[0] ?? '')),
      ),
    ).toEqual([])
  })

  test('ask in 3 to 14 lines with a title, and never show the line to change', () => {
    expect(
      failing(({ statement }) => statement.startsWith('# ') && linesIn(statement) >= 3 && linesIn(statement) <= 14),
    ).toEqual([])
    expect(
      failing((task) => changedLines(task).every((line) => line.length < 6 || !task.statement.includes(line))),
    ).toEqual([])
  })

  test.skipIf(!has('bubblewrap') || !has('git'))(
    'fail in the tests that are shown, and pass the check',
    async () => {
      const provider = createLocalProvider()
      onTestFinished(() => provider.close())
      const labels = { session: join(FOLDER, 'test.db'), job: 'check' }
      const results = await mapped(tasks, AT_ONCE, async (task) => {
        const { verdict } = await runGrading({
          task: { ...task, grading: { ...task.grading, files: {} } },
          patch: undefined,
          provider,
          labels: { ...labels, role: 'check', task: task.id, run: 'visible' },
        })
        const { usable, reasons } = await checkTask({ task, provider, runs: 1, labels })
        return {
          task: task.id,
          shown: verdict.outcome,
          names: firstFailure(verdict.log) !== undefined,
          usable,
          reasons,
        }
      })
      expect(results.filter(({ shown, names, usable }) => shown !== 'unresolved' || !names || !usable)).toEqual([])
    },
    120_000,
  )
})

function isNear(text: string): boolean {
  return text.startsWith("from './")
}
