import { describe, expect, test, vi } from 'vitest'
import { SandboxError } from '../../../src/sandbox/sandbox-error.ts'
import { type BashToolOptions, createBashTool } from '../../../src/rollout/tools/bash-tool.ts'
import type { ToolResult } from '../../../src/rollout/tool.ts'
import { caller, localSandbox } from './local-sandbox.ts'
import { needs } from '../../needs.ts'

needs('bubblewrap', 'git')

async function bash(options: BashToolOptions = {}): Promise<(command: string, rest?: object) => Promise<ToolResult>> {
  const call = caller(createBashTool(options), await localSandbox({ 'a.py': 'print(1)\n' }))
  return (command, rest = {}) => call({ command, ...rest })
}

describe('a command', () => {
  test('is answered by its output, exit code and working directory', async () => {
    const run = await bash()
    expect(await run('ls')).toEqual({
      text: 'a.py\n[The command completed with exit code 0.]\n[Current working directory: /testbed]\n[Command finished with exit code 0]',
      failed: false,
      exitCode: 0,
    })
  })

  test('that fails is a result like any other', async () => {
    const run = await bash()
    const result = await run('grep -c nothing a.py')
    expect(result).toMatchObject({ failed: false, exitCode: 1 })
    expect(result.text).toContain('[Command finished with exit code 1]')
  })

  test('finds the directory and the variables that the one before it left', async () => {
    const run = await bash()
    await run('mkdir sub && cd sub && export X=5')
    const result = await run('echo "$X"')
    expect(result.text).toMatch(/^5\n/)
    expect(result.text).toContain('[Current working directory: /testbed/sub]')
  })

  test('of several lines that belong together runs as it is', async () => {
    const run = await bash()
    const result = await run("  cat > b.py <<'EOF'\nfor x in 'ab':\n    print(\"$x\")\nEOF\n")
    expect(result).toMatchObject({ failed: false, exitCode: 0 })
    expect((await run('cat b.py')).text).toMatch(/^for x in 'ab':\n {4}print\("\$x"\)\n\[/)
  })

  test('that is really several is not run, and the Policy reads why', async () => {
    const run = await bash()
    const result = await run('touch made\nls')
    expect(result.failed).toBe(true)
    expect(result.text).toContain('(1) touch made\n(2) ls')
    expect((await run('ls')).text).not.toContain('made')
  })

  test('that is not bash is left to bash to refuse', async () => {
    const run = await bash()
    const result = await run('echo "open')
    expect(result.exitCode).not.toBe(0)
    expect(result.text).toMatch(/unexpected|unmatched|looking for/i)
  })

  test('with output beyond 30,000 characters is shown with both ends', async () => {
    const run = await bash()
    const result = await run('seq 1 20000')
    expect(result.text).toMatch(/^1\n2\n3\n/)
    expect(result.text).toContain('20000\n[The command completed')
    expect(result.text).toContain('middle of the output is left out')
    expect(result.text.length).toBeLessThan(30_500)
  })

  test('with output of characters of four bytes is cut between characters', async () => {
    const run = await bash()
    const result = await run('head -c 400000 /dev/zero | sed "s/\\x00/😀/g"')
    expect(result.text.isWellFormed()).toBe(true)
    expect(result.text).not.toContain('\ufffd')
    expect(result.text.length).toBeGreaterThan(29_900)
  })

  test('that ends the shell is told to have lost its state, and the next one runs', async () => {
    const run = await bash()
    await run('cd / && X=1')
    const result = await run('exit 3')
    expect(result.text).toContain('variables, functions and background jobs of the old one are gone')
    expect((await run('echo "[$X]" && pwd')).text).toMatch(/^\[\]\n\/testbed\n/)
  })

  test('shows its output while it runs', async () => {
    const sandbox = await localSandbox()
    let heard = ''
    await createBashTool().run(
      { command: 'echo müde; echo two' },
      { sandbox, signal: new AbortController().signal, onOutput: (text) => (heard += text) },
    )
    expect(heard).toContain('müde\ntwo')
  })
})

describe('a command that goes on running', () => {
  test('gives control back when it prints nothing, and is waited for', async () => {
    const run = await bash({ quietMs: 700 })
    const first = await run('echo begin; sleep 2; echo end')
    expect(first.text).toMatch(/^begin\n\[The command has printed nothing for 0\.7 seconds and is still running\./)
    expect(first).not.toHaveProperty('exitCode')
    let last = await run('')
    while (last.exitCode === undefined) last = await run('')
    expect(last.text).toMatch(/end\n\[The command completed with exit code 0\.\]/)
  })

  test('gives control back after its own timeout, however long it is quiet before', async () => {
    const run = await bash({ quietMs: 300 })
    const result = await run('sleep 30', { timeout: 0.9 })
    expect(result.text).toContain('[The command is still running after 0.9 seconds.')
    expect((await run('C-c', { is_input: 'true' })).text).toMatch(
      /\[The command completed with exit code 130\. CTRL\+C was sent\.\]/,
    )
    expect((await run('echo ok')).text).toMatch(/^ok\n/)
  })

  test('gives control back although it prints on and on', async () => {
    const run = await bash({ quietMs: 20_000, hardMs: 500 })
    const result = await run('while true; do echo x; sleep 0.05; done')
    expect(result.text).toContain('still running after 0.5 seconds')
    expect((await run('ctrl+c')).text).toContain('CTRL+C was sent')
  })

  test('takes input', async () => {
    const run = await bash({ quietMs: 200 })
    expect((await run('read -r name; echo "Hello $name"')).text).toContain('still running')
    expect((await run('World', { is_input: 'true' })).text).toMatch(
      /Hello World\n\[The command completed with exit code 0\.\]/,
    )
  })

  test('keeps others from running', async () => {
    const run = await bash({ quietMs: 200 })
    await run('sleep 30')
    const result = await run('touch made')
    expect(result.failed).toBe(true)
    expect(result.text).toContain('`touch made` was NOT run')
    await run('C-c')
    expect((await run('ls')).text).not.toContain('made')
  })

  test('and ends meanwhile makes room for the next, its last output shown once', async () => {
    const sandbox = await localSandbox()
    const run = caller(createBashTool({ quietMs: 150 }), sandbox)
    await run({ command: 'sleep 0.4; echo late; touch done' })
    await vi.waitUntil(() => sandbox.readFile('/testbed/done', 1), { timeout: 20_000 })
    await new Promise((resolve) => setTimeout(resolve, 300))
    const result = await run({ command: 'echo new' })
    expect(result).toMatchObject({ failed: false, exitCode: 0 })
    expect(result.text).toMatch(/late\n(?:.*\n)*new\n\[The command completed/)
  })
})

describe('a call that cannot be meant', () => {
  test.each([
    ['', {}, 'no output to wait for'],
    ['y', { is_input: 'true' }, 'No command is running'],
    ['C-c', {}, 'No command is running'],
    ['ls', { timeout: 0 }, 'greater than 0'],
    ['ls', { timeout: -3 }, 'greater than 0'],
    ['ls \0', {}, 'NUL byte'],
  ])('%j %j is refused', async (command, rest, why) => {
    const run = await bash()
    const result = await run(command, rest)
    expect(result.failed).toBe(true)
    expect(result.text).toContain(why)
  })
})

test('a Sandbox that has died is no result', async () => {
  const sandbox = await localSandbox()
  const run = caller(createBashTool(), sandbox)
  await run({ command: 'true' })
  await sandbox.close()
  await expect(run({ command: 'ls' })).rejects.toBeInstanceOf(SandboxError)
})
