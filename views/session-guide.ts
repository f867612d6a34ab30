import { DEMO_STAGES } from '../sessions/demo.ts'
import { isLost } from '../sessions/jobs.ts'
import type { Session } from '../sessions/session.ts'
import type { Guide } from './guide.ts'

/** Where the newest demonstration of a Session stands; `undefined`: there is none, or it has not begun. */
export function sessionGuide(session: Session): Guide | undefined {
  const id = session.demo.newest()
  const job = id === undefined ? undefined : session.jobs.get(id)
  const mark = id === undefined ? undefined : session.demo.stage(id)
  if (!job || !mark) return undefined
  const { state, note } = job
  return {
    job: `j${job.id}`,
    stage: mark.stage,
    number: DEMO_STAGES.indexOf(mark.stage) + 1,
    of: DEMO_STAGES.length,
    pane: mark.pane,
    says: mark.says,
    state: isLost(job) ? 'lost' : state === 'waiting' || state === 'paused' ? 'running' : state,
    ...(mark.untilMs !== undefined && { untilMs: mark.untilMs }),
    ...(note !== undefined && { note }),
  }
}
