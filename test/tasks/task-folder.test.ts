import { mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { FileMap } from '../../src/domain/task.ts'
import { judged, written } from './judge.ts'
import { allOf, emptyFolder, skipped, tasksOf } from './read.ts'

/** The example of docs/tasks.md. */
const SLUG: FileMap = {
  'task.json': JSON.stringify({ tests: { commands: ['node --test tests/slug.test.js'], timeoutSeconds: 20 } }),
  'statement.md': '`slug("Ü b")` gives `"-b"`; it must keep letters with accents, without the accents: `"u-b"`.\n',
  'files/package.json': '{ "name": "slug", "type": "module" }\n',
  'files/src/slug.js':
    "export const slug = (text) =>\n  text.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/-$/, '')\n",
  'tests/tests/slug.test.js':
    "import assert from 'node:assert'\nimport test from 'node:test'\nimport { slug } from '../src/slug.js'\n\ntest('accents', () => assert.equal(slug('Ü b'), 'u-b'))\n",
  'reference.patch':
    "diff --git a/src/slug.js b/src/slug.js\n--- a/src/slug.js\n+++ b/src/slug.js\n@@ -1,2 +1,7 @@\n export const slug = (text) =>\n-  text.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/-$/, '')\n+  text\n+    .normalize('NFD')\n+    .replace(/\\p{M}/gu, '')\n+    .toLowerCase()\n+    .replace(/[^a-z0-9]+/g, '-')\n+    .replace(/-$/, '')\n",
}

async function folderOf(files: FileMap, name = 'slug-accents'): Promise<string> {
  const folder = join(emptyFolder(), name)
  mkdirSync(folder)
  await written(folder, files)
  return folder
}

const withTask = (task: unknown): FileMap => ({ ...SLUG, 'task.json': JSON.stringify(task) })
const TESTS = { commands: ['true'] }

test('a folder is a Task: the policy starts from files/, tests/ stays hidden', async () => {
  const task = (await tasksOf(await folderOf(SLUG))).get('slug-accents')
  expect(task).toMatchObject({
    id: 'slug-accents',
    set: 'folder',
    statement: SLUG['statement.md']?.trim(),
    referencePatch: SLUG['reference.patch'],
    environment: {
      workdir: '/workspace',
      network: false,
      variables: {},
      files: { 'package.json': SLUG['files/package.json'], 'src/slug.js': SLUG['files/src/slug.js'] },
    },
    grading: {
      files: { 'tests/slug.test.js': SLUG['tests/tests/slug.test.js'] },
      parser: 'exit-code',
      rules: 'exit-code',
      timeoutMs: 20_000,
    },
  })
  expect(task?.environment.image).toBeUndefined()
  if (task === undefined) return
  expect((await judged(task, {})).exitCode).toBe(1)
})

test('a folder of such folders is a set, in natural order; one that is broken does not stop the rest', async () => {
  const root = emptyFolder()
  await written(join(root, 'slug-10'), SLUG)
  await written(join(root, 'slug-9'), SLUG)
  await written(join(root, 'group/slug-1'), SLUG)
  await written(join(root, 'broken'), { ...SLUG, 'task.json': '{"tests":' })
  const reads = await allOf(root)
  expect(reads.map((read) => (read.type === 'task' ? read.task.id : 'skipped'))).toEqual([
    'skipped',
    'slug-1',
    'slug-9',
    'slug-10',
  ])
  expect(reads[0]).toMatchObject({
    file: join(root, 'broken/task.json'),
    reason: 'task.json is not valid JSON: Unexpected end of JSON input',
  })
})

test('everything optional is taken as written', async () => {
  const folder = await folderOf({
    'task.json': JSON.stringify({
      id: 'acme/1',
      statement: 'Do it.',
      repository: 'acme/widget',
      version: '2.0',
      image: 'node:24',
      workdir: '/app',
      setup: ['npm ci'],
      network: true,
      variables: { CI: '1' },
      tests: {
        commands: ['pytest -rA'],
        install: ['pip install -e .'],
        parser: 'pytest',
        failToPass: ['t.py::a'],
        passToPass: ['t.py::b'],
        memoryMegabytes: 512,
        cpus: 1,
      },
    }),
  })
  const task = (await tasksOf(folder)).get('acme/1')
  expect(task).toMatchObject({
    repository: 'acme/widget',
    version: '2.0',
    statement: 'Do it.',
    environment: { image: 'node:24', workdir: '/app', network: true, variables: { CI: '1' }, files: {} },
    grading: { rules: 'swe-bench-5', memoryBytes: 512 * 1024 ** 2, cpus: 1, timeoutMs: 300_000 },
  })
  expect(task?.environment.setup[0]).toBe('npm ci')
})

describe('what is wrong is said with file and field', () => {
  const WRONG: readonly (readonly [what: string, files: FileMap, reason: RegExp])[] = [
    ['no tests', withTask({}), /^field `tests`: /],
    ['no command', withTask({ tests: { commands: [] } }), /^field `tests.commands`: /],
    ['an unknown field', withTask({ test: TESTS, tests: TESTS }), /Unrecognized key: "test"/],
    ['an unknown parser', withTask({ tests: { ...TESTS, parser: 'junit' } }), /^field `tests.parser`: /],
    [
      'a parser and no names',
      withTask({ tests: { ...TESTS, parser: 'pytest' } }),
      /^field `tests`: expected failToPass/,
    ],
    ['a time-out of nothing', withTask({ tests: { ...TESTS, timeoutSeconds: 0 } }), /^field `tests.timeoutSeconds`: /],
    ['a folder to work in that climbs', withTask({ workdir: '/a/../etc', tests: TESTS }), /^field `workdir`: /],
    [
      'a relative folder to work in',
      withTask({ workdir: 'app', tests: TESTS }),
      /^field `workdir`: expected an absolute path/,
    ],
    ['an id with a line break', withTask({ id: 'a\nb', tests: TESTS }), /^field `id`: .*control characters/],
    [
      'an image that is no image',
      withTask({ image: 'a b', tests: TESTS }),
      /^field `image`: .*no name of a container image/,
    ],
    ['a variable that is none', withTask({ variables: { 'A B': '1' }, tests: TESTS }), /^field `variables.A B`: /],
    ['no statement', { ...SLUG, 'statement.md': ' \n' }, /^the statement is missing/],
    [
      'nothing to start from',
      { 'task.json': SLUG['task.json'] ?? '', 'statement.md': 'x' },
      /^there is nothing to start from/,
    ],
    [
      'a file that is no text',
      { ...SLUG, 'files/logo.png': 'a\0b' },
      /^files\/logo.png is not UTF-8 text; only text files are supported$/,
    ],
    ['a repository in files/', { ...SLUG, 'files/.git/HEAD': 'x' }, /^files\/.git is a repository/],
  ]
  test.each(WRONG)('%s', async (_what, files, reason) => {
    const reads = await allOf(await folderOf(files))
    expect(reads).toEqual([
      {
        type: 'skipped',
        file: expect.stringMatching(/task\.json$/),
        reason: expect.stringMatching(reason),
      },
    ])
  })

  test('a link is never followed, neither to a file nor to a folder', async () => {
    const folder = await folderOf(SLUG)
    symlinkSync('/etc/passwd', join(folder, 'files/passwd'))
    expect(skipped(await allOf(folder))).toEqual([
      '-: files/passwd is a link or a device; expected plain files and folders',
    ])
    const other = await folderOf({ 'task.json': SLUG['task.json'] ?? '', 'statement.md': 'x' })
    symlinkSync('/etc', join(other, 'files'))
    expect(skipped(await allOf(other))).toEqual(['-: files is a link; links are not followed'])
  })

  test('files larger than allowed together are reported', async () => {
    const folder = await folderOf({ ...SLUG, 'files/large.txt': 'x'.repeat(9_000) })
    expect(skipped(await allOf(folder, { maxBytes: 8_000 }))).toEqual([
      '-: files/large.txt: the files of one task may have 8.0 kB together; this is more',
    ])
  })

  test('a file by the name of __proto__ stays a file', async () => {
    const task = (await tasksOf(await folderOf({ ...SLUG, 'files/__proto__': 'x' }))).get('slug-accents')
    expect(Object.keys(task?.environment.files ?? {})).toContain('__proto__')
  })

  test('a set that is asked for is no folder', async () => {
    expect(skipped(await allOf(await folderOf(SLUG), { set: 'swe-bench' }))).toEqual([
      '-: it is a folder with task.json, no row of swe-bench',
    ])
  })
})
