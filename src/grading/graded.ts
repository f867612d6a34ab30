import type { TaskDefinition } from '../domain/task.ts'
import type { SandboxLabels, SandboxLimits, SandboxProvider } from '../sandbox/sandbox.ts'
import type { GradingClock } from './grading-clock.ts'
import type { Judgement } from './rules.ts'
import type { TestStatus, Verdict, VerdictReason } from './verdict.ts'

/** How one patch is graded once, in a Sandbox of its own. */
export interface GradeRun {
  readonly task: TaskDefinition
  /** `undefined`: the tests run on the repository as it is. */
  readonly patch: string | undefined
  readonly provider: SandboxProvider
  readonly labels: SandboxLabels
  /** The tests that must begin to pass run first, alone; when one fails, the rest is not run. */
  readonly staged?: boolean
  /** Leaves the install commands out; only where a check has shown that they change nothing (`skipsInstall`). */
  readonly withoutInstall?: boolean
  /** These override what the Task says. */
  readonly image?: string
  readonly network?: boolean
  readonly limits?: Partial<SandboxLimits>
  /** The reference patch passed under these limits: a patch that needs more memory fails, instead of being an accident. */
  readonly fitsMemory?: boolean
  /** The patch comes from our own scripted Policy or the set itself, never from a model. */
  readonly trusted?: boolean
  readonly signal?: AbortSignal
  /** Hears the log while it is written. */
  readonly onLog?: (chunk: Buffer) => void
}

/** A verdict, and what the log said of the listed tests (for telling flaky Tasks). */
export interface Graded {
  readonly verdict: Verdict
  readonly statuses: ReadonlyMap<string, TestStatus>
}

const UNTESTED: Judgement = {
  resolved: false,
  failToPass: { total: 0, passed: 0, failed: [] },
  passToPass: { total: 0, passed: 0, failed: [] },
}

/** The verdict of a grading that ends here. */
export function ended(
  clock: GradingClock,
  reason: VerdictReason,
  says: string,
  judgement: Judgement = UNTESTED,
): Graded {
  const resolved = reason === 'tests' && judgement.resolved
  const { failToPass, passToPass } = judgement
  return {
    verdict: {
      outcome: reason === 'infrastructure' ? 'unknown' : resolved ? 'resolved' : 'unresolved',
      reason,
      says,
      partial: false,
      failToPass,
      passToPass,
      log: clock.log(),
      seconds: clock.seconds(),
    },
    statuses: new Map(),
  }
}
