import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Analysis } from '../../sessions/analysis.ts'
import { freezeDataset } from '../../sessions/freeze.ts'
import type { Session } from '../../sessions/session.ts'
import type { StepDraft } from '../../src/domain/trajectory.ts'
import { readDataset } from '../../src/training/dataset-files.ts'
import { rolledOut } from './rolled-out.ts'
import { run, store, temporarySession } from './temporary.ts'

type Rolled = readonly [run: number, commands: readonly string[], outcome: 'resolved' | 'unresolved']

const ROLLED: readonly Rolled[] = [
  [1, ['ls', 'fix', 'pytest'], 'resolved'],
  [2, ['ls', 'cat', 'exit'], 'unresolved'],
  [3, ['ls', 'fix', 'exit'], 'resolved'],
  [4, ['ls', 'cat', 'fix'], 'unresolved'],
  [5, ['ls', 'fix', 'pytest'], 'resolved'],
]

function rolledIn(order: readonly number[], tasks: readonly string[] = ['t']): Session {
  const session = temporarySession()
  const job = session.record(() => session.jobs.create('rollout', '{}'))
  for (const task of tasks)
    for (const number of order) {
      const [at, commands, outcome] = ROLLED[number - 1] ?? [0, [], 'unresolved']
      rolledOut(session, job, at, commands, outcome, task)
    }
  return session
}

function acceptAll(session: Session): void {
  const analysis = new Analysis(session)
  for (const pair of analysis.pairs()) session.reviews.append([analysis.reviewed(pair)], 'accept', 'ada')
}

function only<T>(values: readonly T[]): T {
  const [value] = values
  if (value === undefined || values.length > 1) throw new Error(`${values.length} values`)
  return value
}

describe('a frozen dataset', () => {
  it('holds the accepted pairs with their literal prefix, and every trajectory with a known outcome', () => {
    const session = rolledIn([1, 2, 3, 4, 5])
    acceptAll(session)
    const frozen = freezeDataset(session, { pairs: 'accepted' })
    expect(frozen).toMatchObject({ trajectories: 4, resolved: 2, pairs: 1, dropped: [] })
    const { pairs, trajectories, hash } = readDataset(frozen.folder)
    expect(hash).toBe(frozen.hash)
    const pair = only(pairs)
    expect(pair).toMatchObject({ task: 't', depth: 1, weight: 1 })
    expect(pair.prefix.map(({ role }) => role)).toEqual(['user', 'assistant', 'tool'])
    expect(pair.chosen.toolCalls?.[0]?.arguments).toEqual({ command: 'fix' })
    expect(pair.rejected.toolCalls?.[0]?.arguments).toEqual({ command: 'cat' })
    expect(trajectories.map(({ id, outcome }) => [id, outcome])).toEqual([
      ['t#1', 'resolved'],
      ['t#2', 'unresolved'],
      ['t#3', 'resolved'],
      ['t#4', 'unresolved'],
    ])
    expect(session.datasets.get(frozen.id)).toMatchObject({ hash, pairs: 1, settings: { pairs: 'accepted' } })
  })

  it('is the same whatever order its rollouts ended in', () => {
    const hashes = [
      [1, 2, 3, 4, 5],
      [5, 4, 3, 2, 1],
      [3, 5, 1, 2, 4],
    ].map((order) => freezeDataset(rolledIn(order), { pairs: 'undecided' }).hash)
    expect(new Set(hashes).size).toBe(1)
  })

  it('takes the sides as the reviewer swapped them', () => {
    const session = rolledIn([1, 2, 3, 4])
    acceptAll(session)
    const analysis = new Analysis(session)
    const pair = analysis.reviewed(only([...analysis.pairs()]))
    session.reviews.append([pair], 'swap', 'ada')
    const dataset = readDataset(freezeDataset(session, { pairs: 'accepted' }).folder)
    expect(only(dataset.pairs).chosen.toolCalls?.[0]?.arguments).toEqual({ command: 'cat' })
  })

  it('gives calls the end tag back that a server cut off, everywhere, and leaves out pairs whose chosen action is malformed', () => {
    const cut = (command: string, malformed?: string): StepDraft => ({
      reply: { role: 'assistant', content: `<function=bash>\n<parameter=command>${command}</parameter>` },
      calls: [{ name: 'bash', arguments: { command } }],
      observation: [{ role: 'user', content: `ran ${command}` }],
      ...(malformed !== undefined && { malformed }),
    })
    const session = temporarySession()
    const drafts = (task: string, malformed?: string) => [
      run(task, 'a', [], 'resolved', { steps: [cut('ls'), cut('fix', malformed)] }),
      run(task, 'b', [], 'unresolved', { steps: [cut('ls'), cut('cat')] }),
    ]
    store(session, [...drafts('t'), ...drafts('u', 'no such tool')])
    acceptAll(session)
    const frozen = freezeDataset(session, { pairs: 'accepted' })
    const { pairs, trajectories } = readDataset(frozen.folder)
    const pair = only(pairs)
    expect(frozen.dropped).toEqual([{ id: expect.any(String), reason: 'the chosen action is malformed' }])
    const calls = [...pair.prefix.slice(1, 2), pair.chosen, pair.rejected]
    for (const { content } of calls) expect(content).toMatch(/<\/parameter>\n<\/function>$/)
    const open = trajectories.flatMap(({ steps }) =>
      steps.filter(({ reply }) => !reply.content.includes('</function>')),
    )
    expect(open.map(({ reply }) => reply.content)).toEqual([cut('fix').reply.content])
  })

  it('leaves benchmark tasks out while the guard is on', () => {
    const session = temporarySession()
    store(session, [
      run('django__django-1', 'a', ['ls', 'fix', 'x'], 'resolved', { repository: 'django/django' }),
      run('django__django-1', 'b', ['ls', 'cat', 'x'], 'unresolved', { repository: 'django/django' }),
    ])
    expect(freezeDataset(session, { pairs: 'undecided' })).toMatchObject({ trajectories: 0, pairs: 0 })
    session.change({ benchmarkGuard: false })
    expect(freezeDataset(session, { pairs: 'undecided' })).toMatchObject({ trajectories: 2, pairs: 1 })
  })

  it('takes shares of tasks or pairs that lie within larger shares, by seed', () => {
    const session = rolledIn([1, 2, 3, 4], ['a', 'b', 'c', 'd'])
    const tasksOf = (fraction: number, seed = 1) => {
      const { folder } = freezeDataset(session, { pairs: 'undecided', fraction, seed })
      return new Set(readDataset(folder).trajectories.map(({ task }) => task))
    }
    const half = tasksOf(0.5)
    expect(half.size).toBe(2)
    const most = tasksOf(0.75)
    expect([...half].filter((task) => !most.has(task))).toEqual([])
    expect(tasksOf(1).size).toBe(4)
    expect(
      Array.from({ length: 8 }, (_, seed) => [...tasksOf(0.25, seed)].join()).some((task, _, all) => task !== all[0]),
    ).toBe(true)
    expect(freezeDataset(session, { pairs: 'undecided', fraction: 0.5, fractionOf: 'pairs' })).toMatchObject({
      pairs: 2,
      trajectories: 16,
    })
  })

  it('takes only pairs of the merge mode and threshold it is asked for', () => {
    const session = rolledIn([1, 2, 3, 4])
    acceptAll(session)
    expect(freezeDataset(session, { pairs: 'accepted', threshold: 1 }).pairs).toBe(0)
    expect(freezeDataset(session, { pairs: 'accepted', threshold: 0.9 }).pairs).toBe(1)
    expect(freezeDataset(session, { pairs: 'accepted', merge: 'strict' }).pairs).toBe(0)
    expect(freezeDataset(session, { pairs: 'undecided', merge: 'strict' }).pairs).toBeGreaterThan(0)
  })
})

