/** Texts of files by path relative to the working folder. */
export type FileMap = Readonly<Record<string, string>>

/** The sets of Tasks that are understood; `folder` is our own format (docs/tasks.md). */
export const TASK_SETS = [
  'swe-bench',
  'swe-gym',
  'swe-smith',
  'swe-rebench',
  'swe-bench-live',
  'humanevalfix-python',
  'humanevalfix-js',
  'folder',
] as const
export type TaskSet = (typeof TASK_SETS)[number]

/** What a Sandbox must look like before the first Step. */
export interface TaskEnvironment {
  /** Container image; `undefined`: any image with a shell and the language of the set will do. */
  readonly image?: string
  /** Absolute path of the repository inside the Sandbox: where the Policy starts. */
  readonly workdir: string
  /** Files the Policy starts from, below `workdir`; empty when the image holds the repository. */
  readonly files: FileMap
  /** Shell commands run once in `workdir`, before the first Step and again in the grading Sandbox. */
  readonly setup: readonly string[]
  /** Whether setup or tests need the network (default of every Sandbox: none). */
  readonly network: boolean
  /** Environment variables beyond the ones every Sandbox sets. */
  readonly variables: Readonly<Record<string, string>>
}

/**
 * How the text a test run prints becomes a status per test (facts: the harnesses' own parsers).
 * `exit-code`: the text is not read; the exit code of the test command alone decides.
 */
export const LOG_PARSERS = [
  'pytest',
  'pytest-options',
  'pytest-v2',
  'pytest-pydantic',
  'django',
  'seaborn',
  'sympy',
  'matplotlib',
  'exit-code',
] as const
export type LogParserName = (typeof LOG_PARSERS)[number]

/**
 * Whose rules turn statuses into an Outcome. They differ in what a missing or skipped test means and in whether a log that
 * names no failure is trusted against a non-zero exit code.
 */
export const GRADING_RULES = ['swe-bench-4', 'swe-bench-5', 'swe-smith', 'swe-bench-live', 'exit-code'] as const
export type GradingRules = (typeof GRADING_RULES)[number]

/** How a patch is judged. Everything here is hidden from the Policy. */
export interface TaskGrading {
  /** Files written before the tests run, over whatever the patch left there; below `workdir`. */
  readonly files: FileMap
  /** Unified diff that brings the tests, applied after the patch. */
  readonly testPatch?: string
  /** Commands that install the repository again after the patch; heavy, may need the network. */
  readonly install: readonly string[]
  /** Commands whose output is the log; the exit code of the last one counts. */
  readonly commands: readonly string[]
  /** The row's own whole script; where given it replaces `testPatch`, `install` and `commands`. */
  readonly script?: string
  readonly parser: LogParserName
  readonly rules: GradingRules
  /** `fail_only`: a test that does not appear counts as passed. */
  readonly evaluation: 'pass_and_fail' | 'fail_only'
  readonly failToPass: readonly string[]
  readonly passToPass: readonly string[]
  readonly timeoutMs: number
  /** Limits of the grading Sandbox where the Task needs other ones than the default. */
  readonly memoryBytes?: number
  readonly cpus?: number
}

/** One problem: repository at a commit, statement, and the tests that decide success. */
export interface TaskDefinition {
  /** Identifies the Task everywhere: `django__django-11099`, `Python/0`. */
  readonly id: string
  readonly set: TaskSet
  /** `owner/name`, where there is one (benchmark guard, paper §4.1). */
  readonly repository?: string
  readonly version?: string
  readonly baseCommit?: string
  /** What the Policy is asked, as the set words it. */
  readonly statement: string
  /** The fix the set ships. */
  readonly referencePatch?: string
  /** The shipped patch makes the bug; the fix is its reverse (SWE-smith). */
  readonly referenceReversed?: boolean
  readonly environment: TaskEnvironment
  readonly grading: TaskGrading
}
