import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { checkedBug } from '../../commands/generated-task.ts'
import type { FileMap, TaskDefinition } from '../../src/domain/task.ts'
import { checkTask } from '../../src/grading/check.ts'
import { reversePatch } from '../../src/grading/reverse-patch.ts'
import { createLocalProvider } from '../../src/sandbox/local.ts'
import { unifiedDiff } from '../../src/tasks/humanevalfix.ts'
import { fixedFiles } from '../../src/tasks/inject/fixed-files.ts'
import { folderFiles } from '../../src/tasks/inject/folder-files.ts'
import { injectAll, injectBugs } from '../../src/tasks/inject/inject-bugs.ts'
import { OPERATOR_NAMES, OPERATORS, type OperatorName } from '../../src/tasks/inject/operators.ts'
import { edited, parsedSource } from '../../src/tasks/inject/source.ts'
import { brokenStatement, firstFailure } from '../../src/tasks/inject/statement.ts'
import { START_REPOSITORY } from '../../src/tasks/start-repository.ts'
import { Cli } from '../commands/cli.ts'
import { has } from '../needs.ts'
import { written } from './judge.ts'
import { allOf, emptyFolder, fileOf, tasksOf } from './read.ts'

const isolated = has('bubblewrap') && has('git')

/** Every text an operator makes of a source. */
function made(operator: OperatorName, text: string): readonly string[] {
  const source = parsedSource(text)
  if (source === undefined) throw new Error('the source is no module')
  return OPERATORS[operator](source).map((edit) => edited(text, edit))
}

describe('each operator changes one thing', () => {
  const MAKES: readonly (readonly [operator: OperatorName, source: string, made: readonly string[]])[] = [
    ['comparison', 'if (a < b) c()', ['if (a <= b) c()', 'if (a > b) c()']],
    ['comparison', 'x = (a) /* < */ !== b', ['x = (a) /* < */ === b']],
    ['arithmetic', 'x = a + b * 2', ['x = a - b * 2', 'x = a + b / 2']],
    ['arithmetic', 'n -= 1; n++; --n', ['n += 1; n++; --n', 'n -= 1; n--; --n', 'n -= 1; n++; ++n']],
    ['arithmetic', "x = 'a' + b", []],
    ['arithmetic', 'for (let i = 0; i < 3; i++) f(i)', []],
    ['logical', 'x = a && b || c', ['x = a && b && c', 'x = a || b || c']],
    ['logical', 'x = a ?? b', ['x = a || b']],
    ['literal', 'f(0, 10)', ['f(1, 10)', 'f(0, 11)', 'f(0, 9)']],
    ['literal', "f(1.5, 60_000, '7')", []],
    ['boolean', 'let on = true', ['let on = false']],
    ['negation', 'if (!a) b()', ['if (a) b()']],
    ['negation', 'x = f(a) ? 1 : 2', ['x = !f(a) ? 1 : 2']],
    ['call', 'list.push(Math.min(a, b))', ['list.unshift(Math.min(a, b))', 'list.push(Math.max(a, b))']],
    ['call', 'push(list.length)', []],
    ['await', 'async () => { await f(await g()) }', ['async () => { f(await g()) }', 'async () => { await f(g()) }']],
    ['arguments', 'f(a, b + 1, c)', ['f(b + 1, a, c)']],
    ['arguments', 'f(a, a); Math.max(a, b); f(...a, b); f(a); f(a, () => b)', []],
    [
      'variable',
      'function f(a, { b, ...c }) { const d = a; g(d) }',
      [
        'function f(a, { b, ...c }) { const d = c; g(d) }',
        'function f(a, { b, ...c }) { const d = b; g(d) }',
        'function f(a, { b, ...c }) { const d = a; g(c) }',
        'function f(a, { b, ...c }) { const d = a; g(b) }',
      ],
    ],
    ['variable', 'const a = 1, b = 2; f(a)', []],
    ['variable', '(a, b) => { a.c; x = { a, c: 1 }; a = 2 }', ['(a, b) => { b.c; x = { a, c: 1 }; a = 2 }']],
    ['result', '(a, b) => { return a }', ['(a, b) => { return b }']],
    ['result', '(a, b) => { return a + 1 }', []],
    [
      'property',
      'row.x = row.y; row.z(); other.w',
      ['row.y = row.y; row.z(); other.w', 'row.x = row.x; row.z(); other.w'],
    ],
    ['guard', 'f: {\n  if (a) break f\n  b()\n}\n', ['f: {\n  b()\n}\n']],
    ['guard', '() => { if (a) { return 1 } }', ['() => {  }']],
    ['guard', 'if (a) b(); else c()', []],
    ['statement', '{\n  a = 1\n\n  b()\n}\n', ['{\n\n  b()\n}\n', '{\n  a = 1\n\n}\n']],
    ['statement', 'if (a) b(); else c()', []],
    ['order', '{\n  a = 1\n  b()\n}', ['{\n  b()\n  a = 1\n}']],
    ['order', 'a(); a(); let b', []],
  ]
  test.each(MAKES)('%s: %s', (operator, source, expected) => {
    expect(made(operator, source)).toEqual(expected)
  })

  test('and each has an example here', () => {
    expect(new Set(MAKES.filter(([, , texts]) => texts.length > 0).map(([name]) => name))).toEqual(
      new Set(OPERATOR_NAMES),
    )
  })
})

