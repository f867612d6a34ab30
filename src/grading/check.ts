import type { TaskDefinition } from '../domain/task.ts'
import type { SandboxLabels, SandboxProvider } from '../sandbox/sandbox.ts'
import { runGrading } from './grade-run.ts'
import type { Graded, GradeRun } from './graded.ts'
import type { Calibration } from './install-rule.ts'
import { isEmptyPatch } from './patch.ts'
import { reversePatch } from './reverse-patch.ts'
import type { Verdict } from './verdict.ts'

export interface TaskCheckOptions {
  readonly task: TaskDefinition
  readonly provider: SandboxProvider
  /** How often the reference patch is graded; at least 1. Flaky tests show from 2 on. */
  readonly runs: number
  readonly labels: Omit<SandboxLabels, 'role' | 'task' | 'run'>
  /** Also tells whether the Task needs the network and whether its install commands matter: two more gradings. */
  readonly calibrate?: boolean
  /** Lets the Task's own code run without isolation where there is none. */
  readonly trusted?: boolean
  readonly signal?: AbortSignal
  /** Hears each grading when it is done. */
  readonly onProgress?: (done: CheckStep) => void
}

/** One grading of a check. */
export interface CheckStep {
  readonly what: 'reference' | 'without' | 'other-network' | 'without-install'
  readonly verdict: Verdict
  readonly done: number
  /** Gradings of the whole check, at most. */
  readonly of: number
}

/** Whether a Task can be used. */
export interface TaskCheck extends Partial<Calibration> {
  readonly task: string
  /** Every run with the reference patch was resolved; `undefined`: the machinery failed, or the Task ships no patch. */
  readonly resolvedWithReference: boolean | undefined
  /** The tests succeed on the repository as it is: then they tell nothing. */
  readonly resolvedWithout: boolean | undefined
  /** Runs with the reference patch differed, in the verdict or in a listed test. */
  readonly flaky: boolean
  /** Of one grading with the reference patch, median. */
  readonly seconds: number
  /** `undefined`: not looked at (only the kind `docker` is). */
  readonly needsNetwork?: boolean
  /** Resolved with the reference patch, not without, never flaky. */
  readonly usable: boolean
  /** Sentences for people; empty when the Task is usable. */
  readonly reasons: readonly string[]
}

/**
 * Grades a Task's own reference patch, several times, and the repository without any patch.
 * @throws the signal's reason when aborted.
 */
export async function checkTask(options: TaskCheckOptions): Promise<TaskCheck> {
  const { task, provider } = options
  const reference = referenceOf(task)
  const runs = reference === undefined ? 0 : Math.max(1, Math.floor(options.runs))
  const calibrates = options.calibrate === true && reference !== undefined
  const grade = grader(
    options,
    runs + 1 + (calibrates ? Number(provider.kind === 'docker') + Number(hasInstall(task)) : 0),
  )

  const graded: Graded[] = []
  for (let run = 0; run < runs; run++) graded.push(await grade('reference', { patch: reference }))
  const without = await grade('without', { patch: undefined })
  const [first] = graded
  const calibration = calibrates && first ? await calibrate(options, first, reference, grade) : {}
  return { ...summary(task, graded, without), ...calibration }
}

type Grade = ReturnType<typeof grader>

async function calibrate(
  { task, provider }: TaskCheckOptions,
  first: Graded,
  reference: string,
  grade: Grade,
): Promise<Pick<TaskCheck, 'needsNetwork' | 'sameWithoutInstall'>> {
  const needsNetwork = provider.kind === 'docker' ? await needsNetworkFor(task, first, reference, grade) : undefined
  const isResolved = first.verdict.outcome === 'resolved'
  const bare =
    hasInstall(task) && isResolved
      ? await grade('without-install', { patch: reference, withoutInstall: true })
      : undefined
  return {
    ...(needsNetwork === undefined ? {} : { needsNetwork }),
    ...(bare === undefined ? {} : { sameWithoutInstall: isSame(first, bare) }),
  }
}

