import { describe, expect, it } from 'vitest'
import { Analysis } from '../../sessions/analysis.ts'
import { Examples } from '../../sessions/examples.ts'
import { freezeDataset } from '../../sessions/freeze.ts'
import type { Session } from '../../sessions/session.ts'
import { SealignError } from '../../src/domain/errors.ts'
import type { Dropped, TreeExample } from '../../src/exporters/exporter.ts'
import { datasetTrees } from '../../src/exporters/tree-examples.ts'
import { treeRow } from '../../src/exporters/trees.ts'
import { readDataset } from '../../src/training/dataset-files.ts'
import { rolledOut } from './rolled-out.ts'
import { run, store, temporarySession } from './temporary.ts'

/** Four runs that agree on `ls` and then part: both that edit are resolved, both that give up are not. */
function decided(): Session {
  const session = temporarySession()
  store(session, [
    run('django-1', 'a', ['ls', 'edit core.py', 'pytest'], 'resolved'),
    run('django-1', 'b', ['ls', 'edit core.py', 'pytest -x'], 'resolved'),
    run('django-1', 'c', ['ls', 'cat README'], 'unresolved'),
    run('django-1', 'd', ['ls', 'cat README', 'exit'], 'unresolved'),
    run('flask-2', 'a', ['pwd'], 'unknown'),
  ])
  return session
}

function onlyPair(analysis: Analysis) {
  const pairs = [...analysis.pairs()]
  expect(pairs).toHaveLength(1)
  const [pair] = pairs
  if (!pair) throw new Error('no pair')
  return pair
}

describe('an analysis', () => {
  it('counts trajectories, nodes, decisions and pairs of a task', () => {
    const analysis = new Analysis(decided())
    expect(analysis.tasks()).toEqual(['django-1', 'flask-2'])
    expect(analysis.figures('django-1')).toEqual({
      task: 'django-1',
      trajectories: 4,
      resolved: 2,
      unknown: 0,
      nodes: 7,
      branching: 2,
      critical: 1,
      pairs: 1,
    })
    expect(onlyPair(analysis)).toMatchObject({
      delta: 1,
      depth: 1,
      chosen: { n: 2, r: 2, step: 2 },
      rejected: { n: 2, r: 0, step: 2 },
    })
  })

  it('keeps the same trees when the threshold moves', () => {
    const analysis = new Analysis(decided())
    const tree = analysis.tree('django-1')
    analysis.use({ ...analysis.settings, threshold: 1 })
    expect([...analysis.pairs()]).toHaveLength(0)
    analysis.use({ ...analysis.settings, inclusive: true })
    expect([...analysis.pairs()]).toHaveLength(1)
    expect(analysis.tree('django-1')).toBe(tree)
  })

  it('builds again only the tree that a new trajectory belongs to', () => {
    const session = decided()
    const analysis = new Analysis(session)
    const [django, flask] = [analysis.tree('django-1'), analysis.tree('flask-2')]
    store(session, [run('flask-2', 'b', ['pwd'], 'resolved')], '/later')
    analysis.refresh()
    expect(analysis.tree('django-1')).toBe(django)
    expect(analysis.tree('flask-2')).not.toBe(flask)
    expect(analysis.figures('flask-2')).toMatchObject({ trajectories: 1, resolved: 1, unknown: 1 })
  })

  it('never scores a run that the machinery spoilt', () => {
    const session = temporarySession()
    store(session, [
      run('t', 'a', ['ls'], 'unresolved', { infrastructure: 'server error' }),
      run('t', 'b', ['ls'], 'resolved'),
    ])
    const analysis = new Analysis(session, { ...session.settings, filter: false })
    expect(analysis.figures('t')).toMatchObject({ trajectories: 1, resolved: 1, unknown: 1 })
  })

  it('follows what a person puts back and takes out', () => {
    const session = temporarySession()
    const [, twin = 0] = store(session, [run('t', 'a', ['ls'], 'resolved'), run('t', 'b', ['ls'], 'resolved')])
    const analysis = new Analysis(session)
    expect(analysis.removed.get(twin)).toMatch(/^duplicate of trajectory/)
    session.overrides.set(twin, true, 'ada')
    analysis.refresh()
    expect(analysis.removed.has(twin)).toBe(false)
    expect(analysis.figures('t').trajectories).toBe(2)
    session.overrides.set(twin, false, 'ada')
    analysis.refresh()
    expect(analysis.removed.get(twin)).toBe('left out by hand')
  })
})

