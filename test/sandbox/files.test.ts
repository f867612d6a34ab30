import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { SandboxError, SandboxFileError } from '../../src/sandbox/sandbox-error.ts'
import { temporaryFolder } from '../sessions/temporary.ts'
import { exec, ISOLATED, PLACES, sandboxIn } from './places.ts'

for (const place of PLACES)
  describe.skipIf(place.skipped)(`files in ${place.name}`, () => {
    test('the files of the spec are there; written ones are read back, whatever their names and bytes', async () => {
      const sandbox = await sandboxIn(place, { files: { 'a.txt': 'one\n', 'deep/er/b': '' } })
      expect((await exec(sandbox, 'find . -type f | sort')).output).toBe('./a.txt\n./deep/er/b\n')
      const texts: Record<string, string> = {
        'new/folder/c': 'für ➜\r\n\0end',
        ' -n strange\nname\u0001 ➜': "it's `$(fine)`\\\n",
        '-leading': 'x',
        big: 'line\n'.repeat(1_000_000),
        empty: '',
      }
      for (const [name, text] of Object.entries(texts)) {
        await sandbox.writeFile(name, text)
        const read = await sandbox.readFile(name, 10_000_000)
        expect(read?.bytes.equals(Buffer.from(text))).toBe(true)
        expect(read).toMatchObject({ size: Buffer.byteLength(text), directory: false })
      }
      expect((await exec(sandbox, 'ls | wc -l')).output.trim()).toBe('8')
      await sandbox.writeFile('/testbed/a.txt', 'two\n')
      expect((await exec(sandbox, 'cat a.txt')).output).toBe('two\n')
    })

    test('reads are capped and binary; missing files, folders and pipes are told apart', async () => {
      const sandbox = await sandboxIn(place)
      await exec(sandbox, 'head -c 1000 /dev/urandom >bin; chmod +x bin; mkdir dir; mkfifo pipe; ln -s nowhere broken')
      expect(await sandbox.readFile('bin', 10)).toMatchObject({ size: 1000, directory: false })
      const { bytes } = (await sandbox.readFile('bin', 5000)) ?? {}
      const [sum] = (await exec(sandbox, 'base64 -w0 bin')).output.split(' ')
      expect(bytes?.toString('base64')).toBe(sum)
      expect(await sandbox.readFile('dir', 10)).toMatchObject({ directory: true })
      expect(await sandbox.readFile('broken', 10)).toBeUndefined()
      expect(await sandbox.readFile('no/such', 10)).toBeUndefined()
      expect(await sandbox.readFile('pipe', 10)).toMatchObject({ size: 0, directory: false })
      expect((await sandbox.readFile('/proc/self/status', 10_000))?.bytes.toString()).toContain('Name:')
      await sandbox.writeFile('bin', 'shorter')
      expect((await exec(sandbox, 'stat -c "%A %s" bin')).output).toBe('-rwxr-xr-x 7\n')
    })

    test('what cannot be written says why and breaks nothing', async () => {
      const sandbox = await sandboxIn(place)
      await exec(sandbox, 'mkdir dir; echo >file; mkfifo pipe')
      const reason = async (path: string): Promise<string> => {
        const error = await sandbox.writeFile(path, 'echo never run\n'.repeat(10_000)).catch((cause: unknown) => cause)
        expect(error).toBeInstanceOf(SandboxFileError)
        return (error as SandboxFileError).reason
      }
      expect(await reason('dir')).toBe('Is a directory')
      expect(await reason('file/below')).toBe('Not a directory')
      expect(await reason('pipe')).toBe('Not a regular file')
      expect(await reason('x'.repeat(300))).toBe('File name too long')
      expect(await reason('a\0b')).toContain('NUL')
      await sandbox.writeFile('file', 'fine')
      expect((await sandbox.readFile('file', 100))?.bytes.toString()).toBe('fine')
    })

    test('a spec whose files leave the working folder is refused', async () => {
      for (const path of ['../x', '/etc/x', 'a/../../x', '', '.'])
        await expect(sandboxIn(place, { files: { [path]: 'x' } })).rejects.toMatchObject({ fault: 'refused' })
    })
  })

for (const place of ISOLATED)
  describe.skipIf(place.skipped)(`links in ${place.name}`, () => {
    test('a link leads where it leads inside; nothing of the host is read or written', async () => {
      const folder = temporaryFolder()
      const secret = join(folder, 'secret')
      writeFileSync(secret, 'host secret')
      const sandbox = await sandboxIn(place)
      await exec(sandbox, `ln -s /etc/passwd passwd; ln -s ${secret} out; ln -s ${folder} folder; ln -s / root`)
      const inside = (await exec(sandbox, 'cat /etc/passwd')).output
      const read = (await sandbox.readFile('passwd', 100_000))?.bytes.toString()
      expect(read).toBe(inside)
      expect(read).not.toBe(readFileSync('/etc/passwd', 'utf8'))
      expect(await sandbox.readFile('out', 100)).toBeUndefined()
      expect(await sandbox.readFile(`root${secret}`, 100)).toBeUndefined()
      for (const path of ['out', 'folder/new', `root${folder}/new`])
        await sandbox.writeFile(path, 'attack').catch((error: unknown) => {
          if (!(error instanceof SandboxError || error instanceof SandboxFileError)) throw error
        })
      expect(readFileSync(secret, 'utf8')).toBe('host secret')
      expect(existsSync(join(folder, 'new'))).toBe(false)
    })
  })
