import { parquetWriteBuffer } from 'hyparquet-writer'
import { describe, expect, test } from 'vitest'
import { SealignError } from '../../src/domain/errors.ts'
import { readTasks } from '../../src/tasks/read-tasks.ts'
import { allOf, emptyFolder, fileOf, ROW, skipped, tasksOf } from './read.ts'

const lines = (...rows: readonly unknown[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('')

describe('a bad row is reported with its line and field, and the rest is read', () => {
  const BAD: readonly (readonly [what: string, changes: Record<string, unknown>, reason: string | RegExp])[] = [
    ['no id', { instance_id: '' }, 'field `instance_id` is missing or empty; expected text'],
    ['an id of two lines', { instance_id: 'a\nb' }, /control characters/],
    ['an id that reorders text', { instance_id: 'a\u202eb' }, /control characters/],
    ['an id too long', { instance_id: 'a'.repeat(201) }, /201 characters; at most 200/],
    ['an id that is a number', { instance_id: 7 }, 'field `instance_id` is a number; expected text'],
    ['no statement', { problem_statement: null }, 'field `problem_statement` is missing or empty; expected text'],
    ['a statement too long', { problem_statement: 'x'.repeat(2_000_001) }, /2000001 characters/],
    ['no repository', { repo: 'flask' }, 'field `repo` is not of the form owner/name'],
    ['an unknown repository', { repo: '__proto__/x' }, /no test command is known for __proto__\/x/],
    ['a repository that is a member of every object', { repo: 'constructor/y' }, /no test command is known/],
    ['a commit that is an option', { base_commit: '--upload-pack=sh' }, /is not a commit id/],
    ['lists that are no lists', { FAIL_TO_PASS: 'tests/test_basic.py::test_dot' }, /no JSON list/],
    ['a list of numbers', { PASS_TO_PASS: [1] }, 'field `PASS_TO_PASS`, entry 1 is a number; expected text'],
    ['a list in an object', { FAIL_TO_PASS: { a: 1 } }, 'field `FAIL_TO_PASS` is an object; expected a list of texts'],
    ['nothing to decide', { FAIL_TO_PASS: [], PASS_TO_PASS: '[]' }, /both empty/],
    ['a test patch without tests', { test_patch: 'diff --git a/a.txt b/a.txt\n' }, /changes no file that holds tests/],
    ['a NUL in the patch', { test_patch: 'diff\0' }, /NUL/],
    ['an image that is a command', { image: 'x; rm -rf /', eval_script: 'true' }, /no name of a container image/],
  ]

  test.each(BAD)('%s', async (_what, changes, reason) => {
    const good = { ...ROW, instance_id: 'pallets__flask-1' }
    const reads = await allOf(fileOf('rows.jsonl', lines({ ...ROW, ...changes }, good)))
    expect(skipped(reads)).toEqual([
      expect.stringMatching(typeof reason === 'string' ? new RegExp(`^1: ${escaped(reason)}$`) : reason),
    ])
    expect(reads.map((read) => read.line)).toEqual([1, 2])
  })
})

test('lines that are no JSON, no object or a row of nothing known are reported', async () => {
  const file = fileOf('rows.jsonl', `{"a":\n[1]\n7\n{}\n${lines(ROW)}{"instance_id": "x"}\n`)
  const reads = await allOf(file)
  expect(skipped(reads).map((text) => text.slice(0, 40))).toEqual([
    '1: the line is not valid JSON: Unexpecte',
    '2: it is no JSON object; expected a row ',
    '3: it is no JSON object; expected a row ',
    '4: it is no row of a known set of tasks ',
    '6: it is no row of a known set of tasks ',
  ])
  expect(reads.filter((read) => read.type === 'task')).toHaveLength(1)
})

test('files with odd names are one quoted argument each', async () => {
  const odd = ['tests/test_a b.py', 'tests/$(touch x).py', "tests/it's.py"]
  const test_patch = odd.map((name) => `diff --git a/${name} b/${name}\n`).join('')
  const task = (await tasksOf(fileOf('rows.jsonl', lines({ ...ROW, test_patch })))).get(ROW.instance_id)
  expect(task?.grading.commands.at(-1)).toBe(`pytest -rA 'tests/test_a b.py' 'tests/$(touch x).py' 'tests/it'\\''s.py'`)
})

test('a row larger than allowed is reported and the next one is read', async () => {
  const file = fileOf('rows.jsonl', lines({ ...ROW, hints_text: 'x'.repeat(50_000) }, ROW))
  const reads = await allOf(file, { maxBytes: 20_000 })
  expect(skipped(reads)).toEqual([expect.stringMatching(/^1: the line has 5\d(\.\d)? kB; at most 20\.0 kB are read/)])
  expect(reads).toHaveLength(2)
})

test('an array, an object by id and Parquet hold the same rows as JSON Lines', async () => {
  const { instance_id, ...rest } = ROW
  const array = fileOf('rows.json', JSON.stringify([ROW], null, 1))
  const byId = fileOf('rows.json', JSON.stringify({ [instance_id]: rest }))
  const spread = fileOf('rows.json', JSON.stringify({ [instance_id]: rest }, null, 2))
  const columns = Object.entries(ROW).map(([name, value]) => ({
    name,
    data: [typeof value === 'string' ? value : JSON.stringify(value)],
    type: 'STRING' as const,
  }))
  const parquet = fileOf('rows.parquet', Buffer.from(parquetWriteBuffer({ columnData: columns })))
  const expected = await tasksOf(fileOf('rows.jsonl', lines(ROW)))
  expect(expected.size).toBe(1)
  for (const file of [array, byId, spread, parquet]) expect(await tasksOf(file)).toEqual(expected)
})

test('a broken Parquet file is reported, not thrown', async () => {
  const reads = await allOf(fileOf('rows.parquet', 'PAR1 nothing'))
  expect(skipped(reads)).toEqual([expect.stringMatching(/not a readable Parquet file/)])
})

test('an empty folder says what was looked for; a missing path is an error of ours', async () => {
  expect(skipped(await allOf(emptyFolder()))).toEqual(['-: it holds no task.json, .jsonl, .json or .parquet file'])
  await expect(allOf('/nowhere/rows.jsonl')).rejects.toThrow(SealignError)
})

test('reading stops when it is told to', async () => {
  const stop = new AbortController()
  const reader = readTasks(fileOf('rows.jsonl', lines(ROW, { ...ROW, instance_id: 'b__b-1' })), { signal: stop.signal })
  expect((await reader.next()).value).toMatchObject({ type: 'task' })
  stop.abort(new Error('enough'))
  await expect(reader.next()).rejects.toThrow('enough')
})

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
