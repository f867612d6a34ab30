import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { SandboxError } from '../../src/sandbox/sandbox-error.ts'
import { temporaryFolder } from '../sessions/temporary.ts'
import { docker, exec, ISOLATED, local, PLACES, sandboxIn, spec } from './places.ts'

/** A server of the host that counts who comes. */
async function hostServer(): Promise<{ readonly port: number; readonly visits: () => number }> {
  let visits = 0
  const server = createServer((socket) => {
    visits++
    socket.end('host')
  })
  await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve))
  onTestFinished(() => void server.close())
  const address = server.address()
  return { port: typeof address === 'object' ? (address?.port ?? 0) : 0, visits: () => visits }
}

for (const place of ISOLATED)
  describe.skipIf(place.skipped)(`isolation in ${place.name}`, () => {
    test('there is no network but a loopback of its own', async () => {
      const { port, visits } = await hostServer()
      const sandbox = await sandboxIn(place)
      const names = (await exec(sandbox, 'tail -n +3 /proc/net/dev | cut -d: -f1')).output.trim().split(/\s+/)
      expect(names.filter((name) => !/^(lo|sit0|tunl0|ip6tnl0)$/.test(name))).toEqual([])
      const hosts = Object.values(networkInterfaces()).flatMap((list) => list?.map(({ address }) => address) ?? [])
      for (const host of new Set(['127.0.0.1', '172.17.0.1', ...hosts.filter((address) => address.includes('.'))]))
        expect((await exec(sandbox, `timeout 2 bash -c 'cat </dev/tcp/${host}/${port}'`)).exitCode).not.toBe(0)
      expect(visits()).toBe(0)
    })

    test('files, processes and variables of the host are out of sight and reach', async () => {
      const folder = temporaryFolder()
      writeFileSync(join(folder, 'secret'), 'host secret')
      process.env['SEALIGN_TEST_SECRET'] = 'environment-secret'
      onTestFinished(() => {
        delete process.env['SEALIGN_TEST_SECRET']
      })
      const sandbox = await sandboxIn(place)
      expect((await exec(sandbox, `cat ${folder}/secret; ls ${folder} ${process.cwd()} /home/*`)).output).not.toMatch(
        /host secret|package\.json/,
      )
      expect((await exec(sandbox, 'env; cat /proc/*/environ | tr "\\0" "\\n"')).output).not.toContain(
        'environment-secret',
      )
      expect((await exec(sandbox, 'cat /etc/shadow /proc/kcore >/tmp/x; grep -c root: /tmp/x')).output).not.toContain(
        '$',
      )
      const pids = (await exec(sandbox, 'set -- /proc/[0-9]*; echo $#')).output
      expect(Number(pids)).toBeLessThan(20)
      expect((await exec(sandbox, 'kill -9 -1; sleep 0.1').catch(() => undefined))?.exitCode).not.toBe(0)
      process.kill(process.pid, 0)
    })

    test('the kernel and the system are read-only', async () => {
      const sandbox = await sandboxIn(place)
      const pattern = readFileSync('/proc/sys/kernel/core_pattern', 'utf8')
      const tries = [
        // The value it has already: a hole must not harm the machine that runs the test.
        'cat /proc/sys/kernel/core_pattern >/tmp/same && cat /tmp/same >/proc/sys/kernel/core_pattern',
        'cat /proc/sys/vm/swappiness >/tmp/same && cat /tmp/same >/proc/sys/vm/swappiness',
        '[ -w /proc/sysrq-trigger ]',
        'mount -t tmpfs none /mnt',
        'mknod /tmp/sda b 8 0',
        'unshare --mount true',
        'chroot / true',
        'date -s "$(date)"',
        'sysctl -w kernel.hostname=x',
      ]
      for (const script of tries)
        expect({ script, exitCode: (await exec(sandbox, script)).exitCode || 0 }).not.toEqual({ script, exitCode: 0 })
      expect(readFileSync('/proc/sys/kernel/core_pattern', 'utf8')).toBe(pattern)
      expect((await exec(sandbox, 'grep -E "^(CapEff|NoNewPrivs)" /proc/self/status')).output).toMatch(
        /NoNewPrivs:\s+1/,
      )
    })

    test('dying with everything inside is noticed and leaves a Sandbox that works, or one that says it is gone', async () => {
      const sandbox = await sandboxIn(place)
      const shell = await sandbox.shell()
      const outcome = await shell.run('kill -KILL -1; sleep 5', { timeoutMs: 20_000, maxBytes: 1000 }).then(
        ({ end }) => end,
        (error: SandboxError) => `${error.name} ${error.fault}`,
      )
      expect(['SandboxError gone', 'exit', 'lost']).toContain(outcome)
      expect((await exec(await sandboxIn(place), 'echo next')).output).toBe('next\n')
    })
  })

describe.skipIf(docker.skipped)('network on request', () => {
  test('bubblewrap shares the network of the host when the task needs it', async () => {
    const { port, visits } = await hostServer()
    const sandbox = await sandboxIn(local, { network: true })
    expect((await exec(sandbox, `cat </dev/tcp/127.0.0.1/${port}`)).output).toBe('host')
    expect(visits()).toBe(1)
  })

  test('a container gets an interface of its own', async () => {
    const sandbox = await sandboxIn(docker, { network: true })
    expect((await exec(sandbox, 'cat /proc/net/dev')).output).toContain('eth0')
  })
})

describe('our own Node', () => {
  for (const place of PLACES)
    test.skipIf(place.skipped)(`runs in ${place.name}`, async () => {
      const sandbox = await sandboxIn(place)
      expect((await exec(sandbox, 'node -p process.version')).output.trim()).toBe(process.version)
      expect((await exec(sandbox, 'git --version')).exitCode).toBe(0)
    })
})

test('a working folder that is no absolute path is refused', async () => {
  await expect(local.provider().create(spec({ workdir: 'relative' }))).rejects.toMatchObject({ fault: 'refused' })
})
