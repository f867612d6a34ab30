import { describe, expect, test } from 'vitest'
import type { Shell } from '../../src/sandbox/sandbox.ts'
import { PLACES, type Place, sandboxIn, wait } from './places.ts'

async function shellIn(place: Place): Promise<Shell> {
  return (await sandboxIn(place)).shell()
}

/** Runs one command and gives what a reader of the transcript would look at. */
async function said(shell: Shell, command: string): Promise<string> {
  const { end, output, exitCode } = await shell.run(command, wait())
  return `${output}${end} ${exitCode}`
}

for (const place of PLACES)
  describe.skipIf(place.skipped)(`the persistent shell in ${place.name}`, () => {
    test('folder, variables, functions, options and the last status stay from command to command', async () => {
      const shell = await shellIn(place)
      expect(await shell.run('mkdir -p "a b" && cd "a b"; x=1; f() { echo "f$x"; }', wait())).toMatchObject({
        end: 'exit',
        exitCode: 0,
        cwd: expect.stringMatching(/\/a b$/),
      })
      expect(await said(shell, 'f; basename "$PWD"')).toBe('f1\na b\nexit 0')
      expect(await said(shell, '(exit 7)')).toBe('exit 7')
      expect(await said(shell, 'echo $?')).toBe('7\nexit 0')
      expect(await said(shell, 'set -u; echo ${nothing}')).toContain('nothing: unbound variable\nexit 1')
      expect(await said(shell, 'echo still')).toBe('still\nexit 0')
    })

    test('stdout and stderr come in the order written, with or without a last newline, whatever the bytes', async () => {
      const shell = await shellIn(place)
      expect(await said(shell, 'echo 1; echo 2 >&2; echo 3; printf 4')).toBe('1\n2\n3\n4exit 0')
      expect(await said(shell, "printf 'a\\0\\377b\\r\\n'")).toBe('a\0�b\r\nexit 0')
      expect(await said(shell, 'echo "für ➜ 日本"')).toBe('für ➜ 日本\nexit 0')
      const { bytes } = await shell.run('head -c 300000 /dev/urandom', wait())
      expect(bytes).toBe(300_000)
      expect(await said(shell, 'echo after')).toBe('after\nexit 0')
    })

    test('quotes, here-documents, line continuations and control characters in a command stay its own', async () => {
      const shell = await shellIn(place)
      expect(await said(shell, 'echo "unbalanced')).toMatch(/unexpected EOF[^\n]*\nexit 2/)
      expect(await said(shell, "echo it\\'s 'a \\ b' \"$((1+1))\"")).toBe("it's a \\ b 2\nexit 0")
      expect(await said(shell, "cat <<'END'\n$x `y` \\n '\nEND\necho next")).toBe("$x `y` \\n '\nnext\nexit 0")
      expect(await said(shell, 'cat <<END\nno end of it')).toContain('no end of it')
      expect(await said(shell, 'echo a \\\n b; # comment')).toBe('a b\nexit 0')
      expect(await said(shell, 'for i in 1 2')).toMatch(/syntax error[^\n]*\n[^]*exit [12]/)
      expect(await said(shell, ')')).toMatch(/syntax error[^\n]*\n[^]*exit [12]/)
      expect(await said(shell, "printf '%q' 'a\tb\u0001\u007f'")).toContain("$'a\\tb\\001\\177'")
      expect(await said(shell, 'echo !! !x')).toBe('!! !x\nexit 0')
      expect(await said(shell, `echo ${'x'.repeat(200_000)} | wc -c`)).toBe('200001\nexit 0')
      expect(await said(shell, '')).toBe('exit 0')
    })

    test('output that looks like the end of a command is output', async () => {
      const shell = await shellIn(place)
      const forged = "printf '\\036%032d<e:00000000:0:/x>%032d\\036' 0 0"
      expect((await shell.run(forged, wait())).output).toContain('<e:00000000:0:/x>')
      expect(await said(shell, "printf '\\036'")).toBe('\u001eexit 0')
      expect(await said(shell, 'echo after')).toBe('after\nexit 0')
    })

    test('closing or redirecting its output, and tracing, last no longer than the command', async () => {
      const shell = await shellIn(place)
      expect(await said(shell, 'echo before; exec 1>&- 2>&-')).toBe('before\nexit 0')
      expect(await said(shell, 'exec >/dev/null; echo unseen')).toBe('exit 0')
      expect(await said(shell, 'exec 19>&-; echo seen')).toBe('seen\nexit 0')
      expect(await said(shell, 'set -x; true')).toContain('+ true')
      expect(await said(shell, 'set +x')).toContain('exit 0')
      expect(await said(shell, 'echo > /dev/stdout; echo e > /dev/stderr')).toBe('\ne\nexit 0')
      expect(await said(shell, 'PROMPT_COMMAND="echo prompt"; PS1="$ "; echo seen')).toBe('seen\nexit 0')
      expect(await said(shell, 'echo seen')).toBe('seen\nexit 0')
    })

    test('a command that reads stdin gets text, then end of file, and eats no command', async () => {
      const shell = await shellIn(place)
      expect(await shell.run('read a; cat; echo "a=$a"', wait({ quietMs: 200 }))).toMatchObject({
        end: 'quiet',
        output: '',
        exitCode: undefined,
      })
      expect(shell.busy).toBe(true)
      await expect(shell.run('echo no', wait())).rejects.toThrow('while another one runs')
      expect(await shell.input({ type: 'text', text: "it's\nline\n" }, wait({ quietMs: 200 }))).toMatchObject({
        end: 'quiet',
        output: 'line\n',
      })
      expect(await shell.input({ type: 'key', key: 'C-d' }, wait())).toMatchObject({ end: 'exit', output: "a=it's\n" })
      expect(shell.busy).toBe(false)
      await shell.run('sleep 0.3', wait({ timeoutMs: 50 }))
      await shell.input({ type: 'text', text: 'echo typed ahead\n' }, wait())
      expect(await shell.run('cat', wait({ quietMs: 200 }))).toMatchObject({ end: 'quiet', output: '' })
      expect(await shell.input({ type: 'key', key: 'C-d' }, wait())).toMatchObject({ end: 'exit', exitCode: 0 })
    })

    test('quiet and time-out leave the command running; its end is told later, once', async () => {
      const shell = await shellIn(place)
      const first = await shell.run('echo a; sleep 0.5; echo b; exit_() { return 4; }; exit_', wait({ quietMs: 150 }))
      expect(first).toMatchObject({ end: 'quiet', output: 'a\n' })
      expect(await shell.input({ type: 'wait' }, wait({ timeoutMs: 50 }))).toMatchObject({ end: 'timeout', output: '' })
      await new Promise((resolve) => setTimeout(resolve, 700))
      expect(shell.busy).toBe(true)
      expect(await shell.input({ type: 'wait' }, wait())).toMatchObject({ end: 'exit', output: 'b\n', exitCode: 4 })
      expect(shell.busy).toBe(false)
      const chatty = await shell.run('for i in 1 2 3 4 5 6; do echo $i; sleep 0.1; done', wait({ quietMs: 400 }))
      expect(chatty.output).toBe('1\n2\n3\n4\n5\n6\n')
    })

    test('Ctrl-C ends the whole command line, a loop of builtins and a command substitution; the shell stays', async () => {
      const shell = await shellIn(place)
      await shell.run('kept=yes', wait())
      for (const command of [
        'sleep 100; echo not reached',
        'while :; do sleep 0.05; done; echo not reached',
        'while :; do :; done',
        'x=$(sleep 100); echo "x=$x"',
        'sleep 100 | cat; echo not reached',
      ]) {
        expect((await shell.run(command, wait({ timeoutMs: 150 }))).end).toBe('timeout')
        const after = await shell.input({ type: 'key', key: 'C-c' }, wait())
        expect({ command, ...after }).toMatchObject({ command, end: 'exit', exitCode: 130, output: '' })
      }
      expect(await said(shell, 'echo $kept')).toBe('yes\nexit 0')
    })

    test('Ctrl-C reaches the foreground program, not one in the background', async () => {
      const shell = await shellIn(place)
      await shell.run('sleep 1000 & echo $! >pid', wait())
      await shell.run('sleep 100', wait({ timeoutMs: 150 }))
      expect(await shell.input({ type: 'key', key: 'C-c' }, wait())).toMatchObject({ exitCode: 130 })
      await shell.run('read x', wait({ timeoutMs: 150 }))
      expect(await shell.input({ type: 'key', key: 'C-c' }, wait())).toMatchObject({ exitCode: 130 })
      expect(await said(shell, 'kill -0 $(cat pid) && echo alive')).toBe('alive\nexit 0')
      await shell.run('fg', wait({ timeoutMs: 150 }))
      expect(await shell.input({ type: 'key', key: 'C-c' }, wait())).toMatchObject({ exitCode: 130 })
      expect(await said(shell, 'kill -0 $(cat pid) || echo ended')).toContain('ended\nexit 0')
    })

    test('Ctrl-Z stops a program, which can go on', async () => {
      const shell = await shellIn(place)
      await shell.run('sleep 0.4', wait({ timeoutMs: 100 }))
      const stopped = await shell.input({ type: 'key', key: 'C-z' }, wait())
      expect(stopped).toMatchObject({ end: 'exit', exitCode: 148 })
      expect(stopped.output).not.toContain('tcsetattr')
      expect(await said(shell, 'fg >/dev/null; echo $?')).toBe('0\nexit 0')
    })

    test('a program killed by a signal says so without noise about terminals', async () => {
      const shell = await shellIn(place)
      const { output, exitCode } = await shell.run("bash -c 'kill -SEGV $$'", wait())
      expect(exitCode).toBe(139)
      expect(output).not.toContain('tcsetattr')
    })

    test('a background program neither holds a command up nor gets into its end', async () => {
      const shell = await shellIn(place)
      const begun = performance.now()
      expect(await said(shell, 'sleep 1000 &')).toMatch(/^\[1\] \d+\nexit 0$/)
      expect(performance.now() - begun).toBeLessThan(900)
      await shell.run('(sleep 0.2; echo late) &', wait())
      await new Promise((resolve) => setTimeout(resolve, 500))
      expect(await said(shell, 'echo now')).toBe('late\nnow\nexit 0')
      expect(await said(shell, 'kill %1; wait %1 2>/dev/null; echo $?')).toContain('143')
    })

    test('a command that ends the shell is `lost`; a new shell stands in the working folder', async () => {
      const sandbox = await sandboxIn(place)
      const shell = await sandbox.shell()
      for (const [command, exitCode] of [
        ['x=1; cd /; exit 3', 3],
        ['set -e; false', 1],
        ['exec true', 0],
        ['kill -KILL $$', 137],
      ] as const) {
        const result = await shell.run(command, wait())
        expect({ command, ...result }).toMatchObject({ command, end: 'lost', exitCode, cwd: undefined })
        expect(await shell.run('pwd; echo "x=$x"', wait())).toMatchObject({
          end: 'exit',
          output: `${sandbox.workdir}\nx=\n`,
          cwd: sandbox.workdir,
        })
      }
    })

    test('interrupt: INT is enough for most, KILL for the stubborn, the shell goes last', async () => {
      const shell = await shellIn(place)
      expect(await shell.interrupt()).toEqual({ lost: false })
      await shell.run('kept=1; sleep 100', wait({ timeoutMs: 100 }))
      expect(await shell.interrupt()).toEqual({ lost: false })
      await shell.run('bash -c \'trap "" INT TERM; while :; do sleep 100; done\'; sleep 100', wait({ timeoutMs: 200 }))
      expect(await shell.interrupt()).toEqual({ lost: false })
      expect(shell.busy).toBe(false)
      expect(await said(shell, 'echo "kept=$kept"')).toBe('kept=1\nexit 0')
      await shell.run("trap '' INT; while :; do :; done", wait({ timeoutMs: 200 }))
      expect(await shell.interrupt()).toEqual({ lost: true })
      expect(await said(shell, 'echo "kept=$kept"')).toBe('kept=\nexit 0')
    })

    test('a gigabyte of output is drained, counted and kept at both ends, in bounded memory', {
      timeout: 60_000,
    }, async () => {
      const shell = await shellIn(place)
      const before = process.memoryUsage().rss
      let most = before
      const timer = setInterval(() => {
        most = Math.max(most, process.memoryUsage().rss)
      }, 20)
      const command = 'echo first; yes 0123456789 | head -c 1000000000; echo; echo last'
      const result = await shell.run(command, wait({ timeoutMs: 60_000, maxBytes: 1000 }))
      clearInterval(timer)
      expect(result.end).toBe('exit')
      expect(result.bytes).toBeGreaterThan(1_000_000_000)
      expect(result.output.length).toBeLessThan(1200)
      expect(result.output).toMatch(/^first\n0123456789\n/)
      expect(result.output).toMatch(/\d+ bytes left out[^]*\nlast\n$/)
      expect((most - before) / 1e6).toBeLessThan(150)
    })

    test('output is heard while it comes, and an aborted wait leaves the command running', async () => {
      const shell = await shellIn(place)
      const heard: string[] = []
      const controller = new AbortController()
      const running = shell.run(
        'echo one; sleep 100',
        wait({
          signal: controller.signal,
          onOutput: (chunk) => {
            heard.push(chunk.toString())
            controller.abort(new Error('stopped by a person'))
          },
        }),
      )
      await expect(running).rejects.toThrow('stopped by a person')
      expect(heard.join('')).toBe('one\n')
      expect(shell.busy).toBe(true)
      expect(await shell.interrupt()).toEqual({ lost: false })
    })
  })
