import { GrowingTrajectory } from '../../sessions/growing.ts'
import type { RolloutChange } from '../../sessions/rollouts.ts'
import type { Session } from '../../sessions/session.ts'
import type { StepDraft } from '../../src/domain/trajectory.ts'
import { plainTask } from '../tasks/plain-task.ts'

/** Patches of code, and of tests alone. */
export const CODE_PATCH = 'diff --git a/src/a.js b/src/a.js\n--- a/src/a.js\n+++ b/src/a.js\n@@ -1 +1 @@\n-1\n+2\n'
export const TEST_PATCH = CODE_PATCH.replaceAll('src/a.js', 'test/a.test.js')

/** Marks a job as an evaluation of some tasks; returns its id and those of its rollouts. */
export function begin(session: Session, name: string, tasks: readonly string[]): { job: number; rollouts: number[] } {
  return session.record((revision) => {
    for (const id of tasks) session.taskDefinitions.put(plainTask({ id }))
    const job = session.jobs.create('rollout', '{}')
    session.evaluations.create(job, name, `model of ${name}`)
    return { job, rollouts: tasks.map((task) => session.rollouts.add(job, task, '1', revision)) }
  })
}

/** Ends a rollout with what it did. */
export function end(session: Session, id: number, steps: readonly StepDraft[], change: RolloutChange): void {
  const rollout = session.rollouts.get(id)
  if (!rollout) throw new Error(`no rollout ${id}`)
  session.record((revision) => {
    const beginning = { task: rollout.task, run: rollout.run, prompt: [] }
    const growing = GrowingTrajectory.begin(session, beginning, { path: `rollout:${id}`, attempt: rollout.attempt })
    for (const step of steps) growing.append(step)
    const usage = { promptTokens: 900, completionTokens: 100, contextTokens: 0, costUsd: 0 }
    session.rollouts.change(
      id,
      {
        state: 'done',
        trajectory: growing.id,
        end: 'finished',
        usage,
        steps: steps.length,
        patch: CODE_PATCH,
        ...change,
      },
      revision,
    )
  })
}