const FIXED =
  'export function clamp(value, low, high) {\n  if (value < low) return low\n  return Math.min(value, high)\n}\n'
const BROKEN = FIXED.replace('min', 'max')

/** The smallest package whose tests notice most bugs. */
function clampTask(changes: FileMap = {}): TaskDefinition {
  const files: FileMap = {
    'package.json': '{ "type": "module" }\n',
    'src/clamp.js': BROKEN,
    'test/clamp.test.js': testFile([
      ['clamp keeps what is within', 'clamp(5, 1, 9)', 5],
      ['clamp ends at the limits', 'clamp(10, 1, 9)', 9],
      ['clamp begins at the limits', 'clamp(0, 1, 9)', 1],
    ]),
    ...changes,
  }
  return {
    id: 'clamp',
    set: 'folder',
    statement: '`clamp(5, 1, 9)` is 9.',
    referencePatch: unifiedDiff('src/clamp.js', BROKEN, FIXED),
    environment: { workdir: '/workspace', files, setup: [...START_REPOSITORY], network: false, variables: {} },
    grading: {
      files: {
        'test/clamp.test.js': testFile([
          ['clamp of a limit', 'clamp(9, 1, 9)', 9],
          ['clamp', 'clamp(2, 3, 4)', 3],
          ['clamp', 'clamp(7, 3, 4)', 4],
          ['clamp', 'clamp(5, 1, 9)', 5],
        ]),
      },
      install: [],
      commands: ['node --test-reporter=tap test/clamp.test.js'],
      parser: 'exit-code',
      rules: 'exit-code',
      evaluation: 'pass_and_fail',
      failToPass: [],
      passToPass: [],
      timeoutMs: 20_000,
    },
  }
}

function testFile(cases: readonly (readonly [name: string, call: string, value: number])[]): string {
  return [
    "import assert from 'node:assert/strict'",
    "import { test } from 'node:test'",
    "import { clamp } from '../src/clamp.js'",
    ...cases.map(([name, call, value]) => `test('${name}', () => assert.equal(${call}, ${value}))`),
    '',
  ].join('\n')
}

const sourceOf = (task: TaskDefinition | undefined): string | undefined => task?.environment.files['src/clamp.js']
const named = (id: string, list = injectBugs(clampTask(), 1)): TaskDefinition | undefined =>
  list.find((task) => task.id === id)

