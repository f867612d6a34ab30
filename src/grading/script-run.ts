import type { ExecResult, Sandbox } from '../sandbox/sandbox.ts'
import { SandboxError } from '../sandbox/sandbox-error.ts'
import { ended, type Graded, type GradeRun } from './graded.ts'
import type { GradingClock } from './grading-clock.ts'
import { brokenMachinery } from './machinery.ts'
import { RUN_STDIN } from './shell-text.ts'
import type { TestScript } from './test-script.ts'

/** Bytes of a test run's output that are read: what is in between is lost only for runs that print more. */
export const OUTPUT_BYTES = 16 * 1024 ** 2
/** Runs install or test commands within the Task's time. */
export async function execScript(
  sandbox: Sandbox,
  run: GradeRun,
  clock: GradingClock,
  script: TestScript,
): Promise<ExecResult> {
  const result = await sandbox.exec(RUN_STDIN, {
    stdin: script.text,
    timeoutMs: run.task.grading.timeoutMs,
    maxBytes: OUTPUT_BYTES,
    onOutput: clock.hear,
    ...(run.signal ? { signal: run.signal } : {}),
  })
  run.signal?.throwIfAborted()
  clock.keep(result.output)
  return result
}

/** The verdict where a command ended for want of memory. */
export function outOfMemory(happened: boolean, run: GradeRun, clock: GradingClock): Graded | undefined {
  if (!happened) return undefined
  const { says, reason } = brokenMachinery(
    new SandboxError('memory', 'The grading Sandbox ran out of memory.'),
    run.fitsMemory === true,
  )
  return ended(clock, reason, says)
}