describe('the files of a dataset', () => {
  it('are named by their content, and freezing the same again leaves them alone', () => {
    const session = rolledIn([1, 2, 3, 4])
    const first = freezeDataset(session, { pairs: 'undecided' })
    expect(first.folder).toBe(join(dirname(session.path), 'datasets', first.hash.slice(0, 16)))
    expect(freezeDataset(session, { pairs: 'undecided' })).toMatchObject({ id: first.id, folder: first.folder })
    expect(readdirSync(dirname(first.folder))).toEqual([first.hash.slice(0, 16)])
  })

  it('say file and line where one is damaged, and freezing mends it', () => {
    const session = rolledIn([1, 2, 3, 4])
    const { folder } = freezeDataset(session, { pairs: 'undecided' })
    const path = join(folder, 'trajectories.jsonl')
    const whole = readFileSync(path, 'utf8')
    const lines = whole.split('\n')
    writeFileSync(path, [lines[0], lines[1]?.slice(0, 40), ...lines.slice(2)].join('\n'))
    expect(() => readDataset(folder)).toThrow(`${path}:2 is damaged`)
    writeFileSync(path, whole.replace('"outcome":"resolved"', '"outcome":"solved"'))
    expect(() => readDataset(folder)).toThrow(`${path}:1 is damaged: outcome`)
    writeFileSync(path, whole.replace('pytest', 'pytesT'))
    expect(() => readDataset(folder)).toThrow(`${path} is damaged: it does not match its hash`)
    writeFileSync(path, lines.slice(0, 2).join('\n'))
    expect(() => readDataset(folder)).toThrow(/4 lines were written/)
    appendFileSync(join(folder, 'dataset.json'), '{')
    expect(() => readDataset(folder)).toThrow('dataset.json is damaged')
    freezeDataset(session, { pairs: 'undecided' })
    expect(readDataset(folder).trajectories).toHaveLength(4)
    expect(() => readDataset(join(folder, 'gone'))).toThrow('cannot be read')
  })
})
