import { z } from 'zod'
import { SealignError } from '../src/domain/errors.ts'
import type { Verdict } from '../src/grading/verdict.ts'
import { safeText } from '../src/lib/safe-text.ts'
import { actionLabel } from '../src/tree/action-label.ts'
import { isLost } from '../sessions/jobs.ts'
import type { Rollout } from '../sessions/rollouts.ts'
import type { Session } from '../sessions/session.ts'
import { defineCommand } from './define.ts'
import { oneJob } from './job.ts'
import { count, table } from './table.ts'

/** What happened to a rollout, one word: how it ended, or what it is at. */
export function rolloutWord(rollout: Rollout): string {
  if (rollout.state !== 'done') return rollout.stuck && rollout.state === 'running' ? 'stuck' : rollout.state
  if (rollout.infrastructure !== undefined) return 'infrastructure'
  return rollout.outcome === 'unknown' ? (rollout.end ?? 'done') : rollout.outcome
}

export const rolloutList = defineCommand({
  name: 'rollout list',
  summary: 'Show rollouts and what they are at',
  example: 'sealign rollout list --job j3 --state running',
  args: z.object({
    job: z.string().optional().describe('only those of one job'),
    state: z.string().optional().describe('only those in this state, e.g. running, stuck, resolved, infrastructure'),
    limit: z.int().min(1).default(200).describe('newest shown'),
  }),
  run({ job: word, state, limit }, context) {
    const session = context.session()
    const all =
      word === undefined ? session.rollouts.changedSince(-1) : session.rollouts.ofJob(oneJob(session, word).id)
    const lost = new Set(
      session.jobs
        .list()
        .filter((job) => isLost(job))
        .map(({ id }) => id),
    )
    const rows = all
      .map((rollout) => ({ ...summaryOf(rollout), lost: lost.has(rollout.job) && rollout.endedMs === undefined }))
      .filter((row) => state === undefined || row.state === state || (state === 'lost' && row.lost))
    return { rollouts: rows.slice(-limit), total: rows.length }
  },
  text({ rollouts, total }, style) {
    if (total === 0) return 'There are no such rollouts. Start some: sealign rollout start --tasks SET …'
    const columns = ['ID', 'TASK', 'RUN', 'STATE', 'END', 'STEPS', 'TOKENS', 'LAST ACTION'].map((title) => ({ title }))
    const rows = rollouts.map((row) => [
      row.id,
      row.task,
      row.run,
      row.lost ? 'lost' : row.state,
      row.end ?? '–',
      row.steps,
      row.promptTokens + row.completionTokens,
      row.action,
    ])
    return [
      table(columns, rows, style),
      ...(total > rollouts.length ? [`${total} in all; --limit shows more`] : []),
    ].join('\n')
  },
  json: ({ rollouts }) => rollouts,
})

function summaryOf(rollout: Rollout) {
  const { id, job, task, run, attempt, trajectory, end, infrastructure, outcome, steps, usage, action, stuck } = rollout
  return {
    id,
    job: `j${job}`,
    task,
    run,
    attempt,
    state: rolloutWord(rollout),
    end,
    outcome,
    infrastructure,
    trajectory,
    steps,
    ...usage,
    action,
    stuck,
    startedMs: rollout.startedMs,
    endedMs: rollout.endedMs,
  }
}

type ShownRollout = ReturnType<typeof summaryOf> & {
  readonly actions: readonly string[]
  readonly events: readonly object[]
  readonly patch: string | undefined
  readonly verdict: Verdict | undefined
}

export const rolloutShow = defineCommand({
  name: 'rollout show',
  summary: 'Show one rollout: its steps, what happened, its patch and verdict',
  example: 'sealign rollout show 12',
  args: z.object({ rollout: z.int().describe('number of the rollout') }),
  positional: ['rollout'],
  run({ rollout: id }, context): ShownRollout {
    const session = context.session()
    const rollout = oneRollout(session, id)
    const { trajectory, verdictKey } = rollout
    return {
      ...summaryOf(rollout),
      actions:
        trajectory === undefined ? [] : [...session.trajectories.steps(trajectory)].map((step) => actionLabel(step)),
      events: session.events.ofRollout(id).map(({ atMs, kind, body }) => ({ atMs, kind, ...body })),
      patch: session.rollouts.patch(id),
      verdict: verdictKey === undefined ? undefined : session.verdicts.get(verdictKey),
    }
  },
  text: (shown) => showText(shown).join('\n'),
})

function showText(shown: ShownRollout): string[] {
  const { id, task, run, state, end, steps, promptTokens, completionTokens, actions, patch, verdict, infrastructure } =
    shown
  return [
    safeText(`rollout ${id}: ${task} run ${run}, ${state}${end === undefined ? '' : ` (${end})`}`),
    `${count(steps, 'step')}, ${promptTokens} tokens read, ${completionTokens} written`,
    ...(infrastructure === undefined ? [] : [safeText(`infrastructure: ${infrastructure}`)]),
    ...actions.map((label, at) => `${String(at + 1).padStart(4)}  ${safeText(label)}`),
    ...(verdict ? [safeText(`verdict: ${verdict.outcome} – ${verdict.says}`)] : []),
    ...(patch ? ['', ...patch.split('\n').map((line) => safeText(line))] : []),
  ]
}

/** @throws SealignError `not-found`. */
export function oneRollout(session: Session, id: number): Rollout {
  const rollout = session.rollouts.get(id)
  if (rollout) return rollout
  throw new SealignError('not-found', `there is no rollout ${id} in this session`, {
    hint: '`sealign rollout list` names them.',
  })
}
