import { policyName, type RolloutJobSettings } from '../src/jobs/rollout-settings.ts'
import type { Session } from '../sessions/session.ts'
import { startJob } from './job.ts'

/** What a job of rollouts is beside its settings. */
export interface StartOptions {
  /** Name of the Evaluation it is: what it rolls out measures the policy, and never enters trees and datasets. */
  readonly evaluation?: string
  /** Environment of its process; default: our own. */
  readonly env?: NodeJS.ProcessEnv
}

/**
 * Starts a job: so many rollouts of each Task, run by run, so that every Task has its first rollout early.
 * @returns its id.
 */
export function startRollouts(
  session: Session,
  tasks: readonly { readonly task: string }[],
  settings: RolloutJobSettings,
  runs: number,
  { evaluation, env = process.env }: StartOptions = {},
): number {
  const job = session.record((revision) => {
    const id = session.jobs.create('rollout', JSON.stringify(settings))
    if (evaluation !== undefined) session.evaluations.create(id, evaluation, policyName(settings.policy))
    const earlier = new Map(tasks.map(({ task }) => [task, session.rollouts.runsOf(task)]))
    for (let run = 1; run <= runs; run++)
      for (const { task } of tasks) session.rollouts.add(id, task, String((earlier.get(task) ?? 0) + run), revision)
    return id
  })
  startJob(session, job, env)
  return job
}
