import type { TaskDefinition } from '../src/domain/task.ts'
import { checkTask } from '../src/grading/check.ts'
import { runGrading } from '../src/grading/grade-run.ts'
import type { SandboxLabels, SandboxProvider } from '../src/sandbox/sandbox.ts'
import { brokenStatement, firstFailure } from '../src/tasks/inject/statement.ts'

/** Longest run of the visible tests: a bug that makes them hang would cost every Rollout its whole limit. */
const MOST_MS = 5_000

/** A bug that makes a usable Task, its statement naming the test that fails, or why it makes none. */
export type CheckedBug = { readonly task: TaskDefinition } | { readonly task: undefined; readonly why: string }

/**
 * Whether the visible tests of a Task fail without its fix, by name and in time, and whether it passes `task check`.
 * @throws the signal's reason when aborted.
 */
export async function checkedBug(options: {
  readonly task: TaskDefinition
  readonly provider: SandboxProvider
  readonly labels: Omit<SandboxLabels, 'role' | 'task' | 'run'>
  readonly signal: AbortSignal
}): Promise<CheckedBug> {
  const { task, provider, labels, signal } = options
  const { verdict } = await runGrading({
    task: onlyVisible(task),
    patch: undefined,
    provider,
    labels: { ...labels, role: 'check', task: task.id, run: 'visible' },
    signal,
  })
  if (verdict.outcome === 'resolved') return unusable('The visible tests do not notice it.')
  if (verdict.reason === 'timeout') return unusable('The tests do not end.')
  if (verdict.outcome === 'unknown') return unusable(`Nothing is known: ${verdict.says}`)
  const failing = firstFailure(verdict.log)
  if (failing === undefined) return unusable('The tests do not start.')
  const check = await checkTask({ task, provider, runs: 1, labels, signal })
  if (!check.usable) return unusable(check.reasons[0] ?? 'The check of the task failed.')
  return { task: { ...task, statement: brokenStatement(task, failing) } }
}

function unusable(why: string): CheckedBug {
  return { task: undefined, why }
}

/** The Task as the Policy sees it: its tests are those among the files. */
function onlyVisible(task: TaskDefinition): TaskDefinition {
  const { grading } = task
  return { ...task, grading: { ...grading, files: {}, timeoutMs: Math.min(grading.timeoutMs, MOST_MS) } }
}
