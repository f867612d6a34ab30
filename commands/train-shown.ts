import { isLost, type Job } from '../sessions/jobs.ts'
import type { BestEvaluation, RunProgress } from '../sessions/run-progress.ts'
import type { Run } from '../sessions/runs.ts'
import type { Session } from '../sessions/session.ts'
import type { RunStage } from '../src/domain/run.ts'

/** A Run as people see it. */
export interface ShownRun {
  readonly run: string
  readonly name: string
  readonly job: string
  readonly trainer: string
  /** What it starts from. */
  readonly model: string
  readonly state: Job['state'] | 'lost'
  readonly note: string | undefined
  readonly stage: RunStage | undefined
  /** Optimizer steps over the stages so far. */
  readonly step: number
  readonly totalSteps: number
  readonly loss: number | undefined
  readonly best: readonly BestEvaluation[]
  readonly dataset: string
  readonly trajectories: number
  readonly pairs: number
  readonly createdAt: string
  readonly endedAt: string | undefined
}

export function shownRun(session: Session, run: Run, progress: RunProgress = session.runs.progress(run.id)): ShownRun {
  const job = session.jobs.get(run.job)
  const dataset = session.datasets.get(run.dataset)
  const { stage, step, totalSteps, loss, best } = progress
  return {
    run: `r${run.id}`,
    name: run.name,
    job: `j${run.job}`,
    trainer: run.trainer,
    // What is only looked at may say later what it starts from.
    model: run.trainer === 'external' ? (progress.model?.id ?? run.model) : run.model,
    state: job === undefined || isLost(job) ? 'lost' : job.state,
    note: job?.note,
    stage,
    step,
    totalSteps,
    loss,
    best,
    dataset: dataset?.hash ?? '',
    trajectories: dataset?.trajectories ?? 0,
    pairs: dataset?.pairs ?? 0,
    createdAt: job?.createdAt ?? '',
    endedAt: job?.endedAt,
  }
}

/** `sft 0.412, dpo 0.531`: the lowest held-out loss of each stage. */
export function bestText(best: readonly BestEvaluation[]): string {
  return best.map(({ stage, loss }) => `${stage} ${loss.toFixed(3)}`).join(', ')
}
