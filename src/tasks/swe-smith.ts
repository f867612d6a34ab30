import type { TaskDefinition } from '../domain/task.ts'
import { idField, imageField, optionalText, requiredText, ROW_LIMITS, type Row, RowError, testLists } from './row.ts'
import { shellWord } from './shell-word.ts'
import { ACTIVATE, FORGET_FUTURE, sweEnvironment, TESTBED } from './swe-image.ts'
import { type SmithSpec, smithSpec } from './swe-specs/swe-smith-repos.ts'

/** `owner__name.1a2b3c4d`, the name of a mirror, then what made the bug. */
export const SMITH_ID = /^([\w-][\w.-]*?)__([\w.-]+?)\.([0-9a-f]{8})\./

const BUG_FILE = '.sealign-bug.patch'
/** A history of one commit: the commit before the bug would be the solution. */
const PLANT_BUG: readonly string[] = [
  'git config --global --add safe.directory "$PWD"',
  `{ git apply --whitespace=nowarn ${BUG_FILE} || patch --batch --fuzz=5 -p1 -i ${BUG_FILE}; } && rm -f ${BUG_FILE}`,
  [
    'git add -A',
    'export GIT_AUTHOR_DATE=2000-01-01T00:00:00Z GIT_COMMITTER_DATE=2000-01-01T00:00:00Z',
    'git reset --quiet --soft "$(git -c user.name=sealign -c user.email=sealign@localhost commit-tree "$(git write-tree)" -m Task)"',
  ].join(' && '),
]

/**
 * A row of SWE-smith: `patch` makes the bug, its reverse is the fix. The bug is planted in the image of the mirror, so that
 * no network is needed; only the files of the failing tests run (SWE-smith `harness/utils.py`), within 120 s and 10 GB.
 * @throws RowError
 */
export function sweSmithTask(row: Row): TaskDefinition {
  const id = idField(row, 'instance_id')
  const named = SMITH_ID.exec(id)
  const mirror = /(?:^|\/)([\w-][\w.-]*?)__([\w.-]+?)\.[0-9a-f]{8}$/.exec(
    optionalText(row, 'repo', ROW_LIMITS.id) ?? '',
  )
  const owner = named?.[1] ?? mirror?.[1]
  const name = named?.[2] ?? mirror?.[2]
  if (owner === undefined || name === undefined) {
    throw new RowError('field `instance_id` is not of the form owner__name.1a2b3c4d.bug, as ids of SWE-smith are')
  }
  const repository = `${owner}/${name}`
  const image = imageField(row, 'image_name')
  if (image === undefined) throw new RowError('field `image_name` is missing; expected the image of the mirror')
  const bug = requiredText(row, 'patch', ROW_LIMITS.patch)
  const lists = testLists(row)
  const commit = optionalText(row, 'base_commit', ROW_LIMITS.id)
  const spec = smithSpec(repository)
  return {
    id,
    set: 'swe-smith',
    repository,
    ...(commit === undefined ? {} : { baseCommit: commit }),
    statement: requiredText(row, 'problem_statement'),
    referencePatch: bug,
    referenceReversed: true,
    environment: sweEnvironment({
      image: image.includes('/') ? image : `jyangballin/${image.replaceAll('__', '_1776_')}`,
      files: { [BUG_FILE]: bug.endsWith('\n') ? bug : `${bug}\n` },
      setup: [...PLANT_BUG, ...FORGET_FUTURE.slice(1), 'git gc --quiet --prune=now'],
    }),
    grading: {
      files: {},
      install: [],
      commands: [ACTIVATE, `cd ${TESTBED}`, testCommand(spec, lists.failToPass)],
      parser: spec.parser,
      rules: 'swe-smith',
      evaluation: 'pass_and_fail',
      ...lists,
      timeoutMs: 120_000,
      memoryBytes: 10 * 1024 ** 3,
    },
  }
}

function testCommand(spec: SmithSpec, failToPass: readonly string[]): string {
  if (spec.targets === 'none') return spec.test
  if (spec.targets === 'cases') {
    const cases = failToPass.map((test) => test.slice(test.lastIndexOf('::') + (test.includes('::') ? 2 : 1)))
    return `${spec.test} -k ${shellWord(cases.join(' or '))}`
  }
  const files = [...new Set(failToPass.map((test) => test.split('::', 1)[0] ?? test))]
  const other = files.find((file) => !file.endsWith('.py'))
  if (files.length === 0 || other !== undefined) {
    throw new RowError(
      `field \`FAIL_TO_PASS\` names ${other === undefined ? 'no test' : 'tests that are not in a .py file'}; only Python repositories of SWE-smith are supported`,
    )
  }
  return [spec.test, ...files.map(shellWord)].join(' ')
}
