import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync, chmodSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { cleanPatch, isEmptyPatch, normalPatch, patchSize } from '../../src/grading/patch.ts'
import { patchedFiles } from '../../src/grading/patch-blocks.ts'
import { refusal } from '../../src/grading/patch-refusal.ts'
import { reversePatch } from '../../src/grading/reverse-patch.ts'
import { temporaryFolder } from '../sessions/temporary.ts'

function git(folder: string, ...words: string[]): string {
  const identity = [
    '-c',
    'user.name=t',
    '-c',
    'user.email=t@t',
    '-c',
    'core.autocrlf=false',
    '-c',
    'core.filemode=true',
  ]
  return execFileSync('git', [...identity, ...words], { cwd: folder, encoding: 'utf8' })
}

/** A repository with every kind of change in its working tree, and git's own diff of them. */
function repositoryWithChanges(): { readonly folder: string; readonly patch: string } {
  const folder = temporaryFolder()
  git(folder, 'init', '-q')
  const files: Record<string, string> = {
    'src/a.py': 'def a():\n    return 1\n\n\n\n\n\n\n\ndef b():\n    return 2\n',
    'src/gone.py': 'x = 1\n',
    'src/old name.py': 'one\ntwo\nthree\nfour\nfive\n',
    'tool.sh': '#!/bin/sh\n',
    'sql.txt': '-- select\nkeep\n',
    'bytes.bin': '\0\u0001\0',
    'grüße.txt': 'hallo\n',
    'no-newline.txt': 'last',
  }
  mkdirSync(join(folder, 'src'))
  for (const [path, text] of Object.entries(files)) writeFileSync(join(folder, path), text)
  git(folder, 'add', '-A')
  git(folder, 'commit', '-q', '-m', 'start')
  writeFileSync(join(folder, 'src/a.py'), 'def a():\n    return 10\n\n\n\n\n\n\n\ndef b():\n    return 20\n')
  rmSync(join(folder, 'src/gone.py'))
  renameSync(join(folder, 'src/old name.py'), join(folder, 'src/new name.py'))
  writeFileSync(join(folder, 'src/new name.py'), 'one\ntwo\n3\nfour\nfive\n')
  writeFileSync(join(folder, 'src/fresh.py'), 'y = 2\n')
  chmodSync(join(folder, 'tool.sh'), 0o755)
  writeFileSync(join(folder, 'sql.txt'), 'keep\n++ more\n')
  writeFileSync(join(folder, 'bytes.bin'), '\0\u0002\0')
  writeFileSync(join(folder, 'grüße.txt'), 'hallo\nwelt\n')
  writeFileSync(join(folder, 'no-newline.txt'), 'last\nline')
  git(folder, 'add', '-A')
  return { folder, patch: git(folder, 'diff', '--cached', '-M', 'HEAD') }
}

describe('a patch as git writes it', () => {
  test('names its files, new, deleted, renamed and with names git quotes', () => {
    const { patch } = repositoryWithChanges()
    expect(patchedFiles(patch)).toEqual([
      { from: 'bytes.bin', to: 'bytes.bin' },
      { from: 'grüße.txt', to: 'grüße.txt' },
      { from: 'no-newline.txt', to: 'no-newline.txt' },
      { from: 'sql.txt', to: 'sql.txt' },
      { from: 'src/a.py', to: 'src/a.py' },
      { from: undefined, to: 'src/fresh.py' },
      { from: 'src/gone.py', to: undefined },
      { from: 'src/old name.py', to: 'src/new name.py' },
      { from: 'tool.sh', to: 'tool.sh' },
    ])
  })

  test('counts lines of files, not lines that look like headers', () => {
    const { patch } = repositoryWithChanges()
    expect(patchSize(patch)).toEqual({ files: 9, added: 8, removed: 6 })
  })

  test('cleaned it lacks the binary file and still applies', () => {
    const { folder, patch } = repositoryWithChanges()
    const clean = cleanPatch(patch)
    expect(clean).not.toContain('bytes.bin')
    git(folder, 'reset', '-q', '--hard')
    writeFileSync(join(folder, '.git/clean.patch'), clean)
    git(folder, 'apply', '.git/clean.patch')
    expect(readFileSync(join(folder, 'src/new name.py'), 'utf8')).toContain('3')
    expect(readFileSync(join(folder, 'sql.txt'), 'utf8')).toBe('keep\n++ more\n')
  })

  test('its reverse undoes it', () => {
    const { folder, patch } = repositoryWithChanges()
    writeFileSync(join(folder, '.git/back.patch'), reversePatch(cleanPatch(patch)))
    git(folder, 'apply', '.git/back.patch')
    git(folder, 'checkout', '-q', 'HEAD', '--', 'bytes.bin')
    git(folder, 'add', '-A')
    expect(git(folder, 'status', '--porcelain')).toBe('')
  })

  test('the reverse of a reverse changes the same', () => {
    const { patch } = repositoryWithChanges()
    const twice = reversePatch(reversePatch(cleanPatch(patch)))
    expect(patchedFiles(twice)).toEqual(patchedFiles(cleanPatch(patch)))
    expect(patchSize(twice)).toEqual(patchSize(cleanPatch(patch)))
  })
})

