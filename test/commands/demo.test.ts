import { describe, expect, onTestFinished, test } from 'vitest'
import { jobProcesses, until } from '../jobs/job-cli.ts'
import { Cli } from './cli.ts'

interface DemoDocument {
  readonly session: string
  readonly seed: number
  readonly report: {
    readonly evaluations: readonly {
      readonly name: string
      readonly model: string
      readonly state: string
      readonly rollouts: number
      readonly ended: number
      readonly infrastructure: number
      readonly facts: readonly { readonly task: string; readonly outcome: string; readonly turns: number }[]
    }[]
  }
}

function demoCli(): Cli {
  const cli = new Cli()
  onTestFinished(() => {
    for (const pid of jobProcesses(cli)) process.kill(pid, 'SIGKILL')
  })
  return cli
}

const SMALL = ['demo', '--tasks', '3', '--fast', '--seed', '7']

describe('sealign demo', () => {
  test('without a terminal goes from tasks to the report; the same seed gives the same numbers, isolated or not', async () => {
    const documents = await Promise.all(
      [{}, { SEALIGN_BWRAP: '/nowhere/bwrap' }].map(async (env) => {
        const cli = demoCli()
        const { code, stdout, stderr } = await cli.start([...SMALL, '--json'], env)
        expect(stderr).not.toMatch(/^sealign: /m)
        expect(code).toBe(0)
        return { cli, document: JSON.parse(stdout) as DemoDocument }
      }),
    )
    const [first, second] = documents.map(({ document }) => document)
    expect(first?.session).toBe('demo')
    const evaluations = first?.report.evaluations ?? []
    expect(evaluations.map(({ name, state }) => `${name} ${state}`)).toEqual([
      'before done',
      'SFT done',
      'SFT+DPO done',
    ])
    expect(evaluations.map(({ model }) => model)).toEqual(['embedded base', 'embedded r1/sft', 'embedded r1/dpo'])
    for (const { ended, rollouts, infrastructure } of evaluations) {
      expect(ended).toBe(rollouts)
      expect(infrastructure).toBe(0)
    }
    const numbers = (document: DemoDocument | undefined): string =>
      JSON.stringify(
        document?.report.evaluations.map(({ facts }) =>
          facts.map(({ task, outcome, turns }) => [task, outcome, turns]),
        ),
      )
    expect(numbers(second)).toBe(numbers(first))

    const { cli } = documents[0] ?? {}
    const stats = cli?.json<{ accepted: number; pending: number }>('pair', 'stats', '--session', 'demo')
    expect(stats?.accepted).toBeGreaterThan(0)
    const tasks = cli?.json<{ task: string }[]>('tree', 'list', '--session', 'demo')
    expect(tasks).toHaveLength(3)
  }, 180_000)

  test('goes on where a killed process left it, and begins another session when it is done', async () => {
    const cli = demoCli()
    const begun = cli.start(SMALL)
    await until(() => {
      const { code, stdout } = cli.run(['job', 'list', '--session', 'demo', '--json'])
      const jobs = code === 0 ? (JSON.parse(stdout) as { policy: string; done: number }[]) : []
      return jobs.some(({ policy, done }) => policy === 'collector' && done >= 2) ? true : undefined
    }, 'some rollouts')
    for (const pid of jobProcesses(cli)) process.kill(pid, 'SIGKILL')
    expect((await begun).stderr).toMatch(/the process of the demonstration is gone/)

    const again = await cli.start([...SMALL, '--json'])
    expect(again).toMatchObject({ code: 0, stderr: expect.not.stringMatching(/^sealign: /m) })
    const document = JSON.parse(again.stdout) as DemoDocument
    expect(document.session).toBe('demo')
    expect(document.report.evaluations).toHaveLength(3)
    const jobs = cli.json<{ policy: string; done: number; total: number }[]>('job', 'list', '--session', 'demo')
    expect(jobs.filter(({ policy }) => policy === 'collector')).toHaveLength(1)

    const stopped = cli.start([...SMALL])
    await until(() => (cli.run(['session', 'info', '--session', 'demo-2']).code === 0 ? true : undefined), 'demo-2')
    cli.run(['job', 'stop', 'j1', '--session', 'demo-2'])
    expect((await stopped).stdout).toContain('stopped; `sealign demo` goes on with session demo-2')
  }, 180_000)

  test('says what is wrong with its arguments', () => {
    const cli = demoCli()
    expect(cli.run(['demo', '--tasks', '0'])).toMatchObject({ code: 2, stderr: expect.stringContaining('--tasks') })
    expect(cli.run(['demo', '--help']).stdout).toContain('sealign demo --seed 2')
  })
})
