import { expect, test } from 'vitest'
import { Analysis } from '../../sessions/analysis.ts'
import { GrowingTrajectory } from '../../sessions/growing.ts'
import { isLost } from '../../sessions/jobs.ts'
import { prepare } from '../../sessions/prepared.ts'
import { ownIdentity } from '../../src/lib/process-identity.ts'
import { plainTask } from '../tasks/plain-task.ts'
import { run, shellStep, store, temporarySession } from './temporary.ts'

const TASK = plainTask({ id: 'fix/core' })

function rolloutOf(session: ReturnType<typeof temporarySession>) {
  return session.record((revision) => {
    session.taskDefinitions.put(TASK)
    const job = session.jobs.create('rollout', '{}')
    return { job, id: session.rollouts.add(job, TASK.id, '1', revision) }
  })
}

test('a growing trajectory equals the imported one: same steps, same keys, same content', () => {
  const session = temporarySession()
  const draft = run('fix/core', '1', ['ls', 'edit core.py', 'pytest'], 'resolved', { end: 'finished' })
  const growing = session.record(() =>
    GrowingTrajectory.begin(
      session,
      { task: draft.task, run: '1', prompt: draft.prompt },
      { path: 'job:1', attempt: 1 },
    ),
  )
  for (const step of draft.steps) session.record(() => growing.append(step))
  session.write((revision) =>
    session.trajectories.finish(
      growing.id,
      { outcome: 'resolved', end: 'finished', promptTokens: 0, completionTokens: 0 },
      revision,
    ),
  )
  const [imported = 0] = store(session, [draft])

  expect([...session.trajectories.steps(growing.id)]).toEqual([...session.trajectories.steps(imported)])
  expect(session.trajectories.keys(growing.id)).toEqual(session.trajectories.keys(imported))
  expect(session.trajectories.contentId(growing.id)).toBe(session.trajectories.contentId(imported))
  expect(session.check()).toMatchObject({ ok: true })
})

test('trees leave a trajectory out until it is finished, and take it then', () => {
  const session = temporarySession()
  const settings = { ...session.settings, filter: false }
  const analysis = new Analysis(session, settings)
  const growing = session.record(() =>
    GrowingTrajectory.begin(session, { task: 'fix/core', run: '1', prompt: [] }, { path: 'job:1', attempt: 1 }),
  )
  session.record(() => growing.append(shellStep('ls')))
  analysis.refresh()
  expect(analysis.tasks()).toEqual([])
  expect(new Analysis(session, settings).tasks()).toEqual([])

  session.write((revision) =>
    session.trajectories.finish(
      growing.id,
      { outcome: 'resolved', end: 'finished', promptTokens: 1, completionTokens: 1 },
      revision,
    ),
  )
  analysis.refresh()
  expect(analysis.figures('fix/core')).toMatchObject({ trajectories: 1, resolved: 1, nodes: 2 })
})

test('another process goes on with a growing trajectory where the first one stopped', () => {
  const session = temporarySession()
  const first = session.record(() =>
    GrowingTrajectory.begin(session, { task: 'fix/core', prompt: [] }, { path: 'job:1', attempt: 1 }),
  )
  session.record(() => first.append(shellStep('ls')))
  const second = GrowingTrajectory.resume(session, first.id)
  session.record(() => second.append(shellStep('pwd')))

  expect(second.steps).toBe(2)
  expect([...session.trajectories.steps(first.id)]).toEqual([shellStep('ls'), shellStep('pwd')])
  expect(session.trajectories.keys(first.id)).toEqual(
    new Uint8Array(new Uint32Array(Array.from(prepareKeys(['ls', 'pwd']))).buffer),
  )
})

function prepareKeys(commands: readonly string[]): Uint32Array {
  const session = temporarySession()
  const [id = 0] = store(session, [run('fix/core', '1', commands, 'unknown')])
  expect(prepare(run('fix/core', '1', commands, 'unknown')).keys).toHaveLength(commands.length * 12)
  const bytes = session.trajectories.keys(id)
  return new Uint32Array(bytes.slice().buffer)
}

test('a change of a rollout leaves the revision that trees depend on alone', () => {
  const session = temporarySession()
  const { id } = rolloutOf(session)
  const before = session.feed.look(true)
  session.record((revision) => session.rollouts.change(id, { state: 'running', live: 'thinking' }, revision))
  const after = session.feed.look(true)

  expect(after?.revision).toBe(before?.revision)
  expect(after?.rollouts).toBeGreaterThan(before?.rollouts ?? 0)
  expect(session.rollouts.changedSince(before?.rollouts ?? 0)).toMatchObject([
    { id, state: 'running', live: 'thinking' },
  ])
  expect(session.rollouts.changedSince(after?.rollouts ?? 0)).toEqual([])
})

test('a job belongs to one living process at a time', () => {
  const session = temporarySession()
  const { job } = rolloutOf(session)
  const own = ownIdentity()
  expect(session.jobs.claim(job, own)).toBe(true)
  expect(session.jobs.claim(job, { ...own, pid: process.ppid, start: '1' })).toBe(false)

  session.db.run('update job set pid = 999999999 where id = ?', job)
  const dead = session.jobs.get(job)
  expect(dead && isLost(dead)).toBe(true)
  expect(session.jobs.claim(job, own)).toBe(true)
})

test('a job of another machine is lost once it was silent for 30 s', () => {
  const owner = { host: 'elsewhere', pid: 1, start: '1' }
  const job = { state: 'running', owner, heartbeatMs: 1_000_000 } as const
  expect(isLost(job, 1_029_000)).toBe(false)
  expect(isLost(job, 1_031_000)).toBe(true)
  expect(isLost({ ...job, state: 'done' }, 9_000_000)).toBe(false)
})

test('requests are taken once, in order', () => {
  const session = temporarySession()
  const { job, id } = rolloutOf(session)
  session.requests.ask(job, 'pause', id)
  session.requests.ask(job, 'nudge', id, 'look at parse()')
  expect(session.requests.take(job)).toMatchObject([
    { kind: 'pause', rollout: id },
    { kind: 'nudge', text: 'look at parse()' },
  ])
  expect(session.requests.take(job)).toEqual([])
})

test('events are append-only', () => {
  const session = temporarySession()
  const { job, id } = rolloutOf(session)
  session.events.append(job, id, 'nudge', { text: 'go on' })
  expect(session.events.ofRollout(id)).toMatchObject([{ kind: 'nudge', body: { text: 'go on' } }])
  expect(() => session.db.exec('update event set kind = 1')).toThrow(/append-only/)
  expect(() => session.db.exec('delete from event')).toThrow(/append-only/)
})

test('garbage collection keeps task definitions, patches and verdicts', () => {
  const session = temporarySession()
  const { id } = rolloutOf(session)
  const long = 'x'.repeat(2000)
  session.record((revision) => {
    session.taskDefinitions.put({ ...TASK, statement: long })
    session.rollouts.change(id, { patch: long + 'patch' }, revision)
    session.verdicts.put('key', {
      outcome: 'resolved',
      reason: 'tests',
      says: 'all passed',
      partial: false,
      failToPass: { total: 1, passed: 1, failed: [] },
      passToPass: { total: 0, passed: 0, failed: [] },
      log: long + 'log',
      seconds: { start: 0, apply: 0, test: 1, total: 1 },
    })
  })
  session.collectGarbage()
  expect(session.taskDefinitions.get(TASK.id)?.statement).toBe(long)
  expect(session.rollouts.patch(id)).toBe(long + 'patch')
  expect(session.verdicts.get('key')?.log).toBe(long + 'log')
})
