import { describe, expect, test } from 'vitest'
import { exec, PLACES, sandboxIn, wait } from './places.ts'

for (const place of PLACES)
  describe.skipIf(place.skipped)(`a one-shot command in ${place.name}`, () => {
    test('exit code, output in order, working folder, variables, stdin', async () => {
      const sandbox = await sandboxIn(place, { files: { 'sub/a.txt': 'text\n' }, variables: { GIVEN: 'by spec' } })
      expect(await exec(sandbox, 'echo 1; echo 2 >&2; echo 3; exit 5')).toMatchObject({
        output: '1\n2\n3\n',
        bytes: 6,
        exitCode: 5,
        timedOut: false,
        outOfMemory: false,
      })
      expect((await exec(sandbox, 'pwd; cat a.txt', { cwd: 'sub' })).output).toBe(`${sandbox.workdir}/sub\ntext\n`)
      expect((await exec(sandbox, 'true', { cwd: '/no/such' })).exitCode).toBe(1)
      const variables = { OWN: "it's\n$here", PATH_: '' }
      expect((await exec(sandbox, 'echo "$GIVEN|$OWN|$TZ|$PYTHONHASHSEED"', { variables })).output).toBe(
        "by spec|it's\n$here|UTC|0\n",
      )
      expect((await exec(sandbox, 'cat; echo "$0 $#"', { stdin: "a 'b\n$c\\" })).output).toBe("a 'b\n$c\\bash 0\n")
      expect((await exec(sandbox, 'cat')).output).toBe('')
      expect(await exec(sandbox, 'echo "unbalanced')).toMatchObject({ exitCode: 2 })
      expect((await exec(sandbox, 'kill -KILL $$')).exitCode).toBe(137)
    })

    test('long scripts and long unread stdin disturb nothing', async () => {
      const sandbox = await sandboxIn(place)
      const script = `${'# a comment that makes it long\n'.repeat(10_000)}echo end`
      expect((await exec(sandbox, script)).output).toBe('end\n')
      expect((await exec(sandbox, 'echo done', { stdin: 'rm -rf x\n'.repeat(200_000) })).output).toBe('done\n')
      expect((await exec(sandbox, 'wc -c', { stdin: 'x'.repeat(3_000_000) })).output.trim()).toBe('3000000')
      expect((await exec(sandbox, 'echo after; ls -A /tmp | grep sealign-')).output).not.toMatch(/\.sealign-/)
    })

    test('it runs beside the shell and beside others', async () => {
      const sandbox = await sandboxIn(place)
      const shell = await sandbox.shell()
      await shell.run('x=1; sleep 100', wait({ timeoutMs: 50 }))
      const begun = performance.now()
      const both = await Promise.all(['a', 'b', 'c'].map((word) => exec(sandbox, `sleep 0.4; echo ${word}`)))
      expect(both.map((result) => result.output)).toEqual(['a\n', 'b\n', 'c\n'])
      expect(performance.now() - begun).toBeLessThan(1500)
      await shell.input({ type: 'key', key: 'C-c' }, wait())
      expect((await shell.run('echo $x', wait())).output).toBe('1\n')
    })

    test('at the time-out everything it started is killed, `setsid` or not', async () => {
      const sandbox = await sandboxIn(place)
      const grow = (name: string): string => `while :; do echo x >>${name}; sleep 0.05; done`
      const script = `(${grow('child')}) & setsid bash -c '${grow('escaped')}' & trap '' TERM INT; echo started; ${grow('own')}`
      const result = await exec(sandbox, script, { timeoutMs: 700 })
      expect(result).toMatchObject({ output: 'started\n', exitCode: undefined, timedOut: true })
      const sizes = 'stat -c %s child escaped own'
      const before = (await exec(sandbox, sizes)).output
      expect(before).toMatch(/^\d+\n\d+\n\d+\n$/)
      await new Promise((resolve) => setTimeout(resolve, 400))
      expect((await exec(sandbox, sizes)).output).toBe(before)
    })

    test('an abort kills it and rejects with the reason', async () => {
      const sandbox = await sandboxIn(place)
      const signal = AbortSignal.timeout(200)
      await expect(exec(sandbox, 'sleep 100', { signal })).rejects.toThrow('aborted due to timeout')
      await expect(exec(sandbox, 'true', { signal })).rejects.toThrow('aborted due to timeout')
      expect((await exec(sandbox, 'echo next')).output).toBe('next\n')
    })

    test('a server it leaves running lives on and prints into no later output', async () => {
      const sandbox = await sandboxIn(place)
      const server = 'while :; do echo noise; date +%s%N >new; mv new alive; sleep 0.02; done'
      expect((await exec(sandbox, `(${server}) & echo started`)).output).toContain('started\n')
      await new Promise((resolve) => setTimeout(resolve, 100))
      const first = await exec(sandbox, 'cat alive; sleep 0.2')
      const second = await exec(sandbox, 'cat alive')
      expect(first.output).toMatch(/^\d+\n$/)
      expect(second.output).toMatch(/^\d+\n$/)
      expect(second.output).not.toBe(first.output)
    })

    test('a flood is capped, and heard as it comes', async () => {
      const sandbox = await sandboxIn(place)
      let heard = 0
      const result = await exec(sandbox, 'head -c 100000000 /dev/zero | tr "\\0" "a"; printf end', {
        maxBytes: 100,
        onOutput: (chunk: Buffer) => {
          heard += chunk.length
        },
      })
      expect(result.bytes).toBe(100_000_003)
      expect(heard).toBe(100_000_003)
      expect(result.output).toBe(`${'a'.repeat(50)}\n[... 99999903 bytes left out ...]\n${'a'.repeat(47)}end`)
    })
  })

test('a time-out in one Sandbox kills nothing in another that runs beside it', async () => {
  const plain = PLACES.find(({ name }) => name.startsWith('plain'))
  if (!plain) throw new Error('no plain place')
  const [first, second] = await Promise.all([sandboxIn(plain), sandboxIn(plain)])
  const [killed, other] = await Promise.all([
    exec(first, 'sleep 30', { timeoutMs: 300 }),
    exec(second, 'sleep 1; echo done'),
  ])
  expect(killed).toMatchObject({ timedOut: true })
  expect(other).toMatchObject({ exitCode: 0, output: 'done\n' })
})
