import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { jobCli, type ListedJob } from '../jobs/job-cli.ts'
import { call, FINISH, FIX, shell, SPOIL, VIEW, writeScript, writeSumTask } from '../jobs/sum-task.ts'
import { needs } from '../needs.ts'
import type { EvaluationReport } from '../../src/evaluation/report.ts'
import type { Cli } from './cli.ts'

needs('bubblewrap', 'git')

interface Started {
  readonly evaluation: string
  readonly name: string
  readonly job: string
  readonly tasks: number
  readonly rollouts: number
  readonly ended: ListedJob
}

/** Evaluates a script, replies by task, on the tasks of the folder `set`. */
function evaluate(
  cli: Cli,
  name: string,
  replies: Readonly<Record<string, readonly string[]>>,
  ...words: string[]
): Started {
  const script = writeScript(
    cli.folder,
    Object.entries(replies).map(([task, said]) => ({ task, replies: said })),
  )
  return cli.json<Started>(
    ...['eval', 'start', '--name', name, '--tasks', join(cli.folder, 'set'), '--concurrency', '1'],
    ...['--policy', 'scripted', '--script', script, '--wait', ...words],
  )
}

const MISSING = call('str_replace_editor', { command: 'str_replace', path: '/workspace/sum.js' })

describe('two evaluations of scripted policies', () => {
  const cliWith = (): Cli => {
    const cli = jobCli()
    writeSumTask(join(cli.folder, 'set'), 'one')
    writeSumTask(join(cli.folder, 'set'), 'two')
    return cli
  }

  test('are measured, reported, compared, and left out of trees', () => {
    const cli = cliWith()
    const before = evaluate(cli, 'before', {
      one: [VIEW, MISSING, SPOIL, FINISH],
      two: [shell('ls'), shell('ls'), shell('ls'), FINISH],
    })
    expect(before).toMatchObject({ evaluation: 'e1', name: 'before', tasks: 2, rollouts: 2, ended: { state: 'done' } })
    evaluate(cli, 'after', { one: [VIEW, FIX, FINISH], two: [VIEW, FIX, FINISH] })
    expect(cli.json('eval', 'list')).toMatchObject([
      { id: 'e1', name: 'before', model: 'scripted', state: 'done', done: 2, total: 2, resolved: 0 },
      { id: 'e2', name: 'after', resolved: 2 },
    ])
    expect(
      cli
        .json<{ trajectories: number }[]>('tree', 'list', '--no-filter')
        .filter(({ trajectories }) => trajectories > 0),
    ).toEqual([])

    const report = cli.json<EvaluationReport>('eval', 'report')
    expect(report.evaluations).toMatchObject([
      {
        name: 'before',
        state: 'done',
        rollouts: 2,
        ended: 2,
        infrastructure: 0,
        tasks: 2,
        resolved: { count: 0, total: 2 },
        emptyPatch: { count: 1 },
        stuck: { count: 1 },
        invalidCall: { count: 1 },
        turns: 4,
        failures: { instruction: 0, tool: 1, loop: 1, other: 0 },
      },
      { name: 'after', resolved: { count: 2, total: 2, rate: 1 }, turns: 3, emptyPatch: { count: 0 } },
    ])
    const [first] = report.evaluations
    expect(first?.facts.flatMap(({ signs }) => signs)).toEqual(
      expect.arrayContaining([
        { kind: 'tool', step: 2, says: 'wrong or missing parameter' },
        { kind: 'loop', step: 1, says: 'the same action ×3' },
      ]),
    )
    expect(report.comparisons).toMatchObject([
      {
        before: 'e1',
        after: 'e2',
        tasks: 2,
        better: ['one', 'two'],
        worse: [],
        same: 0,
        p: 0.5,
        resolved: { delta: 1 },
      },
    ])

    const text = cli.run(['eval', 'report']).stdout
    expect(text).toMatch(/before +0 % \[0, 66\] +50 % \[9, 91\]/)
    expect(text).toContain(
      'after against before, 2 tasks: 2 better, 0 worse, 0 same, p = .500 (exact); resolved +100 points',
    )
    expect(text).toMatch(/tool: malformed call, wrong or missing parameter +1 +0/)
    expect(text).toMatch(/SWE-bench Lite, table 2 +SEAlign-14B +17.7 % +17.0 % +22.0 %/)
    expect(text).not.toContain('OpenHands (GPT-4o)')
    expect(cli.run(['eval', 'report', '--all-paper']).stdout).toContain('OpenHands (GPT-4o)')

    const compared = cli.run(['eval', 'compare', 'before', 'e2']).stdout
    expect(compared).toMatch(/better +one +0\/1 resolved \(rollout 1\) +1\/1 resolved \(rollout 3\)/)
    expect(cli.json('eval', 'compare', 'before', 'after')).toMatchObject({
      better: ['one', 'two'],
      flips: [{ task: 'one', way: 'better', before: { rollouts: [1] }, after: { rollouts: [3] } }, { task: 'two' }],
    })
  })

  test('of one name are told apart, and bad names are answered with what there is', () => {
    const cli = cliWith()
    evaluate(cli, 'base', { one: [VIEW, FIX, FINISH] }, '--limit', '1')
    expect(evaluate(cli, 'base', { one: [VIEW, FINISH] }, '--limit', '1')).toMatchObject({
      name: 'base-2',
      evaluation: 'e2',
    })
    const wrong = cli.run(['eval', 'report', 'nothing'])
    expect(wrong.code).toBe(4)
    expect(wrong.stderr).toContain('there is no evaluation nothing in this session')
    expect(wrong.stderr).toContain('There are base (e1), base-2 (e2).')
    expect(cli.json<EvaluationReport>('eval', 'report', 'e2').evaluations).toMatchObject([{ name: 'base-2' }])
  })
})

test('a session without evaluations says how to begin', () => {
  const cli = jobCli()
  cli.run(['session', 'new', 'empty'])
  expect(cli.run(['eval', 'report']).stdout).toContain('sealign eval start --name before')
  expect(cli.run(['eval', 'list']).stdout).toContain('There are no evaluations')
  expect(cli.run(['eval', 'compare', 'a', 'b'])).toMatchObject({ code: 4 })
})
