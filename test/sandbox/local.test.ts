import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { spawnSync } from 'node:child_process'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createLocalProvider } from '../../src/sandbox/local.ts'
import { temporaryFolder } from '../sessions/temporary.ts'
import { exec, local, plain, sandboxIn, spec, wait } from './places.ts'

/** A program of the system that only root may use. */
function asRoot(...[file = '', ...words]: string[]): boolean {
  return spawnSync(file, words).status === 0
}

const mayMount = asRoot('unshare', '--mount', 'mount', '-t', 'tmpfs', 'none', '/mnt')

describe('without bubblewrap', () => {
  test('untrusted commands are refused with a way out, trusted ones run and that is said', async () => {
    const provider = plain.provider()
    await expect(provider.create(spec({ trusted: false }))).rejects.toMatchObject({
      code: 'sandbox',
      fault: 'refused',
      message: expect.stringContaining('would run unprotected'),
      hint: expect.stringContaining('apt-get install bubblewrap'),
    })
    expect(await provider.describe()).toMatch(/not isolated, trusted commands only/)
    const sandbox = await provider.create(spec())
    expect((await exec(sandbox, 'pwd; echo "$HOME"')).output).toMatch(/\/files\n\/.*\/home\n$/)
    expect((await exec(sandbox, 'cd /testbed')).exitCode).not.toBe(0)
    await sandbox.writeFile('/testbed/x', 'by its usual name')
    expect((await exec(sandbox, 'cat x', { cwd: '/testbed' })).output).toBe('by its usual name')
    expect(existsSync('/testbed')).toBe(false)
  })

  test('a bubblewrap that is missing or may not make namespaces is told apart', async () => {
    const folder = temporaryFolder()
    const broken = join(folder, 'bwrap')
    writeFileSync(
      broken,
      '#!/bin/sh\n[ "$1" = --version ] && echo bubblewrap 1.2.3 && exit 0\necho "bwrap: No permissions to create new namespace" >&2\nexit 1\n',
      { mode: 0o755 },
    )
    onTestFinished(() => {
      delete process.env['SEALIGN_BWRAP']
    })
    process.env['SEALIGN_BWRAP'] = broken
    const failing = createLocalProvider({ folder: join(folder, 'root') })
    await expect(failing.create(spec({ trusted: false }))).rejects.toThrow('No permissions to create new namespace')
    process.env['SEALIGN_BWRAP'] = join(folder, 'missing')
    const missing = createLocalProvider({ folder: join(folder, 'root') })
    await expect(missing.create(spec({ trusted: false }))).rejects.toThrow('bubblewrap is not installed')
  })
})

describe('local Sandboxes', () => {
  test('closing leaves nothing: no folder, no process, no control group', async () => {
    const folder = temporaryFolder()
    const provider = createLocalProvider({ folder })
    const sandbox = await provider.create(spec({ files: { 'a/b': 'x' } }))
    const shell = await sandbox.shell()
    await shell.run('chmod 000 a; sleep 1000 & sleep 1000', wait({ timeoutMs: 50 }))
    expect(readdirSync(folder)).toContain(sandbox.id)
    await sandbox.close()
    await sandbox.close()
    expect(readdirSync(folder)).not.toContain(sandbox.id)
    expect(spawnSync('ps', ['-eo', 'args'], { encoding: 'utf8' }).stdout).not.toContain(sandbox.id)
    await expect(exec(sandbox, 'true')).rejects.toMatchObject({ fault: 'gone' })
    await expect(sandbox.readFile('a', 1)).rejects.toMatchObject({ fault: 'gone' })
    await expect(shell.run('true', wait())).rejects.toMatchObject({ fault: 'gone' })
    await provider.close()
    expect(readdirSync(folder)).toEqual([])
  })

  test('closing the provider closes what it made; a command in flight ends as `gone`', async () => {
    const provider = createLocalProvider({ folder: temporaryFolder() })
    const sandbox = await provider.create(spec())
    const running = exec(sandbox, 'sleep 100').catch((error: unknown) => error)
    await new Promise((resolve) => setTimeout(resolve, 100))
    await provider.close()
    expect(await running).toMatchObject({ fault: 'gone' })
  })

  for (const place of [local, plain])
    test(`a snapshot holds files, /tmp and home as they were (${place.name})`, async () => {
      const provider = place.provider()
      const first = await provider.create(spec({ files: { 'a.txt': 'one' } }))
      const script =
        'ln -s /etc/passwd link; mkfifo pipe; chmod +x a.txt; echo t >"$TMPDIR/t"; echo h >~/h; echo >"$(printf "odd\\nname")"'
      expect((await exec(first, script)).exitCode).toBe(0)
      const snapshot = await first.snapshot()
      await first.writeFile('a.txt', 'changed')
      const second = await provider.create(spec({ from: snapshot, files: { 'a.txt': 'not used' } }))
      const { output } = await exec(
        second,
        'cat a.txt; stat -c %A a.txt; readlink link; cat "$TMPDIR/t" ~/h; ls -A | wc -l',
      )
      expect(output).toBe('one-rwxr-xr-x\n/etc/passwd\nt\nh\n5\n')
      await snapshot.remove()
      expect(existsSync(snapshot.reference)).toBe(false)
      expect((await exec(second, 'cat a.txt')).output).toBe('one')
    })

  test.skipIf(local.skipped)('the shell command for a person sees the same files', async () => {
    const sandbox = await sandboxIn(local, { files: { 'a.txt': 'shared' } })
    await exec(sandbox, 'echo more >/tmp/more')
    const [file = '', ...words] = sandbox.attachCommand()
    const { stdout } = spawnSync(file, words, {
      input: 'pwd; cat a.txt /tmp/more; env | grep -c SECRET\n',
      encoding: 'utf8',
    })
    expect(stdout).toContain('/testbed\nsharedmore\n0\n')
  })

  test.skipIf(!mayMount)(
    `a full disk is a fault of its own${mayMount ? '' : ' (skipped: may not mount)'}`,
    async () => {
      const folder = temporaryFolder()
      mkdirSync(join(folder, 'small'))
      asRoot('mount', '-t', 'tmpfs', '-o', 'size=1m', 'none', join(folder, 'small'))
      onTestFinished(() => void asRoot('umount', '-l', join(folder, 'small')))
      const provider = createLocalProvider({ folder: join(folder, 'small') })
      await expect(provider.create(spec({ files: { big: 'x'.repeat(2_000_000) } }))).rejects.toMatchObject({
        fault: 'disk',
      })
      const sandbox = await provider.create(spec())
      await expect(sandbox.writeFile('big', 'x'.repeat(2_000_000))).rejects.toMatchObject({ fault: 'disk' })
      await exec(sandbox, 'rm -f big')
      expect((await exec(sandbox, 'cat', { stdin: 'still in step' })).output).toBe('still in step')
      await exec(sandbox, 'head -c 700000 /dev/zero >most')
      await expect(sandbox.snapshot()).rejects.toMatchObject({ fault: 'disk' })
      await provider.close()
      expect(readFileSync('/proc/mounts', 'utf8')).toContain(join(folder, 'small'))
    },
  )

  test('a root folder of someone else is refused', async () => {
    const provider = createLocalProvider({ folder: '/proc/1' })
    await expect(provider.create(spec())).rejects.toMatchObject({ fault: 'refused' })
  })
})
