import { describe, expect, it } from 'vitest'
import { filterBacktest } from '../../commands/filter-backtest.ts'
import type { CommandContext } from '../../commands/define.ts'
import { parseCommandLine } from '../../commands/parse.ts'
import { SealignError } from '../../src/domain/errors.ts'
import type { StepDraft } from '../../src/domain/trajectory.ts'
import { backtest, type BacktestReport, type BacktestTrajectory } from '../../src/rollout/backtest.ts'
import { store, temporarySession } from '../sessions/temporary.ts'
import { backtestRuns, draftsBelow, haveRuns, NEEDS_RUNS } from './backtest-runs.ts'
import { failed, ran, said, times } from './stuck-steps.ts'

const trajectory = (
  id: string,
  outcome: BacktestTrajectory['outcome'],
  steps: readonly StepDraft[],
  completionTokens?: number,
): BacktestTrajectory => ({ id, outcome, steps, ...(completionTokens !== undefined && { completionTokens }) })

const row = (report: BacktestReport, rule: string) => report.rules.find((each) => each.rule === rule)

describe('the backtest', () => {
  const looping = [...times(10, ran('ls')), ran('pwd'), ran('pwd')]
  const runs = [
    trajectory('lost', 'resolved', looping, 1200),
    trajectory('late', 'unresolved', [ran('pwd'), ...looping], 1300),
    trajectory('recovered', 'resolved', [...times(5, ran('ls')), ran('pwd'), ran('id')], 700),
    trajectory('straight', 'resolved', [ran('a'), ran('b'), ran('c')], 300),
    trajectory('failing', 'unresolved', times(8, failed('make'))),
  ]

  it('says per rule where it fired, where it stopped, what that saves and whom it kills', () => {
    const report = backtest(runs)
    expect(report).toMatchObject({
      policy: 'sealign',
      trajectories: 5,
      resolved: 3,
      steps: 43,
      tokens: { recorded: 4, estimated: 1 },
    })
    expect(report.rules.map(({ rule }) => rule)).toEqual([
      'action-observation',
      'action-error',
      'malformed',
      'message',
      'cycle',
      'chanting',
      'all',
    ])
    expect(row(report, 'action-observation')).toMatchObject({
      fired: { trajectories: 4, medianStep: 4, resolved: ['lost', 'recovered'], stepsSaved: 8 + 8 + 3 + 4 },
      stopped: { trajectories: 3, medianStep: 8, resolved: ['lost'], stepsSaved: 4 + 4 + 0 },
    })
    expect(row(report, 'action-error')).toMatchObject({
      fired: { trajectories: 1, medianStep: 3, resolved: [], stepsSaved: 5 },
      stopped: { trajectories: 1, medianStep: 6, resolved: [], stepsSaved: 2 },
    })
    expect(row(report, 'all')?.stopped).toMatchObject({ trajectories: 3, resolved: ['lost'], stepsSaved: 4 + 4 + 2 })
    expect(row(report, 'cycle')?.fired).toEqual({
      trajectories: 0,
      medianStep: undefined,
      stepsSaved: 0,
      tokensSaved: 0,
      resolved: [],
    })
    expect(report.paper).toEqual({ trajectories: 4, resolved: ['lost', 'recovered'] })
  })

  it('shares recorded tokens out by the length of the replies, and counts four characters a token where none are', () => {
    const talk = [...times(3, said('x'.repeat(100))), said('y'.repeat(200)), said('z'.repeat(100))]
    const saved = (tokens?: number) =>
      row(backtest([trajectory('t', 'unknown', talk, tokens)], 'openhands-v0'), 'message')?.stopped.tokensSaved
    expect(saved(60)).toBe(30)
    expect(saved()).toBe(75)
    expect(saved(0)).toBe(0)
  })

  it('counts every rule as if it were the only one, and lets each be switched', () => {
    const both = [trajectory('t', 'resolved', times(8, failed('make')))]
    expect(row(backtest(both), 'action-observation')?.stopped.medianStep).toBe(8)
    expect(row(backtest(both), 'all')?.stopped.medianStep).toBe(6)
    const off = backtest(both, 'sealign', { rules: { 'action-error': false } })
    expect(row(off, 'action-error')).toBeUndefined()
    expect(row(off, 'all')?.stopped.medianStep).toBe(8)
  })

  it('stops at once under openhands-v0, and knows only its rules', () => {
    const report = backtest(runs, 'openhands-v0')
    expect(report.rules.map(({ rule }) => rule)).toEqual([
      'action-observation',
      'action-error',
      'message',
      'cycle',
      'all',
    ])
    expect(
      report.rules.map(({ fired, stopped }) => [fired, stopped]).every(([a, b]) => a?.trajectories === b?.trajectories),
    ).toBe(true)
    expect(row(report, 'all')?.stopped.resolved).toEqual(['lost', 'recovered'])
  })

  it('reads steps once and in order, whatever their number', () => {
    let read = 0
    const endless = function* (): Generator<StepDraft> {
      for (; read < 30_000; read++) yield ran(`command ${read}`)
    }
    const report = backtest([trajectory('long', 'unknown', []), { id: 'lazy', outcome: 'unknown', steps: endless() }])
    expect([read, report.steps]).toEqual([30_000, 30_000])
  })

  it('of nothing says so', () => {
    expect(backtest([])).toMatchObject({ trajectories: 0, steps: 0, tokens: { recorded: 0, estimated: 0 } })
    expect(backtest(runs, 'off').rules.map(({ rule, fired }) => [rule, fired.trajectories])).toEqual([['all', 0]])
  })
})