describe('merge keys of an older sealign', () => {
  it('are computed again from the stored steps', () => {
    const session = decided()
    const keys = () =>
      session.db
        .all<{ keys: Uint8Array }>('select keys from trajectory order by id')
        .map((row) => Buffer.from(row.keys).toString('hex'))
    const good = keys()
    session.db.run('update trajectory set keys = zeroblob(length(keys)), key_version = 0')
    expect(new Analysis(session).figures('django-1')).toMatchObject({ nodes: 7, pairs: 1 })
    expect(keys()).toEqual(good)
  })
})

describe('reviews', () => {
  it('decide the status, last word first, whoever gives it', () => {
    const session = decided()
    const analysis = new Analysis(session)
    const pair = onlyPair(analysis)
    session.reviews.append([{ pair, flags: [] }], 'accept', 'ada')
    session.reviews.append([{ pair, flags: [] }], 'reject', 'bob')
    analysis.refresh()
    expect(analysis.reviewOf(pair.id)).toMatchObject({ status: 'rejected', reviewer: 'bob' })
    session.reviews.append([{ pair, flags: [] }], 'undo', 'bob')
    analysis.refresh()
    expect(analysis.reviewOf(pair.id)).toMatchObject({ status: 'accepted', reviewer: 'ada' })
    expect(analysis.pairFigures()).toEqual({
      criticalNodes: 1,
      pairs: 1,
      tasks: 1,
      pending: 0,
      accepted: 1,
      rejected: 0,
      skipped: 0,
    })
  })

  it('cannot be changed or removed', () => {
    const session = decided()
    const pair = onlyPair(new Analysis(session))
    session.reviews.append([{ pair, flags: [] }], 'accept', 'ada')
    expect(() => session.db.run("update review set verdict = 'reject'")).toThrow(SealignError)
    expect(() => session.db.run('delete from review')).toThrow(/append-only/)
    expect(session.reviews.since()).toHaveLength(1)
  })

  it('survive a change of merge mode: an accepted pair is still exported', () => {
    const session = decided()
    const pair = onlyPair(new Analysis(session))
    session.reviews.append([{ pair, flags: [] }], 'accept', 'ada')
    const strict = new Analysis(session, { ...session.settings, merge: 'strict' })
    expect(strict.find(pair.id)?.review.status).toBe('accepted')
    const [example] = [...new Examples(session, strict).pairs('accepted', () => undefined)]
    expect(example?.chosen.reply.content).toBe('I run edit core.py.')
    expect(example?.prefix.map(({ role }) => role)).toEqual(['user', 'assistant', 'tool'])
  })

  it('with the sides swapped export the other action as the better one', () => {
    const session = decided()
    const analysis = new Analysis(session)
    const pair = onlyPair(analysis)
    session.reviews.append([{ pair, flags: [] }], 'swap', 'ada')
    session.reviews.append([{ pair, flags: [] }], 'accept', 'ada')
    analysis.refresh()
    const [example] = [...new Examples(session, analysis).pairs('accepted', () => undefined)]
    expect(example?.chosen.reply.content).toBe('I run cat README.')
    expect(example?.counts).toEqual({ chosen: { n: 2, r: 0 }, rejected: { n: 2, r: 2 } })
  })

  it('that reject a pair keep it out of every export', () => {
    const session = decided()
    const analysis = new Analysis(session)
    const pair = onlyPair(analysis)
    session.reviews.append([{ pair, flags: [] }], 'reject', 'ada')
    analysis.refresh()
    expect(new Examples(session, analysis).chosen('accepted')).toEqual([])
    expect(new Examples(session, analysis).chosen('undecided')).toEqual([])
  })
})

