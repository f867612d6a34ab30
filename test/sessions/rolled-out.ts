import { GrowingTrajectory } from '../../sessions/growing.ts'
import type { Session } from '../../sessions/session.ts'
import type { Outcome } from '../../src/domain/trajectory.ts'
import { plainTask } from '../tasks/plain-task.ts'
import { shellStep } from './temporary.ts'

/** A rollout of a job, from its row to its judged Trajectory; returns the Trajectory's id. */
export function rolledOut(
  session: Session,
  job: number,
  run: number,
  commands: readonly string[],
  outcome: Outcome,
  task = 't',
): number {
  const { rollout, growing } = session.record((revision) => {
    session.taskDefinitions.put(plainTask({ id: task }))
    const id = session.rollouts.add(job, task, String(run), revision)
    const origin = { path: `job:${job}/rollout:${id}`, attempt: 1, rollout: id }
    const beginning = { task, run: String(run), prompt: [{ role: 'user', content: `Solve ${task}.` }] } as const
    return { rollout: id, growing: GrowingTrajectory.begin(session, beginning, origin) }
  })
  session.conclude(({ trees, rollouts }) => {
    for (const command of commands) growing.append(shellStep(command))
    session.rollouts.change(rollout, { state: 'done', outcome, trajectory: growing.id }, rollouts)
    session.trajectories.finish(growing.id, { outcome, end: 'finished', promptTokens: 1, completionTokens: 1 }, trees)
  })
  return growing.id
}
