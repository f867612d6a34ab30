import type { Sandbox } from '../sandbox/sandbox.ts'
import { ended, type Graded, type GradeRun } from './graded.ts'
import type { GradingClock } from './grading-clock.ts'
import { baseOf, PREPARED, type PrepareParts, prepareScript } from './prepare-script.ts'
import { execScript, OUTPUT_BYTES, outOfMemory } from './script-run.ts'
import { RUN_STDIN } from './shell-text.ts'
import { commandScript } from './test-script.ts'
import { saySeconds } from './verdict-words.ts'

const PREPARE_TIMEOUT_MS = 10 * 60_000

/**
 * Setup, patch, install, hidden tests, in this order: installing runs code of the patch, which must find no hidden test.
 * A verdict when grading ends here.
 */
export async function makeReady(sandbox: Sandbox, run: GradeRun, clock: GradingClock): Promise<Graded | undefined> {
  const { grading } = run.task
  const installs = grading.script === undefined && grading.install.length > 0 && run.withoutInstall !== true
  const first = await prepare(sandbox, run, clock, { patch: true, tests: !installs })
  if (!installs || typeof first !== 'string') return typeof first === 'string' ? undefined : first
  const failed = await install(sandbox, run, clock)
  if (failed) return failed
  const second = await prepare(sandbox, run, clock, { patch: false, tests: true }, first)
  return typeof second === 'string' ? undefined : second
}

/** @returns the commit the repository is at, or the verdict when grading ends here. */
async function prepare(
  sandbox: Sandbox,
  run: GradeRun,
  clock: GradingClock,
  parts: PrepareParts,
  base?: string,
): Promise<string | Graded> {
  clock.say(parts.patch ? '# setup and patch\n' : '\n# hidden tests\n')
  const result = await sandbox.exec(RUN_STDIN, {
    stdin: prepareScript(run.task, run.patch, parts, base),
    timeoutMs: PREPARE_TIMEOUT_MS,
    maxBytes: OUTPUT_BYTES,
    onOutput: clock.hear,
    ...(run.signal ? { signal: run.signal } : {}),
  })
  run.signal?.throwIfAborted()
  clock.keep(result.output)
  clock.lap('apply')
  const broken = (says: string): Graded => ended(clock, 'infrastructure', says)
  switch (result.exitCode) {
    case PREPARED.ready:
      return baseOf(result.output)
    case PREPARED.patchFailed:
      return ended(clock, 'patch-failed', 'The patch does not apply to the repository.')
    case PREPARED.testsBlocked:
      return ended(
        clock,
        'patch-failed',
        "The patch leaves the repository in a state the Task's tests cannot be put into.",
      )
    case PREPARED.testsBroken:
      return broken("The Task's own test patch does not apply to its repository: the row and the image do not fit.")
    case PREPARED.setupFailed:
      return broken("A setup command of the Task failed in the grading Sandbox: see the verdict's log.")
    case PREPARED.filesFailed:
      return broken("A hidden file of the Task's tests could not be written in the grading Sandbox.")
    default:
      if (result.timedOut) return broken(`Setup and patch took longer than ${saySeconds(PREPARE_TIMEOUT_MS)}.`)
      return broken(
        `The grading Sandbox could not be prepared (exit code ${result.exitCode ?? 'none: it was killed'}).`,
      )
  }
}

/** Install commands; as in the SWE-bench harness a failing one is not the end, since the tests show what it broke. */
async function install(sandbox: Sandbox, run: GradeRun, clock: GradingClock): Promise<Graded | undefined> {
  const { grading } = run.task
  clock.say('\n# install\n')
  const result = await execScript(sandbox, run, clock, commandScript(grading.install))
  clock.lap('apply')
  if (result.timedOut) return ended(clock, 'timeout', `Installing took longer than ${saySeconds(grading.timeoutMs)}.`)
  return outOfMemory(result.outOfMemory, run, clock)
}
