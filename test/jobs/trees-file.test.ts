import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Message } from '../../src/domain/message.ts'
import { writeTrees } from '../../src/jobs/trees-file.ts'
import type { DatasetPair, DatasetTrajectory } from '../../src/training/dataset.ts'
import { writeDataset } from '../../src/training/dataset-files.ts'
import { TreeLine } from '../../src/training/tree-line.ts'
import { has } from '../needs.ts'
import { temporaryFolder } from '../sessions/temporary.ts'

const prompt = (task: string): Message[] => [{ role: 'user', content: `Solve ${task}.` }]
const reply = (content: string): Message => ({ role: 'assistant', content })
const seen = (content: string): Message => ({ role: 'user', content })

function trajectory(id: string, task: string, replies: readonly string[], over = {}): DatasetTrajectory {
  const steps = replies.map((content) => ({ reply: reply(content), observation: [seen(`saw ${content}`)] }))
  return { id, task, repository: `o/${task}`, outcome: 'resolved', prompt: prompt(task), steps, ...over }
}

function pair(id: string, task: string, before: readonly string[], over: Partial<DatasetPair> = {}): DatasetPair {
  const path = before.flatMap((content) => [reply(content), seen(`saw ${content}`)])
  return {
    id,
    task,
    repository: `o/${task}`,
    depth: before.length,
    weight: 1,
    scores: { chosen: 1, rejected: 0 },
    prefix: [...prompt(task), ...path],
    chosen: reply('good'),
    rejected: reply('bad'),
    ...over,
  }
}

/** A frozen Dataset of the running test's own. */
function dataset(pairs: readonly DatasetPair[], trajectories: readonly DatasetTrajectory[]): string {
  return writeDataset(temporaryFolder(), { pairs, trajectories }, {}).folder
}

function linesOf(path: string): TreeLine[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => TreeLine.parse(JSON.parse(line)))
}

const SMALL = (): string =>
  dataset(
    [pair('p1', 'a', ['ls']), pair('p2', 'b', []), pair('p3', 'b', ['ls'], { chosen: reply('bad') })],
    [trajectory('t1', 'a', ['ls', 'good']), trajectory('t2', 'a', ['ls', 'bad'], { outcome: 'unresolved' })],
  )

describe('trees.jsonl of a dataset', () => {
  it('holds a line a task, says what it holds, and leaves the split to the trainer', () => {
    const path = join(temporaryFolder(), 'deep', 'trees.jsonl')
    expect(writeTrees(SMALL(), path)).toEqual({
      trees: 2,
      trajectories: 2,
      pairs: 2,
      dropped: [{ id: 'p3', reason: 'both actions are written the same' }],
    })
    const lines = linesOf(path)
    expect(lines.map(({ tree_id, repo, split, template }) => [tree_id, repo, split, template])).toEqual([
      ['a', 'o/a', null, 'model'],
      ['b', 'o/b', null, 'model'],
    ])
    expect(lines[0]?.trajectories).toEqual([
      { id: 't1', leaf: '3', resolved: true, source: 'dataset' },
      { id: 't2', leaf: '4', resolved: false, source: 'dataset' },
    ])
    expect(lines[0]?.pairs).toMatchObject([{ id: 'p1', at: '2', chosen: '3', rejected: '4' }])
    expect(readdirSync(join(path, '..')).sort()).toEqual(['trees.jsonl', 'trees.jsonl.made.json'])
  })

  it('gives each prompt of a task a tree of its own, under a name no task has', () => {
    const other = { prompt: [seen('Solve a, please.')] }
    const path = join(temporaryFolder(), 'trees.jsonl')
    const folder = dataset(
      [pair('p1', 'a', ['ls']), pair('p2', 'a', ['ls'], { tools: [{ name: 'bash' }] })],
      [trajectory('t1', 'a', ['ls']), trajectory('t2', 'a', ['ls'], other), trajectory('t3', 'a/2', ['ls'])],
    )
    expect(writeTrees(folder, path).trees).toBe(4)
    const lines = linesOf(path)
    expect(lines.map(({ tree_id, instance_id }) => [tree_id, instance_id])).toEqual([
      ['a', 'a'],
      ['a/3', 'a'],
      ['a/4', 'a'],
      ['a/2', 'a/2'],
    ])
    const together = lines.find(({ pairs }) => pairs[0]?.id === 'p1')
    expect(together?.trajectories.map(({ id }) => id)).toEqual(['t1'])
  })

  it('tells a demonstration in the prompt from the actions before a pair', () => {
    const shown = [seen('For example:'), reply('ls'), seen('a.py'), ...prompt('a')]
    const path = join(temporaryFolder(), 'trees.jsonl')
    const folder = dataset(
      [
        pair('p1', 'a', [], { prefix: shown }),
        pair('p2', 'a', [], { prefix: [...shown, reply('x'), seen('saw x')], depth: 1 }),
      ],
      [trajectory('t1', 'a', ['x', 'y'], { prompt: shown })],
    )
    expect(writeTrees(folder, path)).toMatchObject({ trees: 1, trajectories: 1, pairs: 2 })
    expect(linesOf(path)[0]?.nodes.map(({ kind, messages }) => [kind, messages.length])).toEqual([
      ['prompt', 4],
      ['action', 1],
      ['obs', 1],
      ['action', 1],
      ['action', 1],
      ['action', 1],
      ['action', 1],
      ['action', 1],
    ])
  })

  it('is left alone when it is there for the same dataset in the same form, and written anew otherwise', () => {
    const path = join(temporaryFolder(), 'trees.jsonl')
    const folder = SMALL()
    const first = writeTrees(folder, path)
    const { ino } = statSync(path)
    expect(writeTrees(folder, path)).toEqual(first)
    expect(statSync(path).ino).toBe(ino)
    writeTrees(folder, path, { template: 'qwen2.5' })
    expect(linesOf(path).map(({ template }) => template)).toEqual(['qwen2.5', 'qwen2.5'])
    const whole = readFileSync(path)
    writeFileSync(path, whole.subarray(0, 100))
    writeTrees(folder, path, { template: 'qwen2.5' })
    expect(readFileSync(path)).toEqual(whole)
    expect(writeTrees(dataset([pair('p9', 'z', [])], []), path)).toMatchObject({ trees: 1, trajectories: 0, pairs: 1 })
  })

  it('fails without a trace when it cannot be written, and keeps the file that was there', () => {
    const folder = temporaryFolder()
    const path = join(folder, 'trees.jsonl')
    mkdirSync(path)
    expect(() => writeTrees(SMALL(), path)).toThrow(/the trees cannot be written to .*trees\.jsonl \(EISDIR\)/)
    expect(readdirSync(folder)).toEqual(['trees.jsonl'])
  })

  it.skipIf(process.getuid?.() !== 0 || !has('mount'))('says that the disk is full, and leaves the old file', () => {
    const disk = temporaryFolder()
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk])
    onTestFinished(() => {
      execFileSync('umount', ['-l', disk])
    })
    const path = join(disk, 'trees.jsonl')
    writeTrees(SMALL(), path)
    const before = readFileSync(path)
    const large = dataset([], [trajectory('t1', 'a', ['x'.repeat(200_000)])])
    expect(() => writeTrees(large, path)).toThrow(/cannot be written to .*trees\.jsonl \(the disk is full\)/)
    expect(readFileSync(path)).toEqual(before)
    expect(readdirSync(disk).sort()).toEqual(['trees.jsonl', 'trees.jsonl.made.json'])
  })
})
