import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../../../src/domain/json.ts'
import type { FileMap } from '../../../src/domain/task.ts'
import type { ToolResult } from '../../../src/rollout/tool.ts'
import { createEditorTool } from '../../../src/rollout/tools/editor-tool.ts'
import type { Sandbox } from '../../../src/sandbox/sandbox.ts'
import { caller, localSandbox, textIn } from './local-sandbox.ts'
import { needs } from '../../needs.ts'

needs('bubblewrap', 'git')

const TEN = Array.from({ length: 10 }, (_, index) => `line ${index + 1}\n`).join('')

interface Editor {
  (command: string, path: string, rest?: JsonObject): Promise<ToolResult>
  readonly sandbox: Sandbox
}

async function editor(files: FileMap = {}): Promise<Editor> {
  const sandbox = await localSandbox(files)
  const call = caller(createEditorTool(), sandbox)
  const run = (command: string, path: string, rest: JsonObject = {}): Promise<ToolResult> =>
    call({ command, path: path.startsWith('/') ? path : `/testbed/${path}`, ...rest })
  return Object.assign(run, { sandbox })
}

describe('view', () => {
  test('numbers the lines of a file', async () => {
    const edit = await editor({ 'a.py': 'def f():\n\treturn 1\n' })
    expect(await edit('view', 'a.py')).toEqual({
      text: "Here's the result of running `cat -n` on /testbed/a.py:\n     1\tdef f():\n     2\t\treturn 1\n",
      failed: false,
    })
  })

  test('shows a range, to the end with -1, and no further than the file', async () => {
    const edit = await editor({ a: TEN })
    expect((await edit('view', 'a', { view_range: [9, -1] })).text).toMatch(/:\n {5}9\tline 9\n {4}10\tline 10\n$/)
    const past = await edit('view', 'a', { view_range: [10, 99] })
    expect(past.text).toContain('    10\tline 10\nNOTE: The file has 10 lines')
    expect((await edit('view', 'a', { view_range: [] })).text).toContain('     1\tline 1\n')
  })

  test.each<[JsonObject[string], string]>([
    [[0, 2], 'Its first element must be within [1, 10].'],
    [[11, 12], 'Its first element must be within [1, 10].'],
    [[5, 4], 'Its second element must not be smaller'],
    [[1], 'a list of two integers'],
    [[1, 2, 3], 'a list of two integers'],
    [['a', 'b'], 'a list of two integers'],
    [[1.5, 2], 'a list of two integers'],
  ])('refuses the range %j', async (range, why) => {
    const result = await (await editor({ a: TEN }))('view', 'a', { view_range: range })
    expect(result.failed).toBe(true)
    expect(result.text).toMatch(/^ERROR:\nInvalid `view_range` parameter: /)
    expect(result.text).toContain(why)
  })

  test('shows the beginning of a long file and says how to see the rest', async () => {
    const edit = await editor({ a: `${'x'.repeat(99)}\n`.repeat(1000) })
    const { text } = await edit('view', 'a')
    expect(text).toContain('   160\t')
    expect(text).toMatch(/<response clipped><NOTE>.*view_range.*<\/NOTE>\n$/)
    expect(text.length).toBeLessThan(18_000)
  })

  test('lists two levels of a directory and counts what is hidden', async () => {
    const edit = await editor({
      'b/c/d.py': '',
      'b/.x/y': '',
      'a b.py': '',
      '.git/HEAD': '',
      '.env': '',
      "it's $(x)/`z`.py": '',
    })
    const { text } = await edit('view', '/testbed/')
    expect(text.split('\n')).toEqual([
      "Here's the files and directories up to 2 levels deep in /testbed, excluding hidden items:",
      '/testbed/',
      '/testbed/a b.py',
      '/testbed/b/',
      '/testbed/b/c/',
      "/testbed/it's $(x)/",
      "/testbed/it's $(x)/`z`.py",
      '',
      '2 hidden files/directories in this directory are left out; `ls -la` shows them.',
    ])
    expect((await edit('view', "it's $(x)")).text).toContain('`z`.py')
    expect((await edit('view', '', { view_range: [1, 2] })).text).toContain('A directory has no lines')
  })

  test('cuts the list of a huge directory', async () => {
    const edit = await editor()
    await edit.sandbox.exec('mkdir many && cd many && seq -f file-number-%g 1 5000 | xargs touch', {
      timeoutMs: 20_000,
      maxBytes: 1000,
    })
    const { text } = await edit('view', 'many')
    expect(text.length).toBeLessThan(17_000)
    expect(text).toContain('<response clipped>')
    expect(text).toContain('/testbed/many/file-number-1\n')
  })
})

