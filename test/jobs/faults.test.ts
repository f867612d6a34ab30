import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { testImage } from '../engine.ts'
import { startOpenAiServer } from '../policy/openai-server.ts'
import { job, jobCli, jobProcesses, type ListedJob, rollouts, startAt, until } from './job-cli.ts'
import { FINISH, FIX, shell, VIEW, writeScript, writeSumTask } from './sum-task.ts'
import { has, needs } from '../needs.ts'

needs('bubblewrap', 'git')

const engine = await testImage()

interface Shown {
  readonly end: string
  readonly infrastructure?: string
  readonly outcome: string
  readonly steps: number
  readonly actions: readonly string[]
}

function start(cli: ReturnType<typeof jobCli>, script: readonly object[], ...words: string[]) {
  const set = join(cli.folder, 'set')
  writeSumTask(set, 'sum')
  const path = writeScript(cli.folder, script)
  return cli.run([
    'rollout',
    'start',
    '--tasks',
    set,
    '--runs',
    '1',
    '--policy',
    'scripted',
    '--script',
    path,
    ...words,
  ])
}

describe('what a model or its commands do wrong costs only the rollout', () => {
  test('a reply of 10 MB, a gigabyte of output and binary output are steps like any other', async () => {
    const cli = jobCli()
    const replies = [
      shell('head -c 1000000000 /dev/zero | tr "\\0" x'),
      shell('head -c 2000 /dev/urandom'),
      { content: 'x'.repeat(10_000_000) },
      FIX,
      FINISH,
    ]
    const ran = start(cli, [{ replies }], '--wait', '--memory', '0.5')
    expect(ran.stdout).toContain('1 of 1 rollout done, 1 resolved')
    const shown = cli.json<Shown>('rollout', 'show', '1')
    expect(shown).toMatchObject({ end: 'finished', outcome: 'resolved', steps: 5 })
    expect(cli.json('session', 'check')).toMatchObject({ ok: true })
  }, 120_000)

  test('a fork bomb ends its own rollout at most: the next one goes on as if nothing had been', () => {
    const cli = jobCli()
    const ran = start(
      cli,
      [{ replies: [shell('bomb() { bomb | bomb & }; bomb; sleep 1'), FIX, FINISH] }, { replies: [FIX, FINISH] }],
      ...['--wait', '--runs', '2', '--concurrency', '1'],
    )
    expect(ran.stdout).toContain('2 of 2 rollouts done')
    const [bombed, after] = rollouts(cli)
    expect(bombed?.steps).toBeGreaterThanOrEqual(1)
    expect(after).toMatchObject({ state: 'resolved', end: 'finished' })
  }, 120_000)

  test('a command that never ends gives control back, and the turn limit ends the rollout', () => {
    const cli = jobCli()
    const silent =
      '<function=execute_bash>\n<parameter=command>sleep 1000</parameter>\n<parameter=timeout>1</parameter>\n</function>'
    const replies = [
      silent,
      VIEW,
      shell('C-c').replace('</function>', '<parameter=is_input>true</parameter>\n</function>'),
      VIEW,
    ]
    const ran = start(cli, [{ replies }], '--wait', '--turns', '4')
    expect(ran.code).toBe(0)
    expect(cli.json<Shown>('rollout', 'show', '1')).toMatchObject({
      end: 'turn-limit',
      outcome: 'unresolved',
      steps: 4,
    })
  })
})

