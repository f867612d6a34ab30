import { runGrading } from './grade-run.ts'
import type { GradeRun } from './graded.ts'
import { isEmptyPatch } from './patch.ts'
import { refusal } from './patch-refusal.ts'
import type { Verdict, VerdictCache, VerdictReason } from './verdict.ts'
import { verdictKey } from './verdict-key.ts'

/** A patch to grade, and the verdicts already reached. */
export interface Grading extends GradeRun {
  readonly patch: string
  readonly cache?: VerdictCache
}

/**
 * Judges one patch for one Task. An empty patch is unresolved without a Sandbox; a patch judged before is answered from the cache;
 * an infrastructure failure is never kept there, nor is a staged run that stopped early.
 * @throws the signal's reason when aborted. What goes wrong otherwise is a verdict with the reason `infrastructure`.
 */
export async function gradePatch(grading: Grading): Promise<Verdict> {
  grading.signal?.throwIfAborted()
  const { task, patch, cache } = grading
  if (isEmptyPatch(patch)) return withoutSandbox('empty-patch', 'The patch is empty.')
  const refused = refusal(patch)
  if (refused !== undefined) return withoutSandbox('patch-failed', `The patch is not applied: ${refused}.`)
  const key = cache ? verdictKey(task, patch) : ''
  const known = cache?.get(key)
  if (known) return known
  const { verdict } = await runGrading(grading)
  if (verdict.reason !== 'infrastructure' && !verdict.partial) cache?.put(key, verdict)
  return verdict
}

function withoutSandbox(reason: VerdictReason, says: string): Verdict {
  return {
    outcome: 'unresolved',
    reason,
    says,
    partial: false,
    failToPass: { total: 0, passed: 0, failed: [] },
    passToPass: { total: 0, passed: 0, failed: [] },
    log: '',
    seconds: { start: 0, apply: 0, test: 0, total: 0 },
  }
}
