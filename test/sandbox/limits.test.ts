import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { describe, expect, onTestFinished, test } from 'vitest'
import { DEFAULT_SANDBOX_LIMITS } from '../../src/sandbox/sandbox.ts'
import { UsageWatch, type Watched } from '../../src/sandbox/usage-watch.ts'
import { temporaryFolder } from '../sessions/temporary.ts'
import { exec, ISOLATED, local, sandboxIn, wait } from './places.ts'

const MB = 1024 ** 2
const HOG = "node -e 'const held = []; for (;;) held.push(Buffer.alloc(10000000, 1))'"

function processesHere(): number {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).length
}

for (const place of ISOLATED)
  describe.skipIf(place.skipped)(`limits in ${place.name}`, { timeout: 60_000 }, () => {
    test('a fork bomb stays inside and ends with its command', async () => {
      const sandbox = await sandboxIn(place, { limits: { processes: 60 } })
      const before = processesHere()
      const bombing = exec(sandbox, 'bomb() { bomb | bomb & }; bomb; sleep 30', { timeoutMs: 3000 })
      let most = 0
      for (let n = 0; n < 20; n++) {
        await new Promise((resolve) => setTimeout(resolve, 100))
        most = Math.max(most, processesHere() - before)
      }
      const { timedOut, exitCode } = await bombing
      expect(timedOut || exitCode !== 0).toBe(true)
      // Other tests start processes of their own meanwhile.
      expect(most).toBeLessThan(250)
    })

    test('a fork bomb in the shell can be interrupted', async () => {
      const sandbox = await sandboxIn(place, { limits: { processes: 60 } })
      const shell = await sandbox.shell()
      await shell.run('bomb() { bomb | bomb & }; bomb; sleep 100', wait({ timeoutMs: 1000 }))
      await shell.interrupt()
      expect(shell.busy).toBe(false)
    })

    test('a memory hog is killed and named; the Sandbox goes on', async () => {
      const sandbox = await sandboxIn(place, { limits: { memoryBytes: 256 * MB } })
      expect(await exec(sandbox, HOG, { timeoutMs: 40_000 })).toMatchObject({
        exitCode: undefined,
        outOfMemory: true,
        timedOut: false,
      })
      expect(await exec(sandbox, 'echo fine; exit 3')).toMatchObject({
        output: 'fine\n',
        exitCode: 3,
        outOfMemory: false,
      })
      const shell = await sandbox.shell()
      expect(await shell.run(HOG, wait({ timeoutMs: 40_000 }))).toMatchObject({ end: 'exit', exitCode: 137 })
      expect((await shell.run('echo fine', wait())).output).toBe('fine\n')
    })
  })

test('a file cannot grow past the limit of a local Sandbox', async () => {
  const sandbox = await sandboxIn(local, { limits: { diskBytes: 5 * MB } })
  const result = await exec(sandbox, 'head -c 20000000 /dev/zero >big; echo $?; stat -c %s big')
  expect(result.output).toMatch(/153\n5242880\n$/)
})

describe('watching what the kernel does not hold', () => {
  test('memory and processes of a whole family are summed up', async () => {
    const hold = 'const held = Buffer.alloc(150000000, 1); setTimeout(() => held, 100000)'
    const idle = Array.from({ length: 20 }, () => 'sleep 1000 &').join(' ')
    const child = spawn('bash', ['-c', `${idle} "$0" -e '${hold}' & "$0" -e '${hold}' & wait`, process.execPath], {
      detached: true,
    })
    onTestFinished(() => void process.kill(-(child.pid ?? 0), 'SIGKILL'))
    const watch = new UsageWatch()
    const over = (limits: { memoryBytes: number; processes: number }): Promise<string> =>
      new Promise((resolve) => {
        const watched: Watched = {
          limits: { ...DEFAULT_SANDBOX_LIMITS, ...limits },
          folder: temporaryFolder(),
          roots: () => [child.pid ?? 0],
          held: false,
          overMemory: () => resolve('memory'),
          overProcesses: () => resolve('processes'),
          overDisk: () => resolve('disk'),
        }
        watch.add(watched)
        onTestFinished(() => watch.remove(watched))
      })
    expect(await over({ memoryBytes: 250 * MB, processes: 500 })).toBe('memory')
    expect(await over({ memoryBytes: 5000 * MB, processes: 2 })).toBe('processes')
  })
})