const PATCH = `diff --git a/x.py b/x.py
index 1111111..2222222 100644
--- a/x.py
+++ b/x.py
@@ -1,2 +1,2 @@ def f():
-a = 1  
+a = 2  
 b = 3
`

describe('normal form', () => {
  test('hashes, section names, time stamps and spaces of headers do not tell patches apart', () => {
    const other = PATCH.replace('index 1111111..2222222 100644', 'index 333..444 100644')
      .replace('@@ def f():', '@@ def g():')
      .replace('--- a/x.py', '--- a/x.py\t2024-01-01 00:00:00')
      .replace('b/x.py\nindex', 'b/x.py  \nindex')
      .trimEnd()
    expect(normalPatch(other)).toBe(normalPatch(PATCH))
  })

  test('spaces in lines of the file do', () => {
    expect(normalPatch(PATCH.replace('+a = 2  ', '+a = 2'))).not.toBe(normalPatch(PATCH))
  })

  test('text around the diff does not count', () => {
    expect(normalPatch(`Here is the patch:\n${PATCH}`)).toBe(normalPatch(PATCH))
  })

  test('a diff that no git wrote is understood', () => {
    const plain = '--- a/x.py\n+++ b/x.py\n@@ -1 +1 @@\n-a\n+b\n--- a/y.py\n+++ b/y.py\n@@ -1 +1 @@\n-a\n+b\n'
    expect(patchedFiles(plain)).toEqual([
      { from: 'x.py', to: 'x.py' },
      { from: 'y.py', to: 'y.py' },
    ])
    expect(cleanPatch(plain)).toBe(plain)
  })
})

test.each([
  ['', true],
  ['  \n\n', true],
  ['diff --git a/x b/x\nindex 1..2 100644\n', true],
  ['diff --git a/i.png b/i.png\nindex 1..2 100644\nBinary files a/i.png and b/i.png differ\n', true],
  [PATCH, false],
  ['diff --git a/x b/x\nold mode 100644\nnew mode 100755\n', false],
  ['this is no patch', false],
])('%j is empty: %s', (patch, empty) => {
  expect(isEmptyPatch(patch)).toBe(empty)
})

test.each([
  ['../x', 'outside'],
  ['.git/hooks/post-checkout', "git's own"],
  ['a/.GIT/config', "git's own"],
])('a patch of %s is refused', (path, why) => {
  expect(refusal(`--- /dev/null\n+++ b/${path}\n@@ -0,0 +1 @@\n+x\n`)).toContain(why)
  expect(refusal(PATCH)).toBeUndefined()
})

test('a patch of a hundred thousand lines is split in linear time', () => {
  const many = Array.from({ length: 20_000 }, (_, n) => PATCH.replaceAll('x.py', `${n}.py`)).join('')
  const begun = performance.now()
  expect(patchSize(many)).toEqual({ files: 20_000, added: 20_000, removed: 20_000 })
  expect(normalPatch(many).length).toBeGreaterThan(1000)
  expect(performance.now() - begun).toBeLessThan(4000)
})

const LITE = new URL('../../../shared/data/tasks/swe-bench-lite/swe_bench_lite_test_300.jsonl', import.meta.url)
const hasLite = existsSync(LITE)
if (!hasLite) process.stdout.write(`Patches of SWE-bench Lite are skipped: ${LITE.pathname} is not there\n`)

test.skipIf(!hasLite)('the 600 patches of SWE-bench Lite are split and reversed without loss', () => {
  const rows = readFileSync(LITE, 'utf8').trim().split('\n')
  expect(rows).toHaveLength(300)
  for (const row of rows) {
    const { patch, test_patch: tests } = JSON.parse(row) as { patch: string; test_patch: string }
    for (const text of [patch, tests]) {
      const clean = cleanPatch(text)
      expect(clean).toBe(text.endsWith('\n') ? text : `${text}\n`)
      expect(reversePatch(reversePatch(clean))).toBe(clean)
      expect(patchedFiles(clean)).toHaveLength(text.match(/^diff --git /gm)?.length ?? 0)
      expect(refusal(clean)).toBeUndefined()
    }
  }
})