describe('injectBugs', () => {
  test('starts from the fixed files and ships the way back', () => {
    const task = named('clamp~comparison-1')
    expect(sourceOf(task)).toBe(FIXED.replace('value < low', 'value <= low'))
    expect(task?.referencePatch).toBe(
      [
        'diff --git a/src/clamp.js b/src/clamp.js',
        '--- a/src/clamp.js',
        '+++ b/src/clamp.js',
        '@@ -1,4 +1,4 @@',
        ' export function clamp(value, low, high) {',
        '-  if (value <= low) return low',
        '+  if (value < low) return low',
        '   return Math.min(value, high)',
        ' }',
        '',
      ].join('\n'),
    )
    expect(task && fixedFiles(task)).toEqual({ ...clampTask().environment.files, 'src/clamp.js': FIXED })
  })

  test('leaves the tests, and all that is no module, alone', () => {
    const task = clampTask({ 'readme.md': 'a < b', 'tests/more.js': 'f(1)', 'src/a.spec.js': 'f(1)' })
    for (const bug of injectBugs(task, 1)) {
      expect({ ...bug.environment.files, 'src/clamp.js': '' }).toEqual({
        ...task.environment.files,
        'src/clamp.js': '',
      })
      expect(bug.grading).toEqual(task.grading)
    }
  })

  test('never makes the bug that was there, nor one twice', () => {
    const texts = injectBugs(clampTask(), 1).map(sourceOf)
    expect(texts).not.toContain(BROKEN)
    expect(texts).not.toContain(FIXED)
    expect(new Set(texts).size).toBe(texts.length)
  })

  test('makes the same Tasks for a seed, in another order for another one', () => {
    const ids = (seed: number): readonly string[] => injectBugs(clampTask(), seed).map(({ id }) => id)
    expect(ids(7)).toEqual(ids(7))
    expect(ids(8)).not.toEqual(ids(7))
    expect([...ids(8)].sort()).toEqual([...ids(7)].sort())
    const byId = (seed: number) => new Map(injectBugs(clampTask(), seed).map((task) => [task.id, task]))
    expect(byId(8)).toEqual(byId(7))
  })

  test('begins with one bug of each kind', () => {
    const kinds = injectBugs(clampTask(), 3).map(({ id }) => id.replace(/^clamp~|-\d+$/g, ''))
    const first = kinds.slice(0, new Set(kinds).size)
    expect(new Set(first)).toEqual(new Set(kinds))
  })

  test('lets several Tasks take turns', () => {
    const other = { ...clampTask(), id: 'other' }
    const ids = [...injectAll([clampTask(), other], 1)].map(({ id }) => id.split('~', 1)[0])
    expect(ids.slice(0, 4)).toEqual(['clamp', 'other', 'clamp', 'other'])
  })

  test('tells nothing of what was changed', () => {
    expect(named('clamp~comparison-1')?.statement).toBe(
      [
        '# A test of clamp fails',
        '',
        'The package worked before; since the last change its tests fail.',
        '',
        '    node --test-reporter=tap test/clamp.test.js',
        '',
        'The tests are right. Please mend the package.',
      ].join('\n'),
    )
    expect(brokenStatement(clampTask(), 'clamp keeps what is within')).toContain(
      'since the last change a test of it fails: clamp keeps what is within\n',
    )
  })

  test('passes a file over that does not parse', () => {
    const list = injectBugs(clampTask({ 'src/broken.js': 'export const = <', 'src/deep.js': '('.repeat(20_000) }), 1)
    expect(list.length).toBeGreaterThan(5)
    expect(list.every(({ referencePatch = '' }) => referencePatch.includes('a/src/clamp.js'))).toBe(true)
  })

  test.each([
    ['there is none', undefined],
    ['it does not apply', unifiedDiff('src/clamp.js', 'other\n', 'text\n')],
    ['its file is not there', unifiedDiff('src/gone.js', 'a\n', 'b\n')],
    ['it is no patch', '--- a/src/clamp.js\n+++ b/src/clamp.js\n@@ -1,9 +1,1 @@\n-x\n'],
  ])('makes nothing without a reference patch: %s', (_why, referencePatch) => {
    const { referencePatch: _own, ...task } = clampTask()
    expect(injectBugs(referencePatch === undefined ? task : { ...task, referencePatch }, 1)).toEqual([])
  })
})

test('the first failure is read from the Test Anything Protocol', () => {
  expect(firstFailure('TAP version 13\nok 1 - a\nnot ok 2 - b \\# c # time=1\nnot ok 3 - d\n')).toBe('b # c')
  expect(firstFailure('    not ok 1 - inner\nok 1 - outer\n')).toBeUndefined()
  expect(firstFailure('SyntaxError: x')).toBeUndefined()
})

test('a Task written as a folder is read as the same Task', async () => {
  const task: TaskDefinition = {
    ...clampTask(),
    repository: 'acme/clamp',
    version: '2.0',
    environment: {
      ...clampTask().environment,
      image: 'node:24',
      workdir: '/app',
      setup: ['npm ci', ...START_REPOSITORY],
      network: true,
      variables: { CI: '1' },
    },
    grading: {
      ...clampTask().grading,
      install: ['npm ci'],
      parser: 'pytest',
      rules: 'swe-bench-5',
      failToPass: ['a'],
      memoryBytes: 512 * 1024 ** 2,
      cpus: 2,
    },
  }
  for (const each of [task, clampTask()]) {
    const folder = emptyFolder()
    await written(join(folder, each.id), folderFiles(each))
    expect((await tasksOf(folder)).get(each.id)).toEqual(each)
  }
})

