import type { JsonObject } from '../src/domain/json.ts'
import type { Outcome } from '../src/domain/trajectory.ts'

/** What a store holds about a Trajectory, its texts left out. */
export interface TrajectoryInfo {
  readonly id: number
  readonly task: string
  readonly repository: string | undefined
  readonly run: string | undefined
  readonly outcome: Outcome
  readonly outcomeSource: string | undefined
  readonly end: string | undefined
  readonly infrastructure: string | undefined
  readonly model: string | undefined
  readonly steps: number
  readonly promptTokens: number | undefined
  readonly completionTokens: number | undefined
  readonly costUsd: number | undefined
  readonly format: string | undefined
  /** Path and line it was imported from. */
  readonly source: string | undefined
  readonly line: number | undefined
  readonly sampling: JsonObject | undefined
  readonly createdAt: string
}

/** Columns of `InfoRow`; a condition may follow. */
export const SELECT_INFO = `select trajectory.id, task.name as task, task.repository, run, outcome, outcome_source, ended, infrastructure, model, steps, prompt_tokens,
  completion_tokens, cost_usd, source.format, source.path, source_line, sampling, created_at
  from trajectory join task on task.id = task_id left join source on source.id = source_id`

/** One row of `SELECT_INFO`. */
export interface InfoRow {
  readonly id: number
  readonly task: string
  readonly repository: string | null
  readonly run: string | null
  readonly outcome: Outcome
  readonly outcome_source: string | null
  readonly ended: string | null
  readonly infrastructure: string | null
  readonly model: string | null
  readonly steps: number
  readonly prompt_tokens: number | null
  readonly completion_tokens: number | null
  readonly cost_usd: number | null
  readonly format: string | null
  readonly path: string | null
  readonly source_line: number | null
  readonly sampling: string | null
  readonly created_at: string
}

/** The row in the words of the product. */
export function infoOf(row: InfoRow): TrajectoryInfo {
  return {
    id: row.id,
    task: row.task,
    repository: row.repository ?? undefined,
    run: row.run ?? undefined,
    outcome: row.outcome,
    outcomeSource: row.outcome_source ?? undefined,
    end: row.ended ?? undefined,
    infrastructure: row.infrastructure ?? undefined,
    model: row.model ?? undefined,
    steps: row.steps,
    promptTokens: row.prompt_tokens ?? undefined,
    completionTokens: row.completion_tokens ?? undefined,
    costUsd: row.cost_usd ?? undefined,
    format: row.format ?? undefined,
    source: row.path ?? undefined,
    line: row.source_line ?? undefined,
    sampling: row.sampling === null ? undefined : (JSON.parse(row.sampling) as JsonObject),
    createdAt: row.created_at,
  }
}
