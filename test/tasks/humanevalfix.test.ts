import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { applyPatch } from 'diff'
import { describe, expect, test } from 'vitest'
import type { TaskDefinition } from '../../src/domain/task.ts'
import { humanEvalFixCase, unifiedDiff } from '../../src/tasks/humanevalfix.ts'
import { isInvalidHumanEvalFix } from '../../src/tasks/humanevalfix-validity.ts'
import { rowTask } from '../../src/tasks/row-set.ts'
import { judged, ran, written } from './judge.ts'
import { allOf, emptyFolder, fileOf, skipped } from './read.ts'
import { needs } from '../needs.ts'

needs('python3', 'git')

const havePython = (await ran('python3 -c 0', '.')).exitCode === 0
const NEEDS_PYTHON = havePython ? '' : ' (skipped: needs python3)'

const PYTHON_ROW = {
  task_id: 'Python/900',
  declaration: 'from typing import List\n\n\ndef total(numbers: List[int]) -> int:\n',
  canonical_solution: '    result = 0\n    for number in numbers:\n        result += number\n    return result\n',
  buggy_solution: '    result = 1\n    for number in numbers:\n        result += number\n    return result\n',
  test: '\n\ndef check(total):\n    assert total([]) == 0\n    assert total([1, 2]) == 3\n\ncheck(total)',
  entry_point: 'total',
}
const JS_ROW = {
  task_id: 'JavaScript/900',
  declaration: '\nconst total = (numbers) => {\n',
  canonical_solution: '  return numbers.reduce((sum, number) => sum + number, 0)\n}\n',
  buggy_solution: '  return numbers.reduce((sum, number) => sum + number, 1)\n}\n',
  test: 'const testTotal = () => {\n  console.assert(total([]) === 0)\n  console.assert(total([1, 2]) === 3)\n}\n\ntestTotal()\n',
  entry_point: 'total',
}
const python = rowTask(PYTHON_ROW)
const javascript = rowTask(JS_ROW)
const PYTHON_FIXED = `${PYTHON_ROW.declaration}${PYTHON_ROW.canonical_solution}`
const JS_FIXED = `${JS_ROW.declaration}${JS_ROW.canonical_solution}`

const exitOf = async (task: TaskDefinition, text: string): Promise<number> => {
  const { exitCode } = await judged(task, { [humanEvalFixCase(task)?.file ?? '']: text })
  return exitCode
}

describe('the Task', () => {
  test('shows the buggy function with its tests, and hides program and case', () => {
    expect(python).toMatchObject({
      id: 'Python/900',
      set: 'humanevalfix-python',
      environment: { workdir: '/workspace', network: false },
      grading: { parser: 'exit-code', rules: 'exit-code', failToPass: [], passToPass: [] },
    })
    const text = `${PYTHON_ROW.declaration}${PYTHON_ROW.buggy_solution}\n${PYTHON_ROW.test}\n`
    expect(python.environment.files).toEqual({ 'Python__900.py': text })
    expect(python.statement).toContain(text)
    expect(Object.keys(python.grading.files)).toEqual(['.sealign/run.py', '.sealign/case.json'])
    expect(Object.keys(javascript.grading.files)).toEqual(['.sealign/run.cjs', '.sealign/case.json'])
  })

  test.each([python, javascript])('$id: git applies the reference patch, and it resolves the Task', async (task) => {
    const folder = emptyFolder()
    const file = humanEvalFixCase(task)?.file ?? ''
    await written(folder, { ...task.environment.files, 'fix.patch': task.referencePatch ?? '' })
    const applied = await ran('git init -q && git apply --verbose fix.patch && cat -- "$FILE"', folder, {
      ...process.env,
      FILE: file,
    })
    expect(applied.exitCode).toBe(0)
    const repaired = applyPatch(task.environment.files[file] ?? '', task.referencePatch ?? '')
    expect(applied.output).toContain(repaired)
    expect(await exitOf(task, repaired === false ? '' : repaired)).toBe(0)
  })

  test('its setup makes the same commit everywhere, and leaves a repository alone', async () => {
    const heads = await Promise.all(
      ['first', 'second'].map(async (name) => {
        const folder = join(emptyFolder(), name)
        await mkdir(folder)
        await written(folder, python.environment.files)
        const env = { PATH: process.env['PATH'], HOME: folder, TZ: name === 'first' ? 'UTC' : 'Asia/Tokyo' }
        const script = [...python.environment.setup, 'git rev-parse HEAD', 'git status --short'].join('\n')
        const once = await ran(script, folder, env)
        expect(await ran(script, folder, env)).toEqual(once)
        return once
      }),
    )
    expect(heads[0]).toEqual(heads[1])
    expect(heads[0]).toEqual({ exitCode: 0, output: expect.stringMatching(/^[0-9a-f]{40}\n$/) })
  })

  test('what a row wants to run before its test is run', async () => {
    const row = {
      ...JS_ROW,
      test_setup: "const { sep } = require('node:path')",
      test: 'console.assert(sep === total([], sep))',
    }
    expect(await exitOf(rowTask(row), 'const total = (numbers, start) => start\n')).toBe(0)
  })

  test('other languages of HumanEvalPack are reported as not supported', async () => {
    const rows = ['Go/1', 'Rust/2', '../3'].map((task_id) => JSON.stringify({ ...PYTHON_ROW, task_id }))
    expect(skipped(await allOf(fileOf('rows.jsonl', rows.join('\n'))))).toEqual([
      '1: field `task_id`: `Go` is not supported; HumanEvalFix is read for Python/N and JavaScript/N',
      '2: field `task_id`: `Rust` is not supported; HumanEvalFix is read for Python/N and JavaScript/N',
      '3: field `task_id`: `..` is not supported; HumanEvalFix is read for Python/N and JavaScript/N',
    ])
  })

  test('a text without a last line break gets a diff that git takes', () => {
    expect(unifiedDiff('a.txt', 'one\ntwo\n', 'one\n2\n')).toBe(
      'diff --git a/a.txt b/a.txt\n--- a/a.txt\n+++ b/a.txt\n@@ -1,2 +1,2 @@\n one\n-two\n+2\n',
    )
  })
})