describe('tree examples', () => {
  it('hold every judged trajectory and every accepted pair, literally, with the scores of the session’s tree', () => {
    const session = decided()
    const analysis = new Analysis(session)
    const pair = onlyPair(analysis)
    session.reviews.append([{ pair, flags: [] }], 'accept', 'ada')
    analysis.refresh()
    const examples = new Examples(session, analysis)
    const dropped: Dropped[] = []
    const trees = [...examples.trees('accepted', (each) => dropped.push(each))]
    expect(dropped).toEqual([])
    const [tree] = trees
    expect(trees).toHaveLength(1)
    const whole = [...examples.trajectories('known', () => undefined)]
    expect(tree?.trajectories.map(({ id, outcome, steps }) => ({ id, outcome, steps }))).toEqual(
      expect.arrayContaining(whole.map(({ id, outcome, steps }) => ({ id, outcome, steps }))),
    )
    expect(tree?.trajectories).toHaveLength(whole.length)
    const [example] = [...examples.pairs('accepted', () => undefined)]
    const [held] = tree?.pairs ?? []
    expect([...(tree?.prompt ?? []), ...(held?.path ?? [])]).toEqual(example?.prefix)
    expect(held).toMatchObject({ id: pair.id, weight: 1, scores: { chosen: 1, rejected: 0 } })
    expect([held?.chosen, held?.rejected]).toEqual([example?.chosen, example?.rejected])
  })

  it('are the same as those of the dataset frozen from the same session, but for their names', () => {
    const session = decided()
    const analysis = new Analysis(session)
    session.reviews.append([{ pair: onlyPair(analysis), flags: [] }], 'accept', 'ada')
    analysis.refresh()
    const frozen = freezeDataset(session, { pairs: 'accepted' })
    const rows = (examples: Iterable<TreeExample>) =>
      [...examples].map((example) =>
        treeRow(example, { calls: 'literal', split: null, template: 'model', drop: () => {} }),
      )
    const plain = (list: ReturnType<typeof rows>) =>
      list.map(({ trajectories, ...rest }) => ({ ...rest, leaves: trajectories.map(({ leaf }) => leaf) }))
    expect(plain(rows(datasetTrees(readDataset(frozen.folder))))).toEqual(
      plain(rows(new Examples(session, analysis).trees('accepted', () => undefined))),
    )
  })

  it('leave out a benchmark’s task, with the reason', () => {
    const session = temporarySession()
    store(session, [
      run('django__django-1', 'a', ['ls', 'fix'], 'resolved', { repository: 'django/django' }),
      run('t', 'a', ['ls', 'fix'], 'resolved'),
    ])
    const analysis = new Analysis(session, { ...session.settings, filter: false, benchmarkGuard: true })
    const dropped: Dropped[] = []
    const trees = [...new Examples(session, analysis).trees('accepted', (each) => dropped.push(each))]
    expect(trees.map(({ id }) => id)).toEqual(['t'])
    expect(dropped).toMatchObject([{ id: 'django__django-1', reason: expect.stringContaining('benchmark') }])
  })
})

describe('rollouts that ended in another order', () => {
  const ROLLED = [
    [1, ['ls', 'fix', 'pytest'], 'resolved'],
    [2, ['ls', 'fix', 'pytest', 'exit'], 'resolved'],
    [3, ['ls', 'cat', 'exit'], 'unresolved'],
    [10, ['ls', 'cat', 'exit'], 'unresolved'],
    [11, ['ls', 'cat', 'wait'], 'unresolved'],
  ] as const

  /** What an analysis says, ids replaced by the number of the run. */
  function seen(order: readonly number[]) {
    const session = temporarySession()
    const job = session.record(() => session.jobs.create('rollout', '{}'))
    for (const at of order) {
      const [run, commands, outcome] = ROLLED[at] ?? [0, [], 'unknown']
      rolledOut(session, job, run, commands, outcome)
    }
    const analysis = new Analysis(session)
    const runOf = (id: number) => Number(session.trajectories.info(id)?.run)
    const tree = analysis.tree('t')
    return {
      removed: [...analysis.removed.keys()].map(runOf),
      runs: [...tree.trajectories].map(runOf),
      visits: [...tree.visits],
      members: [...tree.member],
      pairs: [...analysis.pairs()].map(({ id, chosen, rejected }) => [
        id,
        { ...chosen, trajectory: runOf(chosen.trajectory) },
        { ...rejected, trajectory: runOf(rejected.trajectory) },
      ]),
    }
  }

  it('make the same trees, members and pairs; of two alike the lower run stays', () => {
    const first = seen([0, 1, 2, 3, 4])
    expect(first).toMatchObject({ removed: [10], runs: [1, 2, 3, 11] })
    expect(first.pairs).toMatchObject([[expect.any(String), { trajectory: 1 }, { trajectory: 3 }]])
    expect(seen([4, 3, 2, 1, 0])).toEqual(first)
    expect(seen([2, 4, 0, 3, 1])).toEqual(first)
  })
})