describe('create', () => {
  test('writes a new file, folders above it included', async () => {
    const edit = await editor()
    expect((await edit('create', 'new/b.py', { file_text: 'x = 1\n' })).text).toBe(
      'File created successfully at: /testbed/new/b.py',
    )
    expect(await textIn(edit.sandbox, '/testbed/new/b.py')).toBe('x = 1\n')
  })

  test('overwrites nothing, and needs a text', async () => {
    const edit = await editor({ a: 'old' })
    expect((await edit('create', 'a', { file_text: 'new' })).text).toContain('does not overwrite anything')
    expect((await edit('create', '/testbed', { file_text: 'new' })).failed).toBe(true)
    expect((await edit('create', 'b')).text).toBe('ERROR:\nParameter `file_text` is required for command: create.')
    expect(await textIn(edit.sandbox, '/testbed/a')).toBe('old')
  })
})

describe('str_replace', () => {
  test('replaces the one place and shows four lines around it', async () => {
    const edit = await editor({ a: TEN })
    const { text, failed } = await edit('str_replace', 'a', { old_str: 'line 6\n', new_str: 'six\nand a half\n' })
    expect(failed).toBe(false)
    expect(text).toMatch(
      /^The file \/testbed\/a has been edited\. Here's the result of running `cat -n` on a snippet of \/testbed\/a:\n {5}2\tline 2\n/,
    )
    expect(text).toContain('     6\tsix\n     7\tand a half\n')
    expect(text).toContain('    11\tline 10\nCheck that')
    expect(await textIn(edit.sandbox, '/testbed/a')).toBe(TEN.replace('line 6\n', 'six\nand a half\n'))
  })

  test('deletes when there is no new text', async () => {
    const edit = await editor({ a: TEN })
    await edit('str_replace', 'a', { old_str: 'line 10\n' })
    expect(await textIn(edit.sandbox, '/testbed/a')).toBe(TEN.replace('line 10\n', ''))
  })

  test('tries once more without the white space around both texts', async () => {
    const edit = await editor({ a: 'a = 1\nb = 2\n' })
    await edit('str_replace', 'a', { old_str: '\na = 1\n\n', new_str: '\na = 3\n\n' })
    expect(await textIn(edit.sandbox, '/testbed/a')).toBe('a = 3\nb = 2\n')
  })

  test.each<[JsonObject, string]>([
    [{}, 'Parameter `old_str` is required for command: str_replace.'],
    [{ old_str: 'line 2', new_str: 'line 2' }, 'No replacement was performed: `new_str` and `old_str` are the same.'],
    [{ old_str: '', new_str: 'x' }, 'an empty text stands everywhere'],
    [
      { old_str: 'line 11', new_str: 'x' },
      'No replacement was performed, old_str `line 11` did not appear verbatim in /testbed/a.',
    ],
    [
      { old_str: 'line 1', new_str: 'x' },
      'Multiple occurrences of old_str `line 1` in lines [1, 10]. Please ensure it is unique.',
    ],
  ])('with %j changes nothing and says why', async (args, why) => {
    const edit = await editor({ a: TEN })
    const result = await edit('str_replace', 'a', args)
    expect(result.failed).toBe(true)
    expect(result.text.startsWith('ERROR:\n')).toBe(true)
    expect(result.text).toContain(why)
    expect(await textIn(edit.sandbox, '/testbed/a')).toBe(TEN)
  })

  test('does to any file what replacing the text does', async () => {
    const edit = await editor()
    const text = fc.string({
      unit: fc.constantFrom('a', 'b', '$', '\\', '\n', '\t', ' ', '\r', 'é', '😀', '$&'),
      minLength: 1,
      maxLength: 30,
    })
    let file = 0
    await fc.assert(
      fc.asyncProperty(text, text, text, text, async (before, oldText, after, newText) => {
        const whole = before + oldText + after
        const once = whole.split(oldText).length === 2 && whole.indexOf(oldText) === whole.lastIndexOf(oldText)
        fc.pre(
          once && oldText !== newText && !whole.includes('\r\n') && !oldText.includes('\r') && !newText.includes('\r'),
        )
        const path = `/testbed/f${(file += 1)}`
        await edit.sandbox.writeFile(path, whole)
        const result = await edit('str_replace', path, { old_str: oldText, new_str: newText })
        expect(result.failed).toBe(false)
        expect(await textIn(edit.sandbox, path)).toBe(whole.replace(oldText, () => newText))
      }),
      { numRuns: 100 },
    )
  })
})

