import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { startOpenAiServer } from '../policy/openai-server.ts'
import { job, jobCli, jobProcesses, type ListedJob, rollouts, startAt, until } from './job-cli.ts'
import { call, FINISH, FIX, shell, SPOIL, VIEW, writeScript, writeSumTask } from './sum-task.ts'
import { needs } from '../needs.ts'

needs('bubblewrap', 'git')

test('a scripted job fills a session whose trees and pairs say what decided', () => {
  const cli = jobCli()
  writeSumTask(join(cli.folder, 'set'), 'sum')
  const script = writeScript(cli.folder, [{ replies: [VIEW, FIX, FINISH] }, { replies: [VIEW, SPOIL, FINISH] }])
  const ended = cli.json<{ job: string; rollouts: number; ended: ListedJob }>(
    ...['rollout', 'start', '--tasks', join(cli.folder, 'set'), '--runs', '4'],
    ...['--policy', 'scripted', '--script', script, '--wait'],
  )
  expect(ended).toMatchObject({ job: 'j1', rollouts: 4, ended: { state: 'done', done: 4, total: 4, resolved: 2 } })

  expect(rollouts(cli)).toMatchObject([
    { task: 'sum', state: 'resolved', end: 'finished', steps: 3 },
    { task: 'sum', state: 'unresolved', end: 'finished', steps: 3 },
    { task: 'sum', state: 'resolved' },
    { task: 'sum', state: 'unresolved' },
  ])
  expect(cli.json('tree', 'list', '--no-filter')).toMatchObject([
    { task: 'sum', trajectories: 4, resolved: 2, critical: 1 },
  ])
  const [pair] = cli.json<{ chosen: object; rejected: object }[]>('pair', 'list', '--no-filter')
  expect(pair).toMatchObject({ chosen: { n: 2, r: 2 }, rejected: { n: 2, r: 0 } })
  expect(cli.json('rollout', 'show', '1')).toMatchObject({
    verdict: { outcome: 'resolved', reason: 'tests' },
    patch: expect.stringContaining('+module.exports = (a, b) => a + b'),
  })
  expect(jobProcesses(cli)).toEqual([])
})

test('a job killed in the middle is shown as lost, and goes on without losing a stored step', async () => {
  const cli = jobCli()
  writeSumTask(join(cli.folder, 'set'), 'sum')
  const server = await startOpenAiServer(({ body }) => {
    const turn = body.messages.filter(({ role }) => role === 'assistant').length
    return { content: [VIEW, shell('cat sum.js'), FIX, FINISH][turn] ?? FINISH, firstDelayMs: 400 }
  })
  onTestFinished(() => server.close())
  await startAt(cli, server.url, '--runs', '2')

  await until(() => (rollouts(cli).every(({ steps }) => steps >= 2) ? true : undefined), 'two steps')
  const [pid = 0] = jobProcesses(cli)
  process.kill(pid, 'SIGKILL')
  await until(() => (job(cli)?.state === 'lost' ? true : undefined), 'the job to be lost')
  const before = rollouts(cli).map(({ steps }) => steps)

  expect(cli.run(['rollout', 'resume', 'j1']).stdout).toContain('goes on in a new process')
  await until(() => (job(cli)?.state === 'done' ? true : undefined), 'the job to be done')
  expect(before.every((steps) => steps >= 2)).toBe(true)
  expect(rollouts(cli)).toMatchObject([
    { state: 'resolved', steps: 4, attempt: 1 },
    { state: 'resolved', steps: 4, attempt: 1 },
  ])
  expect(cli.json('session', 'check')).toMatchObject({ ok: true, trajectories: 2, steps: 8 })
})

