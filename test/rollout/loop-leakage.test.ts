import { expect, test } from 'vitest'
import { leakageFlags } from '../../src/rollout/leakage.ts'
import { shellStep } from '../sessions/temporary.ts'
import { needs } from '../needs.ts'

needs('bubblewrap', 'git')

test.each([
  ['git log --all --oneline', 'all-history'],
  ['cd /testbed && git --no-pager log -p --branches -- core.py', 'all-history'],
  ['git reflog', 'reflog'],
  ['git log -g', 'reflog'],
  ['git fsck --lost-found', 'lost-objects'],
  ['git cat-file --batch-check --batch-all-objects', 'lost-objects'],
  ['ls .git/objects/pack', 'lost-objects'],
  ['git show 4e8f2c1', 'show-commit'],
  ['git -C /testbed diff HEAD 4e8f2c1d9a', 'show-commit'],
  ['git fetch origin main', 'remote'],
  ['pip download django==5.0', 'download'],
  ['curl -sL https://github.com/django/django/pull/1.patch', 'download'],
])('%s is flagged as %s', (command, rule) => {
  const flags = leakageFlags([shellStep('ls'), shellStep(command)])
  expect(flags.map((flag) => [flag.t, flag.rule])).toEqual([[2, rule]])
})

test.each([
  'git log --oneline -5',
  'git show HEAD',
  'git diff',
  'git status',
  'pip install -e .',
  'grep -rn reflog docs',
  'git log --oneline --follow core.py; echo --all',
  'git show HEAD:deadbeef.py',
  'git diff core/1234567.py',
])('%s is not flagged', (command) => {
  expect(leakageFlags([shellStep(command)])).toEqual([])
})

test('a command of megabytes is looked at in linear time', () => {
  const since = performance.now()
  leakageFlags([shellStep(`git ${'log '.repeat(500_000)}`), shellStep('git '.repeat(200_000))])
  expect(performance.now() - since).toBeLessThan(2000)
})
