import { DEFAULT_SANDBOX_LIMITS, type Sandbox, type SandboxSpec } from '../sandbox/sandbox.ts'
import { SandboxError } from '../sandbox/sandbox-error.ts'
import { humanEvalFixCase } from '../tasks/humanevalfix.ts'
import { isInvalidHumanEvalFix } from '../tasks/humanevalfix-validity.ts'
import { ended, type Graded, type GradeRun } from './graded.ts'
import { GradingClock } from './grading-clock.ts'
import { brokenMachinery } from './machinery.ts'
import { makeReady } from './make-ready.ts'
import { runTests } from './test-run.ts'
import { failToPassScript, testScript } from './test-script.ts'
import type { Verdict } from './verdict.ts'

/**
 * Grades once, in a fresh Sandbox that is closed afterwards. What the patch does wrong is the verdict; what our machinery does wrong
 * is a verdict `infrastructure`. Tests of the patch run with its code in their process: code that prints results and ends the
 * process with exit code 0 cannot be told from tests that pass; that needs intent, not luck.
 * @throws the signal's reason when aborted.
 */
export async function runGrading(run: GradeRun): Promise<Graded> {
  const clock = new GradingClock(run.onLog)
  try {
    run.signal?.throwIfAborted()
    const sandbox = await run.provider.create(specOf(run), run.signal)
    clock.lap('start')
    try {
      return await gradeIn(sandbox, run, clock)
    } finally {
      await sandbox.close().catch(() => undefined)
    }
  } catch (error) {
    run.signal?.throwIfAborted()
    if (!(error instanceof SandboxError)) throw error
    const { says, reason } = brokenMachinery(error, run.fitsMemory === true)
    return ended(clock, reason, says)
  }
}

function specOf(run: GradeRun): SandboxSpec {
  const { environment, grading } = run.task
  const image = run.image ?? environment.image
  return {
    ...(image === undefined ? {} : { image }),
    workdir: environment.workdir,
    files: environment.files,
    network: run.network ?? environment.network,
    variables: environment.variables,
    limits: {
      ...DEFAULT_SANDBOX_LIMITS,
      ...(grading.memoryBytes === undefined ? {} : { memoryBytes: grading.memoryBytes }),
      ...(grading.cpus === undefined ? {} : { cpus: grading.cpus }),
      ...run.limits,
    },
    labels: run.labels,
    trusted: run.trusted ?? false,
  }
}

async function gradeIn(sandbox: Sandbox, run: GradeRun, clock: GradingClock): Promise<Graded> {
  const early = await makeReady(sandbox, run, clock)
  if (early) return early
  const { grading } = run.task
  const first = run.staged === true ? failToPassScript(grading) : undefined
  if (first) {
    const isolated = { ...grading, passToPass: [] }
    const staged = await runTests(sandbox, run, clock, first, isolated)
    if (staged.verdict.outcome !== 'resolved') return { ...staged, verdict: { ...staged.verdict, partial: true } }
  }
  const graded = await runTests(sandbox, run, clock, testScript(grading), grading)
  if (run.patch === undefined || !(await isInvalid(sandbox, run, graded.verdict))) return graded
  return ended(clock, 'invalid-patch', 'The patch leaves the code incomplete or empty.')
}

/** Largest file looked at for an incomplete solution, bytes. */
const SOLUTION_BYTES = 1024 ** 2

/** A HumanEvalFix file without a whole solution is a reason of its own (SEAlign §5.2, invalid patch rate). */
async function isInvalid(sandbox: Sandbox, { task }: GradeRun, verdict: Verdict): Promise<boolean> {
  const asked = verdict.reason === 'tests' && verdict.outcome === 'unresolved' ? humanEvalFixCase(task) : undefined
  if (asked === undefined) return false
  const file = await sandbox.readFile(`${sandbox.workdir}/${asked.file}`, SOLUTION_BYTES)
  return isInvalidHumanEvalFix(task, file?.directory === false ? file.bytes.toString('utf8') : undefined)
}
