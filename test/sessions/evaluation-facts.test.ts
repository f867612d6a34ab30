import { describe, expect, test } from 'vitest'
import type { EvaluationSummary } from '../../src/evaluation/report.ts'
import { EvaluationFacts, evaluationReport } from '../../sessions/evaluation-facts.ts'
import { ownIdentity } from '../../src/lib/process-identity.ts'
import { draftsBelow, haveRuns, NEEDS_RUNS } from '../rollout/backtest-runs.ts'
import { talk, textCall } from '../evaluation/trajectories.ts'
import { begin, end, TEST_PATCH } from './evaluated.ts'
import { store, temporarySession } from './temporary.ts'

test('what is stored of a rollout becomes its facts', () => {
  const session = temporarySession()
  const { job, rollouts } = begin(session, 'before', ['a', 'b', 'c', 'd'])
  const [a = 0, b = 0, c = 0, d = 0] = rollouts
  end(session, a, [textCall('ls'), textCall('cat')], { outcome: 'resolved' })
  end(session, b, [textCall('ls'), textCall('ls'), textCall('ls')], {
    outcome: 'unresolved',
    patch: TEST_PATCH,
    end: 'stuck',
  })
  end(
    session,
    c,
    [textCall('a'), textCall('b'), textCall('a'), textCall('b'), textCall('a'), textCall('b'), talk('Hm.')],
    {
      outcome: 'unresolved',
      patch: '',
      end: 'turn-limit',
    },
  )
  end(session, d, [], { outcome: 'unknown', infrastructure: 'The sandbox is gone.', end: 'infrastructure' })
  session.record(() => session.jobs.setState(job, 'done'))

  const [summary] = evaluationReport(session).evaluations
  expect(summary).toMatchObject({
    id: 'e1',
    name: 'before',
    model: 'model of before',
    job: `j${job}`,
    state: 'done',
    rollouts: 4,
    ended: 4,
    tasks: 4,
    infrastructure: 1,
    resolved: { count: 1, total: 3 },
    emptyPatch: { count: 2, total: 3 },
    stuck: { count: 1, total: 3 },
    turns: 4,
    tokens: 1000,
    failures: { instruction: 1, tool: 0, loop: 2, other: 0 },
  })
  expect(summary?.facts.map(({ signs }) => signs.map(({ step, says }) => `${step} ${says}`))).toEqual([
    [],
    ['1 the same action ×3'],
    ['1 execute_bash → execute_bash ×3', '7 talks instead of acting'],
    [],
  ])
})

test('only what ended since the last look is read, and the report stays the same object until something changed', () => {
  const session = temporarySession()
  const { job, rollouts } = begin(session, 'before', ['a', 'b'])
  session.jobs.claim(job, ownIdentity())
  const [a = 0, b = 0] = rollouts
  const facts = new EvaluationFacts(session)
  const look = (): number => {
    facts.look()
    const { waiting } = facts
    facts.read(() => true)
    return waiting
  }
  end(session, a, [textCall('ls')], { outcome: 'resolved' })
  expect(look()).toBe(1)
  const first = facts.report()
  expect(first.evaluations).toMatchObject([{ state: 'running', ended: 1, rollouts: 2 }])

  session.record((revision) => session.rollouts.change(b, { state: 'running', live: 'thinking' }, revision))
  expect(facts.look()).toBe(false)
  expect(facts.report()).toBe(first)

  end(session, b, [textCall('ls')], { outcome: 'unresolved' })
  expect(look()).toBe(1)
  session.record(() => session.jobs.setState(job, 'done'))
  expect(facts.look()).toBe(true)
  expect(facts.report().evaluations).toMatchObject([{ state: 'done', ended: 2, resolved: { count: 1, total: 2 } }])
})

test('reading stops when it is told to and goes on later', () => {
  const session = temporarySession()
  const { rollouts } = begin(session, 'before', ['a', 'b', 'c'])
  for (const id of rollouts) end(session, id, [textCall('ls')], { outcome: 'resolved' })
  const facts = new EvaluationFacts(session)
  facts.look()
  let left = 2
  expect(facts.read(() => left-- > 0)).toBe(false)
  expect(facts.waiting).toBe(1)
  expect(facts.report().evaluations).toMatchObject([{ ended: 2 }])
  expect(facts.read(() => true)).toBe(true)
  expect(facts.report().evaluations).toMatchObject([{ ended: 3 }])
})