test('a lost job that nobody wants to go on is cancelled; what it did is kept, unscored', async () => {
  const cli = jobCli()
  writeSumTask(join(cli.folder, 'set'), 'sum')
  const script = writeScript(cli.folder, [{ replies: [VIEW, FIX, FINISH], delayMs: 400 }])
  const words = ['--policy', 'scripted', '--script', script, '--runs', '3', '--concurrency', '2']
  cli.run(['rollout', 'start', '--tasks', join(cli.folder, 'set'), ...words])
  await until(() => (rollouts(cli).filter(({ steps }) => steps >= 1).length === 2 ? true : undefined), 'two steps')
  for (const pid of jobProcesses(cli)) process.kill(pid, 'SIGKILL')
  await until(() => (job(cli)?.state === 'lost' ? true : undefined), 'the job to be lost')

  expect(cli.run(['rollout', 'cancel', 'j1']).stdout).toContain('cancelled: 1 2 3')
  expect(rollouts(cli).map(({ state }) => state)).toEqual(['cancelled', 'cancelled', 'cancelled'])
  expect(cli.json('tree', 'list', '--no-filter')).toMatchObject([{ task: 'sum', trajectories: 0, unknown: 2 }])
})

test('a job asked to stop ends in good order and can be resumed', async () => {
  const cli = jobCli()
  writeSumTask(join(cli.folder, 'set'), 'sum')
  const script = writeScript(cli.folder, [{ replies: [VIEW, FIX, shell('sleep 1'), FINISH], delayMs: 200 }])
  cli.run([
    'rollout',
    'start',
    '--tasks',
    join(cli.folder, 'set'),
    '--runs',
    '2',
    '--policy',
    'scripted',
    '--script',
    script,
  ])
  await until(() => (rollouts(cli).some(({ steps }) => steps >= 1) ? true : undefined), 'a step')
  cli.run(['job', 'stop'])
  await until(() => (job(cli)?.state === 'stopped' ? true : undefined), 'the job to stop')
  await until(() => (jobProcesses(cli).length === 0 ? true : undefined), 'the process to end')
  expect(rollouts(cli).every(({ state }) => state === 'queued')).toBe(true)
  cli.run(['rollout', 'resume', 'j1'])
  await until(() => (job(cli)?.state === 'done' ? true : undefined), 'the job to be done')
  expect(rollouts(cli)).toMatchObject([{ state: 'resolved' }, { state: 'resolved' }])
})

test('one rollout is paused, nudged, resumed and cancelled by rows', async () => {
  const cli = jobCli()
  writeSumTask(join(cli.folder, 'set'), 'sum')
  const seen: string[] = []
  const server = await startOpenAiServer(({ body }) => {
    seen.push(...body.messages.map(({ content }) => content ?? ''))
    return { content: shell(`echo step ${body.messages.length}`), firstDelayMs: 100 }
  })
  onTestFinished(() => server.close())
  await startAt(cli, server.url, '--runs', '1', '--turns', '500')
  await until(() => (rollouts(cli)[0]?.state === 'running' ? true : undefined), 'the rollout to run')

  cli.run(['rollout', 'pause', '1'])
  await until(() => (rollouts(cli)[0]?.state === 'paused' ? true : undefined), 'the pause')
  await sleep(800)
  const steps = rollouts(cli)[0]?.steps
  await sleep(500)
  expect(rollouts(cli)[0]?.steps).toBe(steps)

  cli.run(['rollout', 'nudge', '1', 'Look at sum.js first.'])
  cli.run(['rollout', 'resume', '1'])
  await until(() => (seen.some((text) => text.includes('Look at sum.js first.')) ? true : undefined), 'the nudge')
  cli.run(['rollout', 'cancel', '1'])
  await until(() => (rollouts(cli)[0]?.state === 'cancelled' ? true : undefined), 'the cancel')
  expect(rollouts(cli)[0]).toMatchObject({ end: 'cancelled', outcome: 'unknown' })
  const shown = cli.json<{ events: { kind: string; text?: string; by?: string }[] }>('rollout', 'show', '1')
  expect(shown.events).toContainEqual(
    expect.objectContaining({ kind: 'nudge', text: 'Look at sum.js first.', by: 'person' }),
  )
  await until(() => (job(cli)?.state === 'done' ? true : undefined), 'the job to be done')
})

