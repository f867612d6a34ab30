import { join } from 'node:path'
import { expect, test } from 'vitest'
import { rowTask } from '../../src/tasks/row-set.ts'
import { FORGET_FUTURE } from '../../src/tasks/swe-image.ts'
import { ran, written } from './judge.ts'
import { allOf, emptyFolder, FIXTURES } from './read.ts'

const env = (home: string): NodeJS.ProcessEnv => ({
  PATH: process.env['PATH'],
  HOME: home,
  GIT_AUTHOR_NAME: 'a',
  GIT_AUTHOR_EMAIL: 'a@a',
  GIT_COMMITTER_NAME: 'a',
  GIT_COMMITTER_EMAIL: 'a@a',
})
const ALL_OBJECTS = 'git cat-file --batch-all-objects --batch-check="%(objectname) %(objecttype)" | grep -c commit'

/** A clone at the second of four commits: a remote, a tag and a branch before and after it, a stash. */
const CLONE = `set -e
git init -q -b main upstream && cd upstream
git commit -q --allow-empty -m one && git tag v1
git commit -q --allow-empty -m two
git commit -q --allow-empty -m three && git tag v2 && git branch later
git commit -q --allow-empty -m four
cd .. && git clone -q upstream repo && cd repo
git branch old v1 && git branch solution v2
echo x > file && git add file && git stash -q
git reset -q --hard HEAD~2 && rm -f file`

test('what HEAD does not contain is forgotten, tags of the past stay', async () => {
  const home = emptyFolder()
  expect((await ran(CLONE, home, env(home))).exitCode).toBe(0)
  const repo = join(home, 'repo')
  const before = await ran(`git log --all --oneline | wc -l; ${ALL_OBJECTS}`, repo, env(home))
  expect(before.output).toBe('6\n6\n')
  const done = await ran(FORGET_FUTURE.join('\n'), repo, env(home))
  expect(done).toEqual({ exitCode: 0, output: '' })
  const after = await ran(
    `git log --all --format=%s; git remote; git for-each-ref --format='%(refname)'; git reflog | wc -l; ${ALL_OBJECTS}`,
    repo,
    env(home),
  )
  expect(after.output.split('\n')).toEqual([
    'two',
    'one',
    'refs/heads/main',
    'refs/heads/old',
    'refs/tags/v1',
    '0',
    '2',
    '',
  ])
})

test('a repository without a future is left as it is', async () => {
  const home = emptyFolder()
  await ran('git init -q -b main . && git commit -q --allow-empty -m one && git tag v1', home, env(home))
  const head = await ran('git rev-parse HEAD v1', home, env(home))
  expect(await ran(FORGET_FUTURE.join('\n'), home, env(home))).toEqual({ exitCode: 0, output: '' })
  expect(await ran('git rev-parse HEAD v1', home, env(home))).toEqual(head)
})

test('a bug of SWE-smith is planted in one commit; what came before, and so the fix, is gone', async () => {
  const home = emptyFolder()
  const row = {
    instance_id: 'acme__calc.0a1b2c3d.func__1',
    repo: 'swesmith/acme__calc.0a1b2c3d',
    patch:
      'diff --git a/calc.py b/calc.py\n--- a/calc.py\n+++ b/calc.py\n@@ -1,2 +1,2 @@\n def add(a, b):\n-    return a + b\n+    return a - b\n',
    FAIL_TO_PASS: ['tests/test_calc.py::test_add'],
    PASS_TO_PASS: [],
    image_name: 'jyangballin/swesmith.x86_64.acme_1776_calc.0a1b2c3d',
    problem_statement: 'Adding subtracts.',
  }
  const task = rowTask(row)
  const repo = join(home, 'testbed')
  await written(repo, { 'calc.py': 'def add(a, b):\n    return a + b\n' })
  await ran('git init -q -b main . && git add . && git commit -q -m Initial && git branch other', repo, env(home))
  await written(repo, task.environment.files)
  const setup = await ran(task.environment.setup.join('\n'), repo, env(home))
  expect(setup).toEqual({ exitCode: 0, output: '' })
  const state = await ran(
    `git status --short; git log --all --format=%s; cat calc.py; ls -A; ${ALL_OBJECTS}`,
    repo,
    env(home),
  )
  expect(state.output).toBe('Task\ndef add(a, b):\n    return a - b\n.git\ncalc.py\n1\n')
  await written(repo, { '../bug.patch': task.referencePatch ?? '' })
  const reversed = await ran('git apply --reverse ../bug.patch && cat calc.py', repo, env(home))
  expect(reversed).toEqual({ exitCode: 0, output: 'def add(a, b):\n    return a + b\n' })
})

test('every Task of the fixtures forgets the future before the policy starts', async () => {
  const reads = await allOf(FIXTURES)
  const without = reads.filter(
    (read) => read.type === 'task' && !read.task.environment.setup.some((line) => line.includes('--no-merged=HEAD')),
  )
  expect(without).toEqual([])
})
