import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { jobProcesses } from '../jobs/job-cli.ts'
import { Cli } from './cli.ts'

interface AblationDocument {
  readonly tables: readonly {
    readonly table: string
    readonly rows: readonly {
      readonly variant: string
      readonly seeds: number
      readonly pairs: number
      readonly resolved: { total: number }
    }[]
  }[]
}

test('measures each variant once, keeps what it measured, and prints tables with the paper’s figures beside', async () => {
  const cli = new Cli()
  onTestFinished(() => {
    for (const pid of jobProcesses(cli)) process.kill(pid, 'SIGKILL')
  })
  const out = join(cli.folder, 'ablation')
  const sizes = [
    '--train',
    '3',
    '--held-out',
    '1',
    '--collector-runs',
    '5',
    '--evaluation-runs',
    '1',
    '--first-seed',
    '7',
  ]
  const words = ['ablate', '--table', 'parts', '--seeds', '1', ...sizes, '--out', out]
  const first = await cli.start([...words, '--json'])
  expect(first.stderr).not.toMatch(/^sealign: /m)
  const document = JSON.parse(first.stdout) as AblationDocument
  const rows = document.tables[0]?.rows ?? []
  expect(rows.map(({ variant }) => variant)).toEqual([
    'base',
    'SFT only',
    'DPO only',
    'SFT + whole-trajectory DPO',
    'whole-trajectory DPO only',
    'SFT + DPO',
  ])
  for (const { seeds, resolved } of rows) {
    expect(seeds).toBe(1)
    expect(resolved.total).toBe(1)
  }
  expect(rows.at(-1)?.pairs).toBeGreaterThan(0)

  const results = join(out, 'results.jsonl')
  const before = readFileSync(results, 'utf8')
  const sessions = readdirSync(out).length
  writeFileSync(results, `${before}{"seed":7,"vari`)
  const again = await cli.start(words)
  expect(readdirSync(out)).toHaveLength(sessions)
  expect(again.stdout).toContain('Parts of the method (paper, table 5)')
  expect(again.stdout).toMatch(/SFT only .* 13 +22/)
  expect(again.stdout).toMatch(/SFT only .*[├●]/)

  writeFileSync(results, `not a result\n${before}`)
  const damaged = await cli.start(words)
  expect(damaged).toMatchObject({ code: 9, stderr: expect.stringContaining('results.jsonl:1') })
}, 240_000)