test('a loop is flagged, nudged and ended, and the trajectory says so', () => {
  const cli = jobCli()
  writeSumTask(join(cli.folder, 'set'), 'sum')
  const script = writeScript(cli.folder, [{ replies: [shell('ls')], repeat: true }])
  const { ended } = cli.json<{ ended: ListedJob }>(
    ...['rollout', 'start', '--tasks', join(cli.folder, 'set'), '--runs', '1'],
    ...['--policy', 'scripted', '--script', script, '--wait'],
  )
  expect(ended.state).toBe('done')
  const shown = cli.json<{ end: string; stuck?: { rule: string }; events: { kind: string; effect?: string }[] }>(
    'rollout',
    'show',
    '1',
  )
  expect(shown).toMatchObject({ end: 'stuck', stuck: { rule: 'action-observation' } })
  expect(shown.events.filter(({ kind }) => kind === 'stuck').map(({ effect }) => effect)).toEqual(
    expect.arrayContaining(['nudged', 'stopped']),
  )
})

test('an endpoint that dies mid-way costs no step: the rollouts end as infrastructure, the job pauses and says why', async () => {
  const cli = jobCli()
  writeSumTask(join(cli.folder, 'set'), 'sum')
  const server = await startOpenAiServer(() => ({
    status: 401,
    body: { error: { message: 'bad key sk-abcdefghijklmnopqrstuvwxyz0123456789' } },
  }))
  onTestFinished(() => server.close())
  const ran = await cli.start(
    [
      'rollout',
      'start',
      '--tasks',
      join(cli.folder, 'set'),
      '--runs',
      '5',
      '--base-url',
      server.url,
      '--model',
      'test-model',
      '--concurrency',
      '1',
      '--wait',
      '--no-check',
    ],
    { OPENAI_API_KEY: 'sk-abcdefghijklmnopqrstuvwxyz0123456789' },
  )
  expect(ran.code).toBe(7)
  const shown = job(cli)
  expect(shown).toMatchObject({ state: 'paused', note: expect.stringContaining('key') })
  expect(rollouts(cli).every(({ state }) => state === 'queued')).toBe(true)
  expect(ran.stdout + ran.stderr + JSON.stringify(shown)).not.toContain('sk-abcdef')
})

test.each([
  {
    what: 'no server',
    words: ['--base-url', 'http://127.0.0.1:9/v1', '--model', 'm'],
    says: /does not answer/,
    code: 7,
  },
  { what: 'no base URL', words: [], says: /--base-url is missing/, code: 2 },
  { what: 'no script', words: ['--policy', 'scripted'], says: /needs --script/, code: 2 },
  {
    what: 'a script that is not there',
    words: ['--policy', 'scripted', '--script', '/nowhere.jsonl'],
    says: /does not exist/,
    code: 4,
  },
  {
    what: 'a cost limit without prices',
    words: ['--base-url', 'http://127.0.0.1:9', '--cost', '1'],
    says: /needs --prices/,
    code: 2,
  },
])('$what is told before anything starts', ({ words, says, code }) => {
  const cli = jobCli()
  writeSumTask(join(cli.folder, 'set'), 'sum')
  const ran = cli.run(['rollout', 'start', '--tasks', join(cli.folder, 'set'), ...words])
  expect(ran.stderr).toMatch(says)
  expect(ran.code).toBe(code)
  expect(cli.json('job', 'list')).toEqual([])
})

test('unknown tasks are named with what there is', () => {
  const cli = jobCli()
  writeSumTask(join(cli.folder, 'set'), 'sum')
  expect(cli.run(['task', 'import', join(cli.folder, 'set')]).code).toBe(0)
  const ran = cli.run(['rollout', 'start', '--tasks', 'humanevalfix-js', '--policy', 'scripted', '--script', '/x'])
  expect(ran.stderr).toContain('no task of the set humanevalfix-js')
  expect(ran.code).toBe(4)
})