test('a rollout that is done again counts once, as it ended last; a cancelled one counts not at all', () => {
  const session = temporarySession()
  const { rollouts } = begin(session, 'before', ['a', 'b'])
  const [a = 0, b = 0] = rollouts
  const facts = new EvaluationFacts(session)
  const report = () => {
    facts.look()
    facts.read(() => true)
    return facts.report().evaluations[0]
  }
  end(session, a, [textCall('ls')], { outcome: 'unresolved' })
  expect(report()).toMatchObject({ ended: 1, resolved: { count: 0, total: 1 } })
  session.record((revision) => session.rollouts.change(a, { state: 'queued', attempt: 2, trajectory: null }, revision))
  expect(report()).toMatchObject({ ended: 0, resolved: { total: 0 } })
  end(session, a, [textCall('ls')], { outcome: 'resolved' })
  session.record((revision) => session.rollouts.change(b, { state: 'cancelled', end: 'cancelled' }, revision))
  expect(report()).toMatchObject({ ended: 1, resolved: { count: 1, total: 1 } })
})

test('evaluations that begin later join the report, compared with those they share tasks with', () => {
  const session = temporarySession()
  const facts = new EvaluationFacts(session)
  facts.look()
  expect(facts.report().evaluations).toEqual([])
  const names = ['before', 'after']
  for (const name of names) {
    const { rollouts } = begin(session, name, ['a'])
    end(session, rollouts[0] ?? 0, [textCall('ls')], { outcome: name === 'after' ? 'resolved' : 'unresolved' })
  }
  facts.look()
  facts.read(() => true)
  expect(facts.report().comparisons).toMatchObject([{ before: 'e1', after: 'e2', better: ['a'] }])
})

/** Imported runs as if an evaluation of ours had made them. */
async function evaluated(folder: string): Promise<EvaluationSummary | undefined> {
  const session = temporarySession()
  const drafts = await draftsBelow(folder)
  const ids = store(session, drafts)
  const tasks = drafts.map(({ task }) => task)
  const { rollouts } = begin(session, folder, tasks)
  session.record((revision) => {
    for (const [at, { outcome, infrastructure = null, end: ended = '', patch = null }] of drafts.entries()) {
      const change = { trajectory: ids[at] ?? null, outcome, end: ended, infrastructure, patch }
      session.rollouts.change(rollouts[at] ?? 0, { state: 'done', ...change }, revision)
    }
  })
  return evaluationReport(session).evaluations[0]
}

describe.skipIf(!haveRuns)(`real trajectories${NEEDS_RUNS}`, () => {
  test('of mini-swe-agent with a strong model show none of the paper’s failures, and infrastructure failures hide no empty patch', async () => {
    expect(await evaluated('mini-swe-agent-dev-x4')).toMatchObject({
      ended: 107,
      infrastructure: 10,
      tasks: 23,
      intervals: 'bootstrap',
      resolved: { count: 27, total: 92 },
      // The ten empty patches among them are those of the ten infrastructure failures.
      emptyPatch: { count: 0, total: 97 },
      stuck: { count: 0 },
      invalidCall: { count: 0 },
      failures: { instruction: 0, tool: 0, loop: 0, other: 65 },
    })
  })

  test('of MINT with a weak model repeat themselves as often as the log says', async () => {
    const summary = await evaluated('mint-humaneval')
    // docs/log.md: the same action three times in a row in 44 of 810 runs, 325 of them resolved.
    expect(summary).toMatchObject({ ended: 810, tasks: 45, resolved: { count: 325, total: 810 }, stuck: { count: 44 } })
    expect(
      summary?.facts.filter(({ signs }) => signs.some(({ kind }) => kind === 'loop')).length,
    ).toBeGreaterThanOrEqual(44)
  })
})
