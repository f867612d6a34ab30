import type { TaskDefinition, TaskGrading, TaskSet } from '../domain/task.ts'
import {
  commitField,
  idField,
  imageField,
  optionalText,
  repositoryField,
  requiredText,
  ROW_LIMITS,
  type Row,
  RowError,
  testLists,
} from './row.ts'
import { shellWord } from './shell-word.ts'
import { ACTIVATE, imageName, sweEnvironment } from './swe-image.ts'
import { parserNamed } from './swe-specs/parser-names.ts'
import { type RepoSpec, specOf } from './swe-specs/repo-spec.ts'
import { SWE_BENCH_REPOS } from './swe-specs/swe-bench-repos.ts'
import { SWE_GYM_REPOS } from './swe-specs/swe-gym-repos.ts'
import { djangoLabels, mypyCases, testFiles } from './test-targets.ts'

/** Half an hour, as SWE-bench `run_evaluation` allows. */
const TIMEOUT_MS = 1_800_000

/** The fields every descendant of SWE-bench has. */
export function sweFields(row: Row, set: TaskSet): Omit<TaskDefinition, 'environment' | 'grading'> {
  const version = optionalText(row, 'version', ROW_LIMITS.id)
  const referencePatch = optionalText(row, 'patch', ROW_LIMITS.patch)
  return {
    id: idField(row, 'instance_id'),
    set,
    repository: repositoryField(row, 'repo'),
    baseCommit: commitField(row, 'base_commit'),
    statement: requiredText(row, 'problem_statement'),
    ...(version === undefined ? {} : { version }),
    ...(referencePatch === undefined ? {} : { referencePatch }),
  }
}

/**
 * A row of SWE-bench: Verified, Lite, Full, dev (12 columns), or of the fifth release, which brings its own image, script and
 * parser. Columns of the row go before the built-in table of repositories.
 * @throws RowError
 */
export function sweBenchTask(row: Row): TaskDefinition {
  const fields = sweFields(row, 'swe-bench')
  const image = imageField(row, 'image') ?? imageName('swebench/sweb.eval.x86_64.', fields.id, '_1776_')
  const spec = specOf(SWE_BENCH_REPOS, fields.repository ?? '', fields.version)
  const environment = sweEnvironment({ image, network: spec?.network ?? false })
  const script = optionalText(row, 'eval_script', ROW_LIMITS.patch)
  if (script === undefined) return { ...fields, environment, grading: classicGrading(row, required(spec, fields)) }
  const parser = optionalText(row, 'log_parser', ROW_LIMITS.command)
  const grading: TaskGrading = {
    files: {},
    install: [],
    commands: [],
    script,
    parser: parser === undefined ? required(spec, fields).parser : parserNamed(parser, 'log_parser'),
    rules: 'swe-bench-5',
    evaluation: evaluation(row),
    ...testLists(row),
    timeoutMs: TIMEOUT_MS,
  }
  return { ...fields, environment, grading }
}

/** A row of SWE-Gym: SWE-bench's columns, its own images and repositories. @throws RowError */
export function sweGymTask(row: Row): TaskDefinition {
  const fields = sweFields(row, 'swe-gym')
  const spec = required(specOf(SWE_GYM_REPOS, fields.repository ?? '', fields.version), fields)
  const image = imageField(row, 'image', 'docker_image') ?? imageName('xingyaoww/sweb.eval.x86_64.', fields.id, '_s_')
  const environment = sweEnvironment({ image, network: spec.network ?? false })
  return { ...fields, environment, grading: classicGrading(row, spec) }
}

export function isGymRepository(repository: string): boolean {
  return Object.hasOwn(SWE_GYM_REPOS, repository.toLowerCase())
}

function required(spec: RepoSpec | undefined, task: { repository?: string }): RepoSpec {
  if (spec !== undefined) return spec
  throw new RowError(
    `field \`repo\`: no test command is known for ${task.repository}; expected a repository of the set, or a row with \`image\`, \`eval_script\` and \`log_parser\``,
  )
}

function evaluation(row: Row): TaskGrading['evaluation'] {
  const type = optionalText(row, 'eval_type', ROW_LIMITS.id) ?? 'pass_and_fail'
  if (type === 'pass_and_fail' || type === 'fail_only') return type
  throw new RowError('field `eval_type` is neither `pass_and_fail` nor `fail_only`')
}

/** How a row without a script of its own is graded. @throws RowError when its test patch names no tests. */
function classicGrading(row: Row, spec: RepoSpec): TaskGrading {
  const testPatch = requiredText(row, 'test_patch', ROW_LIMITS.patch)
  const before = [ACTIVATE, ...(spec.exports ?? [])]
  return {
    files: {},
    testPatch,
    install: [...before, spec.install],
    commands: [...before, ...(spec.prepare ?? []), testCommand(spec, testPatch)],
    parser: spec.parser,
    rules: 'swe-bench-5',
    evaluation: evaluation(row),
    ...testLists(row),
    timeoutMs: TIMEOUT_MS,
  }
}

function testCommand(spec: RepoSpec, testPatch: string): string {
  const cases = spec.targets === 'mypy' ? mypyCases(testPatch) : []
  if (cases.length > 0) return `${spec.test} -k ${shellWord(cases.join(' or '))}`
  return withFiles(spec.test, testPatch, spec.targets === 'django' ? djangoLabels : (files) => files)
}

/** A test command followed by the test files of a patch. @throws RowError when it has none. */
export function withFiles(
  command: string,
  testPatch: string,
  labels: (files: readonly string[]) => readonly string[] = (files) => files,
): string {
  const files = testFiles(testPatch)
  if (files.length === 0) throw new RowError('field `test_patch` changes no file that holds tests')
  return [command, ...labels(files).map(shellWord)].join(' ')
}
