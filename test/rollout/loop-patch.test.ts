import { describe, expect, test } from 'vitest'
import { extractPatch, type ExtractedPatch } from '../../src/rollout/patch.ts'
import type { WorkspaceStart } from '../../src/rollout/private-git.ts'
import { hideHistory, recordStart } from '../../src/rollout/workspace.ts'
import type { Sandbox } from '../../src/sandbox/sandbox.ts'
import { inside, localSandbox, repositorySandbox } from './loop-sandbox.ts'
import { needs } from '../needs.ts'

needs('bubblewrap', 'git')

const FILES = { 'core.py': 'def add(a, b):\n    return a - b\n', 'docs/notes.txt': 'one\ntwo\n', 'old.py': 'x = 1\n' }

async function patchOf(sandbox: Sandbox, start: WorkspaceStart): Promise<ExtractedPatch> {
  const found = await extractPatch(sandbox, start, { final: true })
  if (found === undefined || found === 'same') throw new Error(`no patch: ${String(found)}`)
  return found
}

/** Applies a patch to a clean checkout of the start and lists what differs from the agent's files. */
async function afterApplying(sandbox: Sandbox, start: WorkspaceStart, patch: string): Promise<string> {
  await sandbox.writeFile('/testbed/.git/test.patch', patch)
  return inside(
    sandbox,
    `rm -rf /tmp/sealign-fresh && mkdir /tmp/sealign-fresh && git archive ${start.base} | tar -x -C /tmp/sealign-fresh && cd /tmp/sealign-fresh &&
     git apply --whitespace=nowarn /testbed/.git/test.patch && diff -r --no-dereference -x .git -x __pycache__ -x '*.pyc' -x node_modules /testbed /tmp/sealign-fresh`,
  )
}