test('a file among the tasks means the tasks in it, however often it is imported', () => {
  const cli = jobCli()
  const first = writeSumTask(join(cli.folder, 'one'), 'first')
  const second = writeSumTask(join(cli.folder, 'two'), 'second')
  cli.json('task', 'import', first, second)
  const script = writeScript(cli.folder, [{ replies: [FINISH] }])
  const words = ['--policy', 'scripted', '--script', script, '--runs', '1', '--rule', 'cycle=off', '--wait']
  for (const run of [1, 2])
    expect(cli.json('rollout', 'start', '--tasks', second, ...words)).toMatchObject({ job: `j${run}`, tasks: 1 })
  expect(rollouts(cli).map(({ task }) => task)).toEqual(['second', 'second'])
  expect(cli.run(['rollout', 'start', '--tasks', second, '--rule', 'cycle=maybe']).stderr).toContain(
    'expected RULE=off',
  )
})

test('a node is expanded: its prefix is replayed, the policy goes on from there', () => {
  const cli = jobCli()
  writeSumTask(join(cli.folder, 'set'), 'sum')
  const script = writeScript(cli.folder, [{ replies: [VIEW, SPOIL, FINISH] }, { replies: [VIEW, FIX, FINISH] }])
  cli.json(
    ...['rollout', 'start', '--tasks', join(cli.folder, 'set'), '--runs', '2'],
    ...['--policy', 'scripted', '--script', script, '--wait'],
  )
  const expanded = cli.json<{ job: string; prefixSteps: number }>(
    'rollout',
    'expand',
    'sum#1',
    '--runs',
    '2',
    '--no-filter',
    '--wait',
  )
  expect(expanded).toMatchObject({ job: 'j2', prefixSteps: 1 })
})

test('a benchmark’s trees are shown where it was rolled out, and never exported for training', () => {
  const cli = jobCli()
  const row = {
    task_id: 'JavaScript/0',
    prompt: '/* Sum. */\nconst sum = (a, b) => {\n',
    declaration: '\nconst sum = (a, b) => {\n',
    canonical_solution: '  return a + b;\n}\n\n',
    buggy_solution: '  return a - b;\n}\n\n',
    test: 'const testSum = () => {\n  console.assert(sum(2, 3) === 5)\n}\n\ntestSum()\n',
    entry_point: 'sum',
  }
  const rows = join(cli.folder, 'js.jsonl')
  writeFileSync(rows, `${JSON.stringify(row)}\n`)
  const edit = (text: string) =>
    call('str_replace_editor', {
      command: 'str_replace',
      path: '/workspace/JavaScript__0.js',
      old_str: 'a - b',
      new_str: text,
    })
  const script = writeScript(cli.folder, [
    { replies: [shell('ls'), edit('a + b'), FINISH] },
    { replies: [shell('ls'), edit('a * b'), FINISH] },
  ])
  cli.json('task', 'import', rows)
  expect(cli.json('task', 'check', 'humanevalfix-js')).toMatchObject([
    { task: 'JavaScript/0', resolvedWithReference: true, resolvedWithout: false, flaky: false, usable: true },
  ])
  cli.json(
    ...['rollout', 'start', '--tasks', 'humanevalfix-js', '--runs', '4'],
    ...['--policy', 'scripted', '--script', script, '--wait'],
  )
  expect(cli.json('tree', 'list')).toMatchObject([{ task: 'JavaScript/0', trajectories: 2, resolved: 1, critical: 1 }])
  const [pair] = cli.json<{ id: string; flags: string[] }[]>('pair', 'list')
  expect(pair?.flags).toContain('benchmark-repo')
  cli.json('pair', 'accept', pair?.id ?? '')
  const refused = cli.run(['export', 'trl', '--out', join(cli.folder, 'trl')])
  expect(refused.stderr).toContain('benchmark repository')
  const predictions = cli.json<{ rows: number; folder: string }>(
    'export',
    'predictions',
    '--out',
    join(cli.folder, 'p'),
  )
  expect(predictions.rows).toBe(4)
  const [first = ''] = readFileSync(join(cli.folder, 'p', 'predictions.jsonl'), 'utf8').split('\n')
  expect(JSON.parse(first)).toMatchObject({
    instance_id: 'JavaScript/0',
    model_name_or_path: expect.stringMatching(/^scripted\/run-[1-4]$/),
    model_patch: expect.stringContaining('a'),
  })
})