/** fired, its resolved ones, stopped, its resolved ones – of every rule that fired. */
function figures(report: BacktestReport): Record<string, number[]> {
  const rules = report.rules.filter(({ fired }) => fired.trajectories > 0)
  return Object.fromEntries(
    rules.map(({ rule, fired, stopped }) => [
      rule,
      [fired.trajectories, fired.resolved.length, stopped.trajectories, stopped.resolved.length],
    ]),
  )
}

describe.skipIf(!haveRuns)(`on real runs (the figures of docs/stuck.md)${NEEDS_RUNS}`, () => {
  it('MINT: calls that fail again and again, in runs that were not resolved', async () => {
    const runs = backtestRuns(await draftsBelow('mint-humaneval'))
    const report = backtest(runs)
    expect(report).toMatchObject({ trajectories: 810, resolved: 325, steps: 3111, tokens: { recorded: 810 } })
    expect(figures(report)).toEqual({ 'action-error': [26, 0, 0, 0], message: [1, 0, 0, 0], all: [27, 0, 0, 0] })
    expect([report.paper.trajectories, report.paper.resolved.length]).toEqual([44, 2])
    expect(figures(backtest(runs, 'openhands-v0'))).toEqual({ message: [1, 0, 1, 0], all: [1, 0, 1, 0] })
  })

  it('mini-swe-agent: no loop in 92 scored runs of up to 250 steps, so none of the resolved ones is lost', async () => {
    const drafts = await draftsBelow('mini-swe-agent-dev-x4')
    const scored = drafts.filter(({ outcome }) => outcome !== 'unknown')
    expect(scored).toHaveLength(92)
    const report = backtest(backtestRuns(drafts))
    expect(report).toMatchObject({ trajectories: 107, resolved: 27, steps: 8287 })
    expect(figures(report)).toEqual({})
    expect(report.paper.trajectories).toBe(0)
    expect(figures(backtest(backtestRuns(drafts), 'openhands-v0'))).toEqual({})
  })

  it('tau-bench airline: one cycle; any three messages in a row would kill 47 of 84 resolved conversations', async () => {
    const drafts = await draftsBelow('tau-airline-x4')
    const report = backtest(backtestRuns(drafts))
    expect(report).toMatchObject({ trajectories: 200, resolved: 84, steps: 2454, tokens: { estimated: 200 } })
    expect(figures(report)).toEqual({ cycle: [1, 0, 0, 0], all: [1, 0, 0, 0] })
    expect(figures(backtest(backtestRuns(drafts), 'openhands-v0'))).toEqual({ cycle: [1, 0, 1, 0], all: [1, 0, 1, 0] })
    const talks = drafts.filter(({ steps }) =>
      steps.some(
        (_, at) => at >= 2 && steps.slice(at - 2, at + 1).every((step) => (step.reply.toolCalls ?? []).length === 0),
      ),
    )
    expect([talks.length, talks.filter(({ outcome }) => outcome === 'resolved').length]).toEqual([89, 47])
  })

  it('files of other frameworks: a scripted `ls` five times over, a search that rejects its own edits', async () => {
    const report = backtest(backtestRuns(await draftsBelow('formats')))
    expect(figures(report)).toEqual({
      'action-observation': [1, 0, 0, 0],
      cycle: [1, 0, 0, 0],
      all: [2, 0, 0, 0],
    })
  })
})