describe.skipIf(!havePython)(`the hidden Python test${NEEDS_PYTHON}`, () => {
  const RESOLVED: readonly (readonly [string, string])[] = [
    ['the function alone, its tests deleted', PYTHON_FIXED],
    ['tests the policy edited wrongly', `${PYTHON_FIXED}\ndef check(f):\n    assert f([]) == 99\n\ncheck(total)\n`],
    ['a main part that would leave', `${PYTHON_FIXED}\nif __name__ == '__main__':\n    raise SystemExit(1)\n`],
    [
      'helpers named without importing them',
      'def total(numbers: Sequence[int]):\n    return math.floor(sum(numbers))\n',
    ],
    ['noise on every output', `import sys\nprint('PASSED')\nsys.stderr.write('0')\n${PYTHON_FIXED}`],
  ]
  test.each(RESOLVED)('passes with %s', async (_what, text) => {
    expect(await exitOf(python, text)).toBe(0)
  })

  const UNRESOLVED: readonly (readonly [string, string])[] = [
    [
      'the bug and tests that say nothing',
      `${PYTHON_ROW.declaration}${PYTHON_ROW.buggy_solution}\ndef check(f):\n    pass\ncheck(total)\n`,
    ],
    ['leaving at import', 'import sys\nsys.exit(0)\n'],
    ['leaving hard at import', 'import os\nos._exit(0)\n'],
    ['leaving inside the function', 'import os\n\ndef total(numbers):\n    os._exit(0)\n'],
    ['stopping politely inside the function', 'def total(numbers):\n    exit(0)\n'],
    ['an empty file', ''],
    ['a file that breaks off', `${PYTHON_ROW.declaration}    return sum(`],
    ['a guess at the answer', 'import os\nos.write(3, b"0" * 32)\nos._exit(0)\n'],
    ['an answer of nothing', 'def total(numbers):\n    return None\n'],
  ]
  test.each(UNRESOLVED)('fails with %s', async (_what, text) => {
    expect(await exitOf(python, text)).not.toBe(0)
  })

  test('modules the policy wrote beside the file are found, and take no library’s place', async () => {
    const file = 'Python__900.py'
    const own = { [file]: 'from adding import total\n', 'adding.py': PYTHON_FIXED, 'json.py': 'raise SystemExit(0)\n' }
    expect((await judged(python, own)).exitCode).toBe(0)
    const planted = { 'json.py': 'import os\nos._exit(0)\n', '.sealign/ast.py': 'import os\nos._exit(0)\n' }
    expect((await judged(python, planted)).exitCode).not.toBe(0)
  })

  test('an endless loop ends after ten seconds', { timeout: 40_000 }, async () => {
    expect(await exitOf(python, 'while True:\n    pass\n')).toBe(1)
  })
})