describe.skipIf(!isolated)('a bug makes a usable Task', () => {
  const provider = createLocalProvider()
  const labels = { session: '/tmp/inject-test.db', job: 'generate' }
  const checked = (task: TaskDefinition) => checkedBug({ task, provider, labels, signal: new AbortController().signal })
  const withSource = (text: string): TaskDefinition => ({
    ...clampTask(),
    id: 'clamp~made-1',
    referencePatch: unifiedDiff('src/clamp.js', text, FIXED),
    environment: { ...clampTask().environment, files: { ...clampTask().environment.files, 'src/clamp.js': text } },
  })
  beforeAll(() => () => provider.close())

  test('when tests fail by name: the statement tells the first one', async () => {
    const bug = named('clamp~comparison-2')
    const { task } = bug ? await checked(bug) : {}
    expect(task?.statement).toContain('a test of it fails: clamp keeps what is within')
    const again = task && (await checkTask({ task, provider, runs: 2, labels }))
    expect(again).toMatchObject({ usable: true })
    expect(reversePatch(bug?.referencePatch ?? '')).toContain('+  if (value > low) return low')
  })

  test.each([
    ['the visible tests do not see it', FIXED.replace('<', '<='), 'The visible tests do not notice it.'],
    ['the module does not load', FIXED.replace('clamp', 'clam'), 'The tests do not start.'],
    ['it never ends', FIXED.replace('if (value < low)', 'while (value < low);'), 'The tests do not end.'],
    [
      'the hidden tests do not see it',
      FIXED.replace('value < low', 'value < low && value !== 0'),
      'Its tests succeed without any patch.',
    ],
  ])('not when %s', { timeout: 30_000 }, async (_what, source, why) => {
    expect(await checked(withSource(source))).toEqual({ task: undefined, why })
  })
})

describe('task generate', () => {
  const packages = async (): Promise<string> => {
    const folder = emptyFolder()
    await written(join(folder, 'clamp'), folderFiles(clampTask()))
    await written(join(folder, 'other'), folderFiles({ ...clampTask(), id: 'other' }))
    await written(folder, { 'split.json': '{"train":["clamp"],"heldOut":["other"]}' })
    return folder
  }

  test.skipIf(!isolated)(
    'writes Tasks that can be used, and their split',
    async () => {
      const [from, out] = [await packages(), join(emptyFolder(), 'more')]
      const result = new Cli().json<Record<string, unknown>>(
        ...['task', 'generate', '--from', from, '--count', '4', '--seed', '2', '--out', out, '--graders', '2'],
      )
      expect(result).toMatchObject({ asked: 4, written: 4, seed: 2, train: 2, heldOut: 2, skipped: [] })
      const tasks = await tasksOf(out)
      expect([...tasks.keys()].sort()).toEqual([...(result['tasks'] as string[])].sort())
      const split = JSON.parse(readFileSync(join(out, 'split.json'), 'utf8')) as Record<string, string[]>
      expect(split['train']?.every((id) => id.startsWith('clamp~'))).toBe(true)
      expect(split['heldOut']?.every((id) => id.startsWith('other~'))).toBe(true)
      const tried = (result['unusable'] as { count: number }[]).reduce((sum, { count }) => sum + count, 4)
      expect(result['tried']).toBe(tried)
    },
    60_000,
  )

  test('says what is wrong with its folders', async () => {
    const cli = new Cli()
    const run = (...words: string[]) => cli.run(['task', 'generate', '--count', '1', ...words])
    const from = await packages()
    expect(run('--from', from, '--out', from)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('is not empty'),
    })
    expect(run('--from', from, '--out', fileOf('a.txt', 'x'))).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('cannot be written to'),
    })
    const empty = emptyFolder()
    mkdirSync(join(empty, 'sub'))
    expect(run('--from', empty, '--out', join(empty, 'out'))).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('there is no task folder in'),
    })
    await written(from, { 'split.json': '{"train":1}' })
    expect(run('--from', from, '--out', join(empty, 'out'))).toMatchObject({
      code: 9,
      stderr: expect.stringContaining('is no split of tasks'),
    })
    expect(readdirSync(empty)).toEqual(['sub'])
  })
})

test('a split is no Task and no row', async () => {
  const folder = emptyFolder()
  await written(join(folder, 'clamp'), folderFiles(clampTask()))
  await written(folder, { 'split.json': '{"train":["clamp"],"heldOut":[]}' })
  expect((await allOf(folder)).map(({ type }) => type)).toEqual(['task'])
})