describe('insert', () => {
  test.each([
    [0, 'new', `new\n${TEN}`],
    [3, 'new\n  newer', TEN.replace('line 4', 'new\n  newer\nline 4')],
    [10, 'new', `${TEN}new\n`],
  ])('after line %i', async (line, text, expected) => {
    const edit = await editor({ a: TEN })
    expect((await edit('insert', 'a', { insert_line: line, new_str: text })).text).toContain('has been edited')
    expect(await textIn(edit.sandbox, '/testbed/a')).toBe(expected)
  })

  test('leaves a file without a newline at its end without one', async () => {
    const edit = await editor({ a: 'one\ntwo', b: '' })
    await edit('insert', 'a', { insert_line: 2, new_str: 'three' })
    expect(await textIn(edit.sandbox, '/testbed/a')).toBe('one\ntwo\nthree')
    await edit('insert', 'a', { insert_line: 1, new_str: 'half' })
    expect(await textIn(edit.sandbox, '/testbed/a')).toBe('one\nhalf\ntwo\nthree')
    await edit('insert', 'b', { insert_line: 0, new_str: 'first' })
    expect(await textIn(edit.sandbox, '/testbed/b')).toBe('first\n')
  })

  test.each<[JsonObject, string]>([
    [{ new_str: 'x' }, 'Parameter `insert_line` is required for command: insert.'],
    [{ insert_line: 1 }, 'Parameter `new_str` is required for command: insert.'],
    [{ insert_line: 11, new_str: 'x' }, 'Invalid `insert_line` parameter: 11. It must be within [0, 10].'],
    [{ insert_line: -1, new_str: 'x' }, 'It must be within [0, 10].'],
  ])('with %j is refused', async (args, why) => {
    const edit = await editor({ a: TEN })
    expect(await edit('insert', 'a', args)).toMatchObject({ failed: true, text: expect.stringContaining(why) })
    expect(await textIn(edit.sandbox, '/testbed/a')).toBe(TEN)
  })
})

describe('undo_edit', () => {
  test('takes back the edits of a file one by one', async () => {
    const edit = await editor({ a: 'one\n', b: 'b\n' })
    await edit('str_replace', 'a', { old_str: 'one', new_str: 'two' })
    await edit('insert', 'a', { insert_line: 0, new_str: 'zero' })
    await edit('str_replace', 'b', { old_str: 'b', new_str: 'c' })
    const { text } = await edit('undo_edit', 'a')
    expect(text).toBe(
      "The last edit of /testbed/a was undone. Here's the result of running `cat -n` on /testbed/a:\n     1\ttwo\n",
    )
    await edit('undo_edit', '/testbed/../testbed/a')
    expect(await textIn(edit.sandbox, '/testbed/a')).toBe('one\n')
    expect(await edit('undo_edit', 'a')).toEqual({
      text: 'ERROR:\nNo edit history found for /testbed/a.',
      failed: true,
    })
    expect(await textIn(edit.sandbox, '/testbed/b')).toBe('c\n')
  })

  test('goes back ten edits', async () => {
    const edit = await editor({ a: '0' })
    for (let n = 0; n < 12; n += 1) await edit('str_replace', 'a', { old_str: String(n), new_str: String(n + 1) })
    for (let n = 0; n < 10; n += 1) expect((await edit('undo_edit', 'a')).failed).toBe(false)
    expect((await edit('undo_edit', 'a')).failed).toBe(true)
    expect(await textIn(edit.sandbox, '/testbed/a')).toBe('2')
  })
})

