import { expect, onTestFinished, test } from 'vitest'
import { Cli } from '../commands/cli.ts'
import { jobProcesses, until } from '../jobs/job-cli.ts'
import { Pty } from './pty.ts'

test('the demonstration opens the workbench, leads it, and goes on when the person leaves', async () => {
  const cli = new Cli()
  const pty = new Pty(process.execPath, ['dist/sealign.js', 'demo', '--fast', '--tasks', '3', '--seed', '7'], {
    columns: 120,
    rows: 30,
    env: cli.env,
  })
  onTestFinished(async () => {
    for (const pid of jobProcesses(cli)) process.kill(pid, 'SIGKILL')
    await pty.close()
  })
  await pty.shows('demo 2/7 collect')
  await pty.shows('LAST ACTION')
  await pty.shows('view workspace', 20_000)
  pty.press('4')
  await pty.shows('1 shows it')
  pty.resize(60, 16)
  await pty.shows('demo 2/7 collect')
  pty.press('q')
  await until(() => pty.exit, 'the end')
  expect(pty.exit?.exitCode).toBe(0)
  expect(pty.raw).toContain('The demonstration is session demo: `sealign --session demo` shows it again')

  expect(jobProcesses(cli).length).toBeGreaterThan(0)
  cli.run(['job', 'stop', 'j1', '--session', 'demo'])
  await until(() => (jobProcesses(cli).length === 0 ? true : undefined), 'the jobs to stop')
  expect(cli.json('session', 'check', '--session', 'demo')).toMatchObject({ ok: true })
}, 90_000)
