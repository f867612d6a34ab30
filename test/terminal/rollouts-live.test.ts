import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { job, jobCli, jobProcesses, rollouts, until } from '../jobs/job-cli.ts'
import { FINISH, FIX, shell, SPOIL, VIEW, writeSumTask } from '../jobs/sum-task.ts'
import { startOpenAiServer } from '../policy/openai-server.ts'
import { Pty } from './pty.ts'
import { needs } from '../needs.ts'

needs('bubblewrap', 'git')

/** A server whose first two runs fix or spoil the task, and whose third goes round in a circle. */
async function server() {
  const running = await startOpenAiServer(({ body }) => {
    const turn = body.messages.filter(({ role }) => role === 'assistant').length
    const plans = [[VIEW, FIX, FINISH], [VIEW, SPOIL, FINISH], Array.from({ length: 30 }, () => shell('ls'))]
    const plan = plans[Number(body['seed'] ?? 0) % plans.length] ?? []
    return { content: plan[turn] ?? FINISH, firstDelayMs: 500, delayMs: 20 }
  })
  onTestFinished(() => running.close())
  return running
}

test('rollouts are seen live, a loop as it happens; killing screen and job costs nothing; trees and pairs open', async () => {
  const cli = jobCli()
  const { url } = await server()
  const set = join(cli.folder, 'set')
  writeSumTask(set, 'sum')
  await cli.start(['session', 'new', 's'])
  const env = { ...cli.env, SEALIGN_SESSION: 's' }
  const open = () => new Pty(process.execPath, ['dist/sealign.js'], { columns: 140, rows: 40, env })
  let pty = open()
  onTestFinished(() => pty.close())
  await pty.shows('Nothing is here yet')
  const words = ['rollout', 'start', '--session', 's', '--tasks', set, '--runs', '6', '--seed', '0', '--base-url', url]
  await cli.start([...words, '--concurrency', '3'])
  await pty.shows('▶ running')
  await pty.shows('the model is writing')
  await pty.shows('⟳ stuck', 20_000)

  process.kill(pty.pid, 'SIGKILL')
  await pty.ended()
  const [pid = 0] = jobProcesses(cli)
  process.kill(pid, 'SIGKILL')
  pty = open()
  await pty.shows('is lost', 15_000)
  await pty.type(':rollout resume j1')
  pty.press('\r')
  await pty.shows('goes on in a new process')
  await until(() => (job(cli)?.state === 'done' ? true : undefined), 'the job to be done', 120_000)
  await pty.shows('j1 done')
  expect(rollouts(cli).map(({ state }) => state)).toEqual([
    'resolved',
    'unresolved',
    'unresolved',
    'resolved',
    'unresolved',
    'unresolved',
  ])

  await pty.type('T')
  await pty.shows('view sum.js')
  await pty.type('3')
  await pty.shows('CHOSEN')
  await pty.type('q')
  expect((await pty.ended()).exitCode).toBe(0)
}, 240_000)

test('keys of the pane become requests: pause, nudge, resume, cancel', async () => {
  const cli = jobCli()
  const { url } = await server()
  const set = join(cli.folder, 'set')
  writeSumTask(set, 'sum')
  await cli.start(['session', 'new', 's'])
  await cli.start([
    'rollout',
    'start',
    '--session',
    's',
    '--tasks',
    set,
    '--runs',
    '1',
    '--seed',
    '2',
    '--stuck',
    'off',
    '--base-url',
    url,
  ])
  const env = { ...cli.env, SEALIGN_SESSION: 's' }
  const pty = new Pty(process.execPath, ['dist/sealign.js'], { columns: 120, rows: 30, env })
  onTestFinished(() => pty.close())
  await pty.shows('step 1 of 30')
  await pty.type('p')
  await pty.shows('⏸ paused')
  await pty.type('n')
  await pty.shows('message to')
  await pty.type('Look at sum.js')
  pty.press('\r')
  await pty.shows('nudge was asked for')
  await pty.type('p')
  await pty.shows('▶ running')
  await pty.shows('» person: Look at sum.js', 15_000)
  await pty.type('x')
  await pty.type('x')
  await pty.shows('cancelled', 15_000)
  await until(() => (job(cli)?.state === 'done' ? true : undefined), 'the job to be done')
  expect(rollouts(cli)).toMatchObject([{ state: 'cancelled', outcome: 'unknown' }])
}, 60_000)