describe('a file that is not plain text', () => {
  test('with CRLF keeps its line ends, whichever the Policy writes', async () => {
    const edit = await editor({ a: 'one\r\ntwo\r\nthree\r\n' })
    expect((await edit('view', 'a')).text).not.toContain('\r')
    await edit('str_replace', 'a', { old_str: 'one\ntwo', new_str: '1\n1.5\n2' })
    await edit('str_replace', 'a', { old_str: 'three\r\n', new_str: '3\r\n' })
    await edit('insert', 'a', { insert_line: 0, new_str: 'zero' })
    expect(await textIn(edit.sandbox, '/testbed/a')).toBe('zero\r\n1\r\n1.5\r\n2\r\n3\r\n')
    await edit('undo_edit', 'a')
    expect(await textIn(edit.sandbox, '/testbed/a')).toBe('1\r\n1.5\r\n2\r\n3\r\n')
  })

  test('with mixed line ends is changed only where asked', async () => {
    const edit = await editor({ a: 'one\r\ntwo\nthree' })
    await edit('str_replace', 'a', { old_str: 'two', new_str: '2' })
    expect(await textIn(edit.sandbox, '/testbed/a')).toBe('one\r\n2\nthree')
  })

  test('is refused when it is binary, not UTF-8, or too large', async () => {
    const edit = await editor()
    const make =
      "printf 'a\\0b' > binary; printf 'caf\\351\\n' > latin1; head -c 10500000 /dev/zero | tr '\\0' x > large"
    await edit.sandbox.exec(make, { timeoutMs: 20_000, maxBytes: 1000 })
    for (const [path, why] of [
      ['binary', 'is binary'],
      ['latin1', 'another encoding than UTF-8'],
      ['large', 'too large: 10.0 MB'],
    ] as const) {
      expect(await edit('view', path)).toMatchObject({ failed: true, text: expect.stringContaining(why) })
      expect(await edit('str_replace', path, { old_str: 'a', new_str: 'b' })).toMatchObject({ failed: true })
    }
  })

  test('keeps a byte order mark', async () => {
    const edit = await editor({ a: '\ufeffone\n' })
    await edit('str_replace', 'a', { old_str: 'one', new_str: 'two' })
    expect(await textIn(edit.sandbox, '/testbed/a')).toBe('\ufefftwo\n')
  })
})

describe('a path', () => {
  test('must be absolute; the one that was meant is named when it exists', async () => {
    const sandbox = await localSandbox({ 'src/a.py': '' })
    const call = caller(createEditorTool(), sandbox)
    expect((await call({ command: 'view', path: 'src/a.py' })).text).toContain('Did you mean /testbed/src/a.py?')
    expect((await call({ command: 'view', path: 'src/b.py' })).text).not.toContain('Did you mean')
  })

  test('must exist, and be a file to be edited', async () => {
    const edit = await editor({ 'src/a': 'a' })
    expect((await edit('view', 'nothing')).text).toContain('There is nothing at this path')
    expect((await edit('str_replace', 'nothing', { old_str: 'a', new_str: 'b' })).failed).toBe(true)
    expect((await edit('str_replace', 'src', { old_str: 'a', new_str: 'b' })).text).toContain(
      'only `view` works on directories',
    )
    expect((await edit('undo_edit', 'src/')).failed).toBe(true)
    expect((await edit('view', '/a\0b')).text).toContain('No file can have this path')
    expect((await edit('view', `/${'a'.repeat(5000)}`)).failed).toBe(true)
  })
})

test('a path that cannot be written is a refusal of the editor, not a failure of ours', async () => {
  const edit = await editor({ a: 'file' })
  expect(await edit('create', 'a/b', { file_text: 'x' })).toMatchObject({ failed: true })
  expect(await edit('create', '/proc/sealign/x', { file_text: 'x' })).toMatchObject({ failed: true })
})