describe('an endpoint', () => {
  test('without the model that was asked for is told before anything starts', async () => {
    const cli = jobCli()
    writeSumTask(join(cli.folder, 'set'), 'sum')
    const server = await startOpenAiServer(() => FINISH)
    onTestFinished(() => server.close())
    const ran = await startAt(cli, server.url, '--model', 'gpt-9')
    expect(ran).toMatchObject({ code: 7, stderr: expect.stringContaining('has no model "gpt-9"') })
    expect(ran.stderr).toContain('It has: test-model')
  })

  test('that goes down in the middle costs no stored step', async () => {
    const cli = jobCli()
    writeSumTask(join(cli.folder, 'set'), 'sum')
    const server = await startOpenAiServer((_, index) => (index === 0 ? VIEW : { none: 'reset' }))
    onTestFinished(() => server.close())
    const ran = await startAt(cli, server.url, '--runs', '1', '--patience', '1', '--wait')
    expect(ran.stdout).toContain('1 failed without the policy’s fault')
    const shown = cli.json<Shown>('rollout', 'show', '1')
    expect(shown).toMatchObject({ end: 'infrastructure', outcome: 'unknown', steps: 1 })
    expect(shown.infrastructure).toMatch(/127\.0\.0\.1/)
  })

  test('that says the context is full ends the rollout at its limit, graded', async () => {
    const cli = jobCli()
    writeSumTask(join(cli.folder, 'set'), 'sum')
    const server = await startOpenAiServer((_, index) =>
      index === 0
        ? FIX
        : {
            status: 400,
            body: {
              object: 'error',
              message:
                "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens (4744 in the messages, 256 in the completion).",
            },
          },
    )
    onTestFinished(() => server.close())
    await startAt(cli, server.url, '--runs', '1', '--wait')
    expect(cli.json<Shown>('rollout', 'show', '1')).toMatchObject({
      end: 'context-limit',
      outcome: 'resolved',
      steps: 1,
    })
  })
})

describe.skipIf(process.getuid?.() !== 0 || !has('mount'))('a disk', () => {
  /** A file system of the test's own. */
  function mounted(cli: ReturnType<typeof jobCli>, size: string): string {
    const disk = join(cli.folder, 'disk')
    mkdirSync(disk)
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', disk])
    onTestFinished(() => {
      execFileSync('umount', ['-l', disk])
    })
    return disk
  }
  const replies = Array.from({ length: 300 }, (_, at) =>
    shell(`tail -c +${at * 1000 + 1} /bin/bash | head -c 20000 | base64`),
  )
  const long = ['--turns', '300', '--context', '10000000']

  test('that is nearly full makes the job wait and say so', async () => {
    const cli = jobCli()
    const session = join(mounted(cli, '20m'), 's.db')
    start(cli, [{ replies }], '--session', session)
    const waiting = await until(() => {
      const [row] = cli.json<ListedJob[]>('job', 'list', '--session', session)
      return row?.state === 'waiting' ? row : undefined
    }, 'the job to wait')
    expect(waiting.note).toMatch(/of disk are free, .* are needed/)
    cli.run(['job', 'stop', '--session', session])
    await until(() => (jobProcesses(cli).length === 0 ? true : undefined), 'the process to end')
  })

  test('that fills up in the middle ends the job with one sentence; what was stored is sound, and it goes on later', async () => {
    const cli = jobCli()
    const disk = mounted(cli, '4g')
    const session = join(disk, 's.db')
    const resize = (size: string) => execFileSync('mount', ['-o', `remount,size=${size}`, disk])
    start(cli, [{ replies, delayMs: 50 }], '--session', session, ...long)
    const steps = () => cli.json<{ steps: number }[]>('rollout', 'list', '--session', session)[0]?.steps ?? 0
    await until(() => (steps() >= 2 ? true : undefined), 'two steps')
    const used = Number(execFileSync('df', ['--output=used', '-k', disk], { encoding: 'utf8' }).split('\n')[1])
    resize(`${used + 600}k`)
    spawnSync('dd', ['if=/dev/zero', `of=${join(disk, 'filler')}`, 'bs=4k'])
    await until(() => (jobProcesses(cli).length === 0 ? true : undefined), 'the process to end', 60_000)
    resize('4g')
    expect(
      cli.run(['job', 'log', '--session', session]).stdout +
        JSON.stringify(cli.json('job', 'list', '--session', session)),
    ).toMatch(/disk is full/)
    expect(cli.json('session', 'check', '--session', session)).toMatchObject({ ok: true })
    const kept = steps()
    expect(kept).toBeGreaterThanOrEqual(2)
    cli.run(['rollout', 'resume', 'j1', '--session', session])
    await until(() => (steps() > kept ? true : undefined), 'the rollout to go on', 60_000)
  }, 150_000)
})