describe('the hidden JavaScript test', () => {
  const RESOLVED: readonly (readonly [string, string])[] = [
    ['the function alone, its tests deleted', JS_FIXED],
    ['the file as it came, repaired', `${JS_FIXED}\n${JS_ROW.test}`],
    [
      'tests the policy edited',
      `${JS_FIXED}\nconst testTotal = () => {\n  throw new Error('mine')\n}\n\ntestTotal();\n\nvar after = 1\n`,
    ],
    [
      'a function that is declared otherwise',
      'function total(numbers) { return numbers.reduce((a, b) => a + b, 0) }\nmodule.exports = { total }\n',
    ],
    ['modules and noise', `const path = require('path')\nconsole.log(path.sep, __filename)\n${JS_FIXED}`],
    ['a console of its own', `const console = { assert() {}, log() {} }\n${JS_FIXED}`],
  ]
  test.each(RESOLVED)('passes with %s', async (_what, text) => {
    expect(await exitOf(javascript, text)).toBe(0)
  })

  const BUG = `${JS_ROW.declaration}${JS_ROW.buggy_solution}`
  const UNRESOLVED: readonly (readonly [string, string])[] = [
    ['the bug and tests that say nothing', `${BUG}\nconst testTotal = () => {}\ntestTotal()\n`],
    ['an assertion that says nothing', `${BUG}\nconsole.assert = () => {}\n`],
    ['a console that says nothing', `const console = { assert() {} }\n${BUG}`],
    ['a console that says nothing, globally', `globalThis.console = { assert() {} }\n${BUG}`],
    ['leaving at import', 'process.exit(0)\n'],
    ['leaving inside the function', 'const total = () => process.exit(0)\n'],
    ['leaving hard', 'const total = () => process.reallyExit(0)\n'],
    ['an empty file', ''],
    ['a file that breaks off', `${JS_ROW.declaration}  return numbers.reduce(`],
    ['a guess at the answer', "require('fs').writeSync(3, '0'.repeat(32))\nprocess.exit(0)\n"],
  ]
  test.each(UNRESOLVED)('fails with %s', async (_what, text) => {
    expect(await exitOf(javascript, text)).not.toBe(0)
  })

  test('a package.json of the policy does not change what the program is', async () => {
    const files = {
      'JavaScript__900.js': JS_FIXED,
      'package.json': '{"type":"module"}',
      '.sealign/package.json': '{"type":"module"}',
    }
    expect((await judged(javascript, files)).exitCode).toBe(0)
  })
})

describe('an invalid patch', () => {
  const INVALID: readonly (readonly [TaskDefinition, string, string | undefined])[] = [
    [python, 'a deleted file', undefined],
    [python, 'an empty file', ' \n'],
    [python, 'no function of that name', 'def sum(numbers):\n    return 0\n'],
    [
      python,
      'a function without a body',
      `${PYTHON_ROW.declaration}    """Sums."""\n    # later\n    pass\n\n\ncheck(total)\n`,
    ],
    [python, 'a function not implemented', 'def total(numbers):\n    raise NotImplementedError("later")\n'],
    [python, 'a call that breaks off', `${PYTHON_ROW.declaration}    return sum(numbers\n`],
    [python, 'a text that breaks off', `${PYTHON_ROW.declaration}    """Sums all\n    return sum(numbers)\n`],
    [javascript, 'an empty body', 'const total = (numbers) => {\n  // later\n  /* } */\n}\n'],
    [javascript, 'a body not implemented', "function total(numbers) { throw new Error('Not implemented') }\n"],
    [javascript, 'a body that breaks off', 'const total = (numbers) => {\n  return numbers.map(\n'],
    [javascript, 'no function of that name', 'const sum = () => 1\n'],
  ]
  test.each(INVALID)('$id: %s', (task, _what, text) => {
    expect(isInvalidHumanEvalFix(task, text)).toBe(true)
  })

  const VALID: readonly (readonly [TaskDefinition, string])[] = [
    [python, PYTHON_FIXED],
    [python, 'def total(numbers): return sum(numbers)\n'],
    [python, 'total = lambda numbers: sum(numbers)\n'],
    [python, 'def total(\n    numbers,  # a ) here\n) -> "int":\n    """Say \\"(\\"."""\n    return sum(numbers)\n'],
    [python, 'def total(numbers):\n    return {"a": [1]}["a"]\n\n\nimport os\n'],
    [javascript, JS_FIXED],
    [javascript, 'const total = (numbers) => numbers.reduce((a, b) => a + b, 0)\n'],
    [javascript, 'let total\ntotal = function (numbers) {\n  return 1\n}\n'],
  ]
  test.each(VALID)('$id: complete code is none', (task, text) => {
    expect(isInvalidHumanEvalFix(task, text)).toBe(false)
  })

  test('a hostile megabyte is looked at in no time', () => {
    const texts = ['/**/'.repeat(250_000), `const total = () => {${'/**/ '.repeat(190_000)}x`, `${'"'.repeat(999_999)}`]
    for (const text of texts) for (const task of [python, javascript]) isInvalidHumanEvalFix(task, text)
    expect(isInvalidHumanEvalFix(javascript, `const total = () => {${'/**/ '.repeat(190_000)}}`)).toBe(true)
  })
})
