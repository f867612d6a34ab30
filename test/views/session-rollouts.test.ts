import { expect, test } from 'vitest'
import { RolloutJobSettings } from '../../src/jobs/rollout-settings.ts'
import { DEFAULT_ROLLOUT_LIMITS } from '../../src/rollout/limits.ts'
import { DEFAULT_SANDBOX_LIMITS } from '../../src/sandbox/sandbox.ts'
import { ownIdentity } from '../../src/lib/process-identity.ts'
import { SessionRollouts } from '../../views/session-rollouts.ts'
import { temporarySession } from '../sessions/temporary.ts'

const SETTINGS = RolloutJobSettings.parse({
  policy: { kind: 'scripted', script: '/script.jsonl' },
  sampling: {},
  sandbox: { kind: 'local', network: false, ...DEFAULT_SANDBOX_LIMITS },
  profile: 'openhands',
  format: 'text',
  limits: DEFAULT_ROLLOUT_LIMITS,
  stuck: { policy: 'sealign', rules: {} },
  grading: { enabled: true, staged: false, concurrency: 1 },
  concurrency: 2,
})

/** A session with a living job of so many rollouts. */
function sessionWith(rollouts: number) {
  const session = temporarySession()
  session.db.exec("insert into task (name) values ('fix/core')")
  const job = session.record((revision) => {
    const id = session.jobs.create('rollout', JSON.stringify(SETTINGS))
    for (let run = 1; run <= rollouts; run++) session.rollouts.add(id, 'fix/core', String(run), revision)
    return id
  })
  session.jobs.claim(job, ownIdentity())
  return { session, job }
}

test('only rows that changed are made again; figures follow', () => {
  const { session } = sessionWith(3)
  const shown = new SessionRollouts(session)
  expect(shown.jobs).toMatchObject([{ id: 'j1', state: 'running', total: 3, running: 0, done: 0 }])
  const [first, second] = shown.rows
  expect(shown.refresh()).toBe(false)

  session.record((revision) => session.rollouts.change(2, { state: 'running', action: 'bash ls' }, revision))
  expect(shown.refresh()).toBe(true)
  expect(shown.rows[0]).toBe(first)
  expect(shown.rows[1]).not.toBe(second)
  expect(shown.rows[1]).toMatchObject({ id: 2, state: 'running', action: 'bash ls', turns: 30 })
  expect(shown.jobs).toMatchObject([{ running: 1 }])
})

test('when the process of a job is gone, what it was doing is lost; what ended or waits is not', () => {
  const { session, job } = sessionWith(3)
  session.record((revision) => {
    session.rollouts.change(1, { state: 'running' }, revision)
    session.rollouts.change(2, { state: 'done', outcome: 'resolved' }, revision)
  })
  const shown = new SessionRollouts(session)
  expect(shown.watching).toBe(true)
  session.db.run('update job set pid = 999999999 where id = ?', job)
  expect(shown.refresh()).toBe(true)
  expect(shown.rows.map(({ state }) => state)).toEqual(['lost', 'done', 'queued'])
  expect(shown.jobs).toMatchObject([{ state: 'lost' }])
  expect(shown.watching).toBe(false)
})

test('a detail brings patch, verdict and what was said to the policy', () => {
  const { session, job } = sessionWith(1)
  session.record((revision) => {
    session.events.append(job, 1, 'nudge', { text: 'Look at parse().', by: 'person', t: 2 })
    session.verdicts.put('key', {
      outcome: 'unresolved',
      reason: 'tests',
      says: '1 test failed.',
      partial: false,
      failToPass: { total: 2, passed: 1, failed: ['test_a'] },
      passToPass: { total: 1, passed: 0, failed: ['test_b'] },
      log: 'FAILED test_a',
      seconds: { start: 0, apply: 0, test: 1, total: 1.5 },
    })
    session.rollouts.change(1, { patch: '+fix', verdictKey: 'key', live: 'half a re', liveKind: 'reply' }, revision)
  })
  expect(new SessionRollouts(session).detail(1)).toMatchObject({
    patch: '+fix',
    live: 'half a re',
    liveKind: 'reply',
    nudges: [{ t: 2, text: 'Look at parse().', by: 'person' }],
    verdict: { says: '1 test failed.', failed: ['test_a', 'test_b'], seconds: 1.5 },
  })
})