test('commands of a model are not run without isolation', async () => {
  const cli = jobCli()
  writeSumTask(join(cli.folder, 'set'), 'sum')
  const server = await startOpenAiServer(() => FINISH)
  onTestFinished(() => server.close())
  const words = ['rollout', 'start', '--tasks', join(cli.folder, 'set'), '--base-url', server.url]
  const ran = await cli.start(words, { SEALIGN_BWRAP: '/nowhere/bwrap' })
  expect(ran).toMatchObject({ code: 6, stderr: expect.stringContaining('bubblewrap') })
  expect(cli.json('job', 'list')).toEqual([])
})

describe.skipIf(!engine.available)(`docker${engine.note}`, () => {
  const docker = ['--sandbox', 'docker', '--image', engine.image]

  test('an engine that does not answer is told before anything starts', () => {
    const cli = jobCli()
    writeSumTask(join(cli.folder, 'set'), 'sum')
    const path = writeScript(cli.folder, [{ replies: [FINISH] }])
    const ran = cli.run(
      ['rollout', 'start', '--tasks', join(cli.folder, 'set'), '--policy', 'scripted', '--script', path, ...docker],
      { env: { DOCKER_HOST: 'unix:///nowhere/docker.sock' } },
    )
    expect(ran.code).toBe(6)
    expect(ran.stderr).toMatch(/engine|docker/i)
  })

  test('an image that is not there is told before anything starts, and fails the rollout where nobody asked', () => {
    const cli = jobCli()
    const words = ['--sandbox', 'docker', '--image', 'nobody/nothing:1']
    const refused = start(cli, [{ replies: [FINISH] }], ...words)
    expect(refused).toMatchObject({ code: 6, stderr: expect.stringContaining('nobody/nothing:1') })
    expect(start(cli, [{ replies: [FINISH] }], ...words, '--no-check', '--wait').code).toBe(6)
    const shown = cli.json<Shown>('rollout', 'show', '1')
    expect(shown).toMatchObject({ end: 'infrastructure', outcome: 'unknown' })
    expect(shown.infrastructure).toContain('nobody/nothing:1')
  })

  test('a command that takes all the memory is killed and told so; the rollout goes on', () => {
    const cli = jobCli()
    const hog = shell("python3 -c 'x = bytearray(2 * 10**9); print(len(x))'")
    start(cli, [{ replies: [hog, FIX, FINISH] }], ...docker, '--memory', '0.25', '--wait')
    expect(cli.json<Shown>('rollout', 'show', '1')).toMatchObject({ end: 'finished', outcome: 'resolved', steps: 3 })
    cli.json('export', 'jsonl', '--out', join(cli.folder, 'out'), '--no-filter')
    const [line = ''] = readFileSync(join(cli.folder, 'out', 'trajectories.jsonl'), 'utf8').split('\n')
    const { steps } = JSON.parse(line) as { steps: { exitCode?: number }[] }
    expect(steps[0]?.exitCode).toBe(137)
  })

  test('a container killed in the middle is an infrastructure failure, its steps stay, and it can be done again', async () => {
    const cli = jobCli()
    start(cli, [{ replies: [VIEW, shell('sleep 30'), FINISH] }], ...docker)
    await until(() => (rollouts(cli)[0]?.steps === 1 ? true : undefined), 'the first step')
    const { argv } = await until(() => {
      const ran = cli.run(['rollout', 'shell', '1', '--json'])
      return ran.code === 0 ? (JSON.parse(ran.stdout) as { argv: string[] }) : undefined
    }, 'the container')
    const container = argv.find((word) => /^[0-9a-f]{12,64}$/.test(word)) ?? ''
    execFileSync('docker', ['kill', container])
    await until(() => (job(cli)?.state === 'done' ? true : undefined), 'the end')
    const shown = cli.json<Shown>('rollout', 'show', '1')
    expect(shown).toMatchObject({ end: 'infrastructure', outcome: 'unknown', steps: 1 })

    expect(cli.run(['rollout', 'requeue', '--failed']).stdout).toContain('queued again: 1')
    await until(() => ((rollouts(cli)[0]?.steps ?? 0) >= 1 ? true : undefined), 'a second attempt')
    expect(rollouts(cli)[0]?.attempt).toBe(2)
    cli.run(['rollout', 'cancel', 'j1'])
    await until(() => (job(cli)?.state === 'done' ? true : undefined), 'the end')
    expect(cli.json('session', 'check')).toMatchObject({ ok: true, trajectories: 2 })
  }, 60_000)

  test('an engine that goes away in the middle ends the rollout as infrastructure', async () => {
    const cli = jobCli()
    const proxy = await engineProxy(join(cli.folder, 'engine.sock'))
    onTestFinished(() => proxy.cut())
    const set = join(cli.folder, 'set')
    writeSumTask(set, 'sum')
    const path = writeScript(cli.folder, [{ replies: [VIEW, shell('sleep 20'), FINISH] }])
    const env = { DOCKER_HOST: `unix://${join(cli.folder, 'engine.sock')}` }
    await cli.start(
      ['rollout', 'start', '--tasks', set, '--runs', '1', '--policy', 'scripted', '--script', path, ...docker],
      env,
    )
    await until(() => (rollouts(cli)[0]?.steps === 1 ? true : undefined), 'the first step')
    proxy.cut()
    await until(() => (job(cli)?.state === 'done' ? true : undefined), 'the end', 60_000)
    expect(cli.json<Shown>('rollout', 'show', '1')).toMatchObject({
      end: 'infrastructure',
      outcome: 'unknown',
      steps: 1,
    })
  }, 90_000)

  test('containers of a job that was killed are gone once the next one starts', async () => {
    const cli = jobCli()
    start(cli, [{ replies: [VIEW, shell('sleep 30'), FINISH] }], ...docker)
    await until(() => (rollouts(cli)[0]?.steps === 1 ? true : undefined), 'the first step')
    const mine = () =>
      execFileSync('docker', ['ps', '-q', '--filter', `label=sealign.session=${sessionPath(cli)}`], {
        encoding: 'utf8',
      })
        .split('\n')
        .filter(Boolean)
    expect(mine()).toHaveLength(1)
    const [before] = mine()
    for (const pid of jobProcesses(cli)) process.kill(pid, 'SIGKILL')
    await until(() => (job(cli)?.state === 'lost' ? true : undefined), 'the job to be lost')
    cli.run(['rollout', 'resume', 'j1'])
    await until(() => (mine().includes(before ?? '') ? undefined : true), 'the orphan to be swept')
    cli.run(['rollout', 'cancel', 'j1'])
    await until(() => (job(cli)?.state === 'done' ? true : undefined), 'the end')
    await until(() => (mine().length === 0 ? true : undefined), 'no container')
  }, 90_000)
})

function sessionPath(cli: ReturnType<typeof jobCli>): string {
  return cli.json<{ path: string }>('session', 'info').path
}

/** A socket in front of the real engine, which can be cut. */
async function engineProxy(path: string): Promise<{ cut(): void }> {
  const open = new Set<Socket>()
  const server = createServer((socket) => {
    const real = connect('/var/run/docker.sock')
    for (const [from, to] of [
      [socket, real],
      [real, socket],
    ] as const) {
      open.add(from)
      from.pipe(to)
      from.on('error', () => to.destroy())
      from.on('close', () => {
        open.delete(from)
        to.destroy()
      })
    }
  })
  await new Promise<void>((resolve) => server.listen(path, resolve))
  return {
    cut() {
      server.close()
      for (const socket of open) socket.destroy()
      if (existsSync(path)) rmSync(path)
    },
  }
}