describe('a patch', () => {
  test('holds edited, new, deleted and renamed files, and leads to the same files when it is applied', async () => {
    const sandbox = await repositorySandbox(FILES)
    const start = await recordStart(sandbox)
    expect(start.base).toBe(start.head)
    await inside(
      sandbox,
      `sed -i s/-/+/ core.py; git mv old.py new.py; rm -r docs; mkdir -p 'a b'; echo 'é' > 'a b/ü\t"x".py'; ln -s core.py link.py; chmod +x core.py`,
    )
    const { patch, dropped } = await patchOf(sandbox, start)
    expect(patch).toContain('+    return a + b\n')
    expect(patch).toContain('old mode 100644\nnew mode 100755\n')
    expect(patch).toContain('deleted file mode 100644')
    expect(patch).toContain('new file mode 120000')
    expect(dropped).toBe(0)
    expect(await afterApplying(sandbox, start, patch)).toBe('')
  })

  test('is empty when nothing changed, and `same` when nothing changed since', async () => {
    const sandbox = await repositorySandbox(FILES)
    const start = await recordStart(sandbox)
    const { patch, tree } = await patchOf(sandbox, start)
    expect(patch).toBe('')
    expect(await extractPatch(sandbox, start, { unless: tree })).toBe('same')
    await inside(sandbox, 'echo y = 2 >> core.py')
    const next = await patchOf(sandbox, start)
    expect(next.patch).toContain('+y = 2')
    await inside(sandbox, 'git checkout -q -- core.py')
    expect((await patchOf(sandbox, start)).patch).toBe('')
  })

  test('counts what the agent committed, and leaves its index as it was', async () => {
    const sandbox = await repositorySandbox(FILES)
    const start = await recordStart(sandbox)
    await inside(
      sandbox,
      'echo z = 3 >> core.py; git -c user.name=a -c user.email=a@b commit -qam work; echo q > staged.py; git add staged.py; echo u > unstaged.py',
    )
    const before = await inside(sandbox, 'git status --porcelain; sha256sum .git/index')
    const { patch } = await patchOf(sandbox, start)
    expect(patch).toContain('+z = 3')
    expect(patch).toContain('b/staged.py')
    expect(patch).toContain('b/unstaged.py')
    expect(await inside(sandbox, 'git status --porcelain; sha256sum .git/index')).toBe(before)
  })

  test('leaves out binaries, caches and installed packages', async () => {
    const sandbox = await repositorySandbox(FILES)
    const start = await recordStart(sandbox)
    await inside(
      sandbox,
      String.raw`printf 'a\0b' > data.bin; mkdir -p pkg/__pycache__ node_modules/x; echo 1 > pkg/__pycache__/m.cpython-311.pyc; echo 1 > node_modules/x/i.js; echo 1 > m.pyc; head -c 3000000 /dev/zero | tr '\0' 'x' > huge.txt; echo ok > fine.py`,
    )
    const { patch, dropped } = await patchOf(sandbox, start)
    expect(patch.match(/^diff --git .*$/gm)).toEqual(['diff --git a/fine.py b/fine.py'])
    expect(dropped).toBe(2)
  })

  test('keeps text in another encoding byte for byte', async () => {
    const sandbox = await repositorySandbox({ ...FILES, '.gitattributes': '*.txt diff=fancy\n' })
    await inside(
      sandbox,
      String.raw`printf 'caf\xe9\nb\n' > latin.txt; printf 'r\xe9sum\xe9\n' > $'n\xe9.txt'; git add -A; git -c user.name=a -c user.email=a@b commit -qm latin`,
    )
    const start = await recordStart(sandbox)
    await inside(
      sandbox,
      String.raw`printf 'caf\xe9\nb\nth\xe9\n' > latin.txt; printf 'r\xe9sum\xe9s\n' > $'n\xe9.txt'; echo three >> docs/notes.txt`,
    )
    const { patch, dropped } = await patchOf(sandbox, start)
    expect(patch).toContain('GIT binary patch')
    expect(patch).toContain('+three')
    expect(patch).not.toContain('\uFFFD')
    expect(dropped).toBe(0)
    expect(await afterApplying(sandbox, start, patch)).toBe('')
  })

  test('is not misled by text that looks like a patch', async () => {
    const sandbox = await repositorySandbox(FILES)
    const start = await recordStart(sandbox)
    const text =
      'diff --git a/x b/x\nBinary files a/x and b/x differ\nGIT binary patch\nold mode 160000\n--- a/x\n\rdiff --git a/y b/y\n\u2028diff --git a/z b/z'
    await sandbox.writeFile('/testbed/looks.txt', text)
    await sandbox.writeFile('/testbed/core.py', `${text}\n${FILES['core.py']}`)
    const { patch, dropped } = await patchOf(sandbox, start)
    expect(dropped).toBe(0)
    expect(patch.split('\n').filter((line) => line.startsWith('diff --git'))).toHaveLength(2)
    expect(await afterApplying(sandbox, start, patch)).toBe('')
  })

  test('holds the files of a repository that the agent made inside the repository', async () => {
    const sandbox = await repositorySandbox(FILES)
    const start = await recordStart(sandbox)
    await inside(
      sandbox,
      'mkdir sub empty; cd sub; git init -q .; echo inner > inner.py; git add .; git -c user.name=a -c user.email=a@b commit -qm i; cd ../empty; git init -q .; echo e > e.py',
    )
    const { patch } = await patchOf(sandbox, start)
    expect(patch).toContain('b/sub/inner.py')
    expect(patch).toContain('b/empty/e.py')
    expect(patch).not.toContain('Subproject')
  })

  test('runs no hook, filter, text converter or external diff of the agent, and obeys none of its settings', async () => {
    const sandbox = await repositorySandbox(FILES)
    const start = await recordStart(sandbox)
    await inside(
      sandbox,
      String.raw`cat >> .git/config <<'END'
[core]
	hooksPath = /testbed/.git/hooks
	fsmonitor = /testbed/evil.sh
	excludesFile = /testbed/.git/all
	worktree = /
	quotePath = false
	abbrev = 5
[diff]
	external = /testbed/evil.sh
	noprefix = true
	renames = copies
[diff "evil"]
	textconv = /testbed/evil.sh
	command = /testbed/evil.sh
[filter "evil"]
	clean = /testbed/evil.sh
	process = /testbed/evil.sh
	required = true
[color]
	ui = always
END
echo '*' > .git/all; cp .git/all .git/info/exclude
printf '* filter=evil diff=evil\n' > .git/info/attributes; printf '*.py filter=evil diff=evil\n' > .gitattributes
printf '#!/bin/sh\necho ran >> /testbed/.git/RAN\ncat\n' > evil.sh; chmod +x evil.sh; mkdir -p .git/hooks
for hook in pre-commit post-index-change reference-transaction; do cp evil.sh .git/hooks/$hook; done
mkdir -p .git/sealign; printf '[core]\n\tfsmonitor = /testbed/evil.sh\n' > .git/sealign/config; echo junk > .git/sealign/index.lock
echo w = 4 >> core.py; echo n > brand.py`,
    )
    const { patch } = await patchOf(sandbox, start)
    expect(patch).toContain('diff --git a/core.py b/core.py')
    expect(patch).toContain('+w = 4')
    expect(patch).toContain('b/brand.py')
    expect(patch).not.toContain('\u001b')
    expect(await inside(sandbox, 'cat .git/RAN 2>/dev/null || echo nothing ran')).toBe('nothing ran\n')
  })

  test('survives a broken index, and is undefined when the repository is gone', async () => {
    const sandbox = await repositorySandbox(FILES)
    const start = await recordStart(sandbox)
    await inside(
      sandbox,
      'echo junk > .git/index; echo junk > .git/sealign/index; echo broken > .git/config; echo v = 5 >> core.py',
    )
    expect((await patchOf(sandbox, start)).patch).toContain('+v = 5')
    await inside(sandbox, 'rm -rf .git')
    expect(await extractPatch(sandbox, start, { final: true })).toBeUndefined()
  })
})

