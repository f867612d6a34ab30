import { z } from 'zod'
import { SealignError } from '../src/domain/errors.ts'
import { backtest, type BacktestCut, type BacktestTrajectory } from '../src/rollout/backtest.ts'
import type { Session } from '../sessions/session.ts'
import { type CommandContext, defineCommand } from './define.ts'
import { stuckRules } from './stuck-rules.ts'
import { count, table } from './table.ts'

/** Trajectories between two lines of progress. */
const PROGRESS_EVERY = 200

export const filterBacktest = defineCommand({
  name: 'filter backtest',
  summary: 'Show what the stuck detector would have done to stored trajectories',
  example: 'sealign filter backtest --policy sealign --rule action-observation=5',
  args: z.object({
    policy: z.enum(['sealign', 'openhands-v0']).default('sealign').describe('whose rules find loops'),
    task: z.string().optional().describe('only tasks whose name contains this'),
    rule: z.array(z.string()).default([]).describe('RULE=off, or RULE=ROUNDS for another threshold; may be repeated'),
  }),
  run({ policy, task, rule }, context) {
    const report = backtest(stored(context.session(), task, context), policy, {
      rules: stuckRules('filter backtest', rule),
    })
    if (report.trajectories === 0 && !context.signal.aborted)
      throw new SealignError(
        'not-found',
        `no stored trajectory ${task === undefined ? 'yet' : `of a task with ${JSON.stringify(task)} in its name`}`,
        {
          hint: 'Import some: sealign import PATH; `sealign tree list` names the tasks.',
        },
      )
    return { ...report, interrupted: context.signal.aborted }
  },
  text({ trajectories, resolved, steps, rules, paper, tokens, interrupted }, style) {
    const columns = [
      'RULE',
      'FIRED',
      'AT STEP',
      'RESOLVED',
      'STOPPED',
      'AT STEP',
      'KILLED',
      'STEPS SAVED',
      'TOKENS SAVED',
    ]
    const rows = rules.map(({ rule, fired, stopped }) => [
      rule,
      ...cutCells(fired),
      ...cutCells(stopped),
      stopped.stepsSaved,
      stopped.tokensSaved.toLocaleString('en'),
    ])
    const killed = rules.find(({ rule }) => rule === 'all')?.stopped.resolved ?? []
    return [
      table(
        columns.map((title, at) => ({ title, align: at === 0 ? 'left' : 'right' })),
        rows,
        style,
      ),
      `${count(trajectories, 'trajectory', 'trajectories')}, ${resolved} resolved, ${count(steps, 'step')}${interrupted ? ' (interrupted)' : ''}`,
      `killed (resolved, would have been stopped): ${killed.length === 0 ? 'none' : killed.join(', ')}`,
      `stuck by the paper's measure (same action in 3 rounds): ${paper.trajectories}, ${paper.resolved.length} of them resolved`,
      `tokens: the replies after the stop; ${tokens.recorded} with recorded totals, ${tokens.estimated} estimated at 4 characters a token`,
    ].join('\n')
  },
})

function cutCells({ trajectories, medianStep, resolved }: BacktestCut): (string | number)[] {
  return [trajectories, medianStep ?? '–', resolved.length]
}

/** The Trajectories of a session, Steps read only when asked for; ends early when a person interrupts. */
function* stored(session: Session, task: string | undefined, context: CommandContext): Generator<BacktestTrajectory> {
  let done = 0
  for (const info of session.trajectories.infos()) {
    if (context.signal.aborted) return
    if (task !== undefined && !info.task.includes(task)) continue
    yield {
      id: String(info.id),
      outcome: info.outcome,
      steps: session.trajectories.steps(info.id),
      ...(info.completionTokens !== undefined && { completionTokens: info.completionTokens }),
    }
    done++
    if (done % PROGRESS_EVERY === 0) context.progress(`${count(done, 'trajectory', 'trajectories')} followed`)
  }
}