/** The command as the shell would call it. */
function command(words: readonly string[], session = filled()): { text: string; result: BacktestReport } {
  const context = {
    session: () => session,
    signal: new AbortController().signal,
    progress: () => undefined,
  } as unknown as CommandContext
  const result = filterBacktest.run(parseCommandLine(filterBacktest, words).args, context)
  return {
    text: filterBacktest.text(result, { columns: 200, color: false }),
    result: (filterBacktest.json?.(result) ?? result) as BacktestReport,
  }
}

function filled() {
  const session = temporarySession()
  const draft = (task: string, run: string, outcome: 'resolved' | 'unresolved', steps: StepDraft[]) => ({
    task,
    run,
    outcome,
    prompt: [],
    steps,
  })
  store(session, [
    draft('fix/one', 'a', 'resolved', [...times(9, ran('ls')), ran('pwd')]),
    draft('fix/one', 'b', 'unresolved', [ran('ls'), ran('pwd')]),
    draft('fix/two', 'a', 'unresolved', times(7, failed('make'))),
  ])
  return session
}

describe('filter backtest', () => {
  it('reads what a session holds and says it in a table', () => {
    const { text, result } = command([])
    expect(result).toMatchObject({ policy: 'sealign', trajectories: 3, resolved: 1, steps: 19 })
    expect(text.split('\n').map((line) => line.trimEnd())).toEqual([
      'RULE                FIRED  AT STEP  RESOLVED  STOPPED  AT STEP  KILLED  STEPS SAVED  TOKENS SAVED',
      'action-observation      2        4         1        1        8       1            2            14',
      'action-error            1        3         0        1        6       0            1             8',
      'malformed               0        –         0        0        –       0            0             0',
      'message                 0        –         0        0        –       0            0             0',
      'cycle                   0        –         0        0        –       0            0             0',
      'chanting                0        –         0        0        –       0            0             0',
      'all                     2        3         1        2        6       1            3            22',
      '3 trajectories, 1 resolved, 19 steps',
      'killed (resolved, would have been stopped): 1',
      "stuck by the paper's measure (same action in 3 rounds): 2, 1 of them resolved",
      'tokens: the replies after the stop; 0 with recorded totals, 3 estimated at 4 characters a token',
    ])
  })

  it('takes a policy, a part of a task’s name and other thresholds', () => {
    expect(command(['--task', 'two']).result).toMatchObject({ trajectories: 1, steps: 7 })
    expect(row(command(['--policy', 'openhands-v0']).result, 'all')?.stopped.resolved).toEqual(['1'])
    const { result } = command(['--rule', 'action-observation=10', '--rule', 'action-error=off'])
    expect(result.rules.map(({ rule }) => rule)).not.toContain('action-error')
    expect(row(result, 'all')?.fired.trajectories).toBe(0)
  })

  it.each([
    [['--rule', 'loops=3'], 'expected RULE=off, RULE=on or RULE=ROUNDS'],
    [['--rule', 'cycle'], 'expected RULE=off, RULE=on or RULE=ROUNDS'],
    [['--rule', 'cycle=1'], "the stuck detector's threshold of cycle is 1"],
    [['--policy', 'openhands-v0', '--rule', 'cycle=4'], 'has a threshold of its own'],
    [['--policy', 'off'], 'expected one of sealign, openhands-v0'],
    [['--task', 'none'], 'no stored trajectory of a task with "none" in its name'],
  ])('refuses %j in one sentence', (words, message) => {
    expect(() => command(words)).toThrow(SealignError)
    expect(() => command(words)).toThrow(message)
  })

  it('says that a session holds nothing', () => {
    expect(() => command([], temporarySession())).toThrow('no stored trajectory yet')
  })
})