describe('the start', () => {
  test('of a folder that is no repository is a commit that depends on its files alone', async () => {
    const [one, two] = [await localSandbox(FILES), await localSandbox(FILES)]
    const start = await recordStart(one)
    expect(await recordStart(two)).toEqual(start)
    await inside(one, 'echo w = 4 >> core.py')
    expect((await patchOf(one, start)).patch).toContain('+w = 4')
  })

  test('counts what setup left changed and untracked as given', async () => {
    const sandbox = await repositorySandbox(FILES)
    await inside(sandbox, 'echo setup = 1 >> core.py; echo s > setup.log')
    const start = await recordStart(sandbox)
    expect(start.base).not.toBe(start.head)
    expect((await patchOf(sandbox, start)).patch).toBe('')
    await inside(sandbox, 'echo agent = 1 >> core.py; rm -f .git/sealign/index')
    const { patch } = await patchOf(sandbox, start)
    expect(patch).toContain('+agent = 1')
    expect(patch).not.toContain('+setup = 1')
    expect(patch).not.toContain('setup.log')
  })
})

test('hidden history leaves no way to later commits; tags of the past stay', async () => {
  const sandbox = await repositorySandbox(FILES)
  await inside(
    sandbox,
    `C="git -c user.name=a -c user.email=a@b"; git tag v1; git branch -q later; git checkout -q later; echo fix >> core.py; $C commit -qam 'the fix'; git tag v2; git checkout -q main;
     git remote add origin https://example.com/x.git; git update-ref refs/remotes/origin/main later; echo s >> core.py; $C stash -q; git config branch.main.remote origin`,
  )
  await hideHistory(sandbox)
  const left =
    'git log --all --oneline | wc -l; git for-each-ref --format="%(refname)"; git remote; git reflog; git stash list'
  expect(await inside(sandbox, left)).toBe('1\nrefs/heads/main\nrefs/tags/v1\n')
  const start = await recordStart(sandbox)
  expect((await patchOf(sandbox, start)).patch).toBe('')
})
