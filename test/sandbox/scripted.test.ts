import { expect, onTestFinished, test } from 'vitest'
import type { Sandbox } from '../../src/sandbox/sandbox.ts'
import { createScriptedProvider, type SandboxScript } from '../../src/sandbox/scripted.ts'
import { exec, spec, wait } from './places.ts'

async function scripted(script: SandboxScript, files = {}): Promise<Sandbox> {
  const provider = createScriptedProvider(script)
  onTestFinished(() => provider.close())
  return provider.create(spec({ files }))
}

test('commands are answered from a table; unknown ones like unknown programs', async () => {
  const sandbox = await scripted({ ls: 'a.txt\n', 'pytest -q': { output: '1 failed\n', exitCode: 1 } })
  const shell = await sandbox.shell()
  expect(await shell.run('ls', wait())).toMatchObject({
    end: 'exit',
    output: 'a.txt\n',
    bytes: 6,
    exitCode: 0,
    cwd: '/testbed',
  })
  expect(await shell.run('pytest -q', wait())).toMatchObject({ output: '1 failed\n', exitCode: 1 })
  expect(await shell.run('constructor', wait())).toMatchObject({
    output: 'bash: constructor: command not found\n',
    exitCode: 127,
  })
  expect(await exec(sandbox, 'ls')).toMatchObject({ output: 'a.txt\n', exitCode: 0, timedOut: false })
})

test('a function sees folder and files, and may change both', async () => {
  const sandbox = await scripted(
    (command, { cwd, files }) => {
      if (command === 'cd sub') return { cwd: `${cwd}/sub` }
      if (command === 'fix') return { writes: { 'a.txt': 'fixed' } }
      return `${cwd} ${files.get('/testbed/a.txt')}`
    },
    { 'a.txt': 'broken' },
  )
  const shell = await sandbox.shell()
  await shell.run('cd sub', wait())
  await shell.run('fix', wait())
  expect((await shell.run('?', wait())).output).toBe('/testbed/sub fixed')
  expect(await sandbox.readFile('a.txt', 3)).toEqual({ bytes: Buffer.from('fix'), size: 5, directory: false })
  expect(await sandbox.readFile('/testbed', 3)).toMatchObject({ directory: true })
  expect(await sandbox.readFile('b', 3)).toBeUndefined()
})

test('time passes: quiet, time-out, waiting on, keys, interrupts and lost shells', async () => {
  const sandbox = await scripted({
    slow: { delayMs: 150, output: 'done' },
    die: { lost: true, exitCode: 3 },
    forever: { delayMs: 1e6 },
  })
  const shell = await sandbox.shell()
  expect(await shell.run('slow', wait({ quietMs: 20 }))).toMatchObject({ end: 'quiet', output: '' })
  expect(shell.busy).toBe(true)
  expect(await shell.input({ type: 'wait' }, wait({ timeoutMs: 20 }))).toMatchObject({ end: 'timeout' })
  expect(await shell.input({ type: 'wait' }, wait())).toMatchObject({ end: 'exit', output: 'done' })
  await shell.run('forever', wait({ timeoutMs: 10 }))
  expect(await shell.input({ type: 'key', key: 'C-c' }, wait())).toMatchObject({ end: 'exit', exitCode: 130 })
  await shell.run('forever', wait({ timeoutMs: 10 }))
  expect(await shell.interrupt()).toEqual({ lost: false })
  expect(shell.busy).toBe(false)
  expect(await shell.run('die', wait())).toMatchObject({ end: 'lost', exitCode: 3, cwd: undefined })
  expect(await exec(sandbox, 'forever', { timeoutMs: 10 })).toMatchObject({ timedOut: true, exitCode: undefined })
  const signal = AbortSignal.timeout(20)
  await expect(exec(sandbox, 'forever', { signal })).rejects.toThrow('aborted')
})

test('snapshots keep files; long output is capped; a closed one is gone', async () => {
  const provider = createScriptedProvider({ flood: 'x'.repeat(1000) })
  const first = await provider.create(spec({ files: { a: '1' } }))
  await first.writeFile('b/c', '2')
  const snapshot = await first.snapshot()
  await first.writeFile('a', 'later')
  const second = await provider.create(spec({ from: snapshot }))
  expect((await second.readFile('a', 9))?.bytes.toString()).toBe('1')
  expect((await second.readFile('b/c', 9))?.bytes.toString()).toBe('2')
  expect((await exec(second, 'flood', { maxBytes: 10 })).output).toBe('xxxxx\n[... 990 bytes left out ...]\nxxxxx')
  await snapshot.remove()
  await expect(provider.create(spec({ from: snapshot }))).rejects.toMatchObject({ fault: 'image' })
  await second.close()
  await expect(exec(second, 'flood')).rejects.toMatchObject({ fault: 'gone' })
})