/** Grades with the network the other way round where that can tell something. */
async function needsNetworkFor(
  task: TaskDefinition,
  first: Graded,
  reference: string,
  grade: Grade,
): Promise<boolean | undefined> {
  const { network } = task.environment
  const isResolved = first.verdict.outcome === 'resolved'
  if (isResolved && !network) return false
  if (!isResolved && network) return undefined
  const other = await grade('other-network', { patch: reference, network: !network })
  const isOtherResolved = other.verdict.outcome === 'resolved'
  if (isResolved) return !isOtherResolved
  return isOtherResolved ? true : undefined
}

function hasInstall({ grading }: TaskDefinition): boolean {
  return grading.install.length > 0 && grading.script === undefined
}

/** The fix a Task ships as a patch that can be applied; `undefined`: it ships none. */
export function referenceOf(task: TaskDefinition): string | undefined {
  const { referencePatch, referenceReversed } = task
  if (referencePatch === undefined || isEmptyPatch(referencePatch)) return undefined
  return referenceReversed === true ? reversePatch(referencePatch) : referencePatch
}

function grader(options: TaskCheckOptions, of: number) {
  const { task, provider, signal, onProgress } = options
  let done = 0
  return async (
    what: CheckStep['what'],
    run: Pick<GradeRun, 'patch' | 'network' | 'withoutInstall'>,
  ): Promise<Graded> => {
    const labels: SandboxLabels = { ...options.labels, role: 'check', task: task.id, run: `${what}-${done}` }
    const trusted = options.trusted ?? false
    const graded = await runGrading({ task, provider, labels, trusted, ...(signal ? { signal } : {}), ...run })
    done++
    onProgress?.({ what, verdict: graded.verdict, done, of })
    return graded
  }
}

function summary(task: TaskDefinition, graded: readonly Graded[], without: Graded): TaskCheck {
  const verdicts = graded.map(({ verdict }) => verdict)
  const unknown = [...verdicts, without.verdict].filter(({ outcome }) => outcome === 'unknown')
  const known = verdicts.filter(({ outcome }) => outcome !== 'unknown')
  const resolvedWithReference = known.length === 0 ? undefined : known.every(({ outcome }) => outcome === 'resolved')
  const resolvedWithout = without.verdict.outcome === 'unknown' ? undefined : without.verdict.outcome === 'resolved'
  const judged = graded.filter(({ verdict }) => verdict.outcome !== 'unknown')
  const [first] = judged
  const flaky = first !== undefined && judged.some((other) => !isSame(first, other))
  const bad = known.find(({ outcome }) => outcome === 'unresolved')
  const reasons = [
    ...(graded.length === 0 ? ['The Task ships no reference patch.'] : []),
    ...(bad ? [`Not resolved with the reference patch: ${bad.says}`] : []),
    ...(resolvedWithout === true ? ['Its tests succeed without any patch.'] : []),
    ...(flaky ? [sayFlaky(first, judged)] : []),
    ...new Set(unknown.map(({ says }) => `Nothing is known: ${says}`)),
  ]
  const usable = resolvedWithReference === true && resolvedWithout === false && !flaky && unknown.length === 0
  return { task: task.id, resolvedWithReference, resolvedWithout, flaky, seconds: median(verdicts), usable, reasons }
}

function isSame(left: Graded, right: Graded): boolean {
  return left.verdict.outcome === right.verdict.outcome && differing(left, right).length === 0
}

function differing(left: Graded, right: Graded): string[] {
  const names = new Set([...left.statuses.keys(), ...right.statuses.keys()])
  return [...names].filter((name) => left.statuses.get(name) !== right.statuses.get(name))
}

function sayFlaky(first: Graded, all: readonly Graded[]): string {
  const names = new Set(all.flatMap((other) => differing(first, other)))
  const some = [...names].slice(0, 3).join(', ')
  if (names.size === 0) return `Its verdict differs between ${all.length} runs with the reference patch.`
  const subject = names.size === 1 ? '1 test differs' : `${names.size} tests differ`
  return `${subject} between ${all.length} runs with the reference patch: ${some}${names.size > 3 ? ', …' : ''}.`
}

function median(verdicts: readonly Verdict[]): number {
  const seconds = verdicts.map((verdict) => verdict.seconds.total).sort((left, right) => left - right)
  return seconds[Math.floor(seconds.length / 2)] ?? 0
}
