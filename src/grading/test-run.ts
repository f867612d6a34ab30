import type { TaskGrading } from '../domain/task.ts'
import type { Sandbox } from '../sandbox/sandbox.ts'
import { ended, type Graded, type GradeRun } from './graded.ts'
import type { GradingClock } from './grading-clock.ts'
import { parseLog } from './log-parsers/log-parser.ts'
import { judge, listedStatuses } from './rules.ts'
import { execScript, outOfMemory } from './script-run.ts'
import type { TestScript } from './test-script.ts'
import type { VerdictReason } from './verdict.ts'
import { saySeconds, sayTests } from './verdict-words.ts'

/** Runs a script of tests in a Sandbox that is ready, and judges what it printed and how it ended. */
export async function runTests(
  sandbox: Sandbox,
  run: GradeRun,
  clock: GradingClock,
  script: TestScript,
  grading: TaskGrading,
): Promise<Graded> {
  clock.say('\n# tests\n')
  const result = await execScript(sandbox, run, clock, script)
  clock.lap('test')
  const { log, exitCode = result.exitCode } = script.read(result.output)
  const testRun = { statuses: parseLog(grading.parser, log), exitCode, log }
  const judgement = judge(testRun, grading)
  const statuses = listedStatuses(testRun, grading)
  const end = (reason: VerdictReason, says: string): Graded => ({ ...ended(clock, reason, says, judgement), statuses })
  if (result.timedOut) return end('timeout', `The tests were still running after ${saySeconds(grading.timeoutMs)}.`)
  const killed = judgement.resolved ? undefined : outOfMemory(result.outOfMemory, run, clock)
  if (killed) return { ...killed, statuses }
  if (result.exitCode === undefined) return end('infrastructure', 'The test command was killed, and not by us.')
  const accident = judgement.resolved ? undefined : await accidentIn(sandbox, run, result.output)
  if (accident !== undefined) return end('infrastructure', accident)
  return end('tests', sayTests(judgement, exitCode))
}

const NO_SPACE = /No space left on device|ENOSPC/
const NO_NETWORK =
  /Temporary failure in name resolution|Could not resolve host|Network is unreachable|EAI_AGAIN|ENETUNREACH/

/** What else than the patch may have failed the tests; the log is only a hint, and a full disk is looked at. */
async function accidentIn(sandbox: Sandbox, run: GradeRun, output: string): Promise<string | undefined> {
  if (NO_SPACE.test(output)) {
    const probe = 'f=.sealign-space-$$; head -c 1048576 /dev/zero > "$f"; c=$?; rm -f "$f"; exit $c'
    const { exitCode } = await sandbox.exec(probe, { timeoutMs: 30_000, maxBytes: 4096 })
    if (exitCode !== 0) return 'The disk of the grading Sandbox is full.'
  }
  const needsNetwork = run.network ?? run.task.environment.network
  if (needsNetwork && NO_NETWORK.test(output)) return 'The tests need the network, and it did not answer.'
  return undefined
}
