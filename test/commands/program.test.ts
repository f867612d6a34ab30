import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Cli, chat } from './cli.ts'

interface Counts {
  trajectories: number
  tasks: number
  resolved: number
  unresolved: number
  unknown: number
  duplicates: number
  added: number
  unchanged: number
  updated: number
  skipped: { file: string; line?: number; reason: string }[]
}

describe('from runs to a dataset', () => {
  it('imports, counts, reviews and exports, each with one JSON document on stdout', () => {
    const cli = new Cli()
    const counts = cli.json<Counts>('import', cli.runs(), '--session', 's')
    expect(counts).toMatchObject({
      trajectories: 5,
      tasks: 2,
      resolved: 3,
      unresolved: 2,
      unknown: 0,
      duplicates: 0,
      skipped: [],
    })
    const trees = cli.json<object[]>('tree', 'list', '--session', 's', '--no-filter')
    expect(trees).toEqual([
      { task: 'fix/core', trajectories: 4, resolved: 2, unknown: 0, nodes: 7, branching: 2, critical: 1, pairs: 1 },
      { task: 'fix/other', trajectories: 1, resolved: 1, unknown: 0, nodes: 2, branching: 0, critical: 0, pairs: 0 },
    ])
    expect(cli.json('pair', 'stats', '--session', 's')).toEqual({
      criticalNodes: 1,
      pairs: 1,
      tasks: 1,
      pending: 1,
      accepted: 0,
      rejected: 0,
      skipped: 0,
    })
    const nothing = cli.run(['export', 'trl', '--session', 's'])
    expect(nothing).toMatchObject({ code: 4, stdout: '' })
    expect(nothing.stderr).toContain('no pair has been accepted yet')
    expect(cli.run(['pair', 'accept', '--where', 'delta = 1', '--session', 's']).stdout).toContain('is now accepted')
    const out = join(cli.folder, 'trl')
    const exported = cli.json<{ rows: number; sha256: string }>('export', 'trl', '--out', out, '--session', 's')
    expect(exported.rows).toBe(1)
    const row = JSON.parse(readFileSync(join(out, 'trl.jsonl'), 'utf8')) as {
      prompt: { role: string }[]
      chosen: object[]
      rejected: object[]
      tools: string
    }
    expect(row.prompt.map(({ role }) => role)).toEqual(['user', 'assistant', 'tool'])
    expect([row.chosen, row.rejected].map((side) => side.length)).toEqual([1, 1])
    expect(JSON.parse(row.tools)).toHaveLength(1)
    const again = cli.json<{ sha256: string }>('export', 'trl', '--out', join(cli.folder, 'again'), '--session', 's')
    expect(again.sha256).toBe(exported.sha256)
    expect(readFileSync(join(cli.folder, 'again', 'trl.jsonl'))).toEqual(readFileSync(join(out, 'trl.jsonl')))
  })

  it('writes every format, and leaves nothing half-written where it may not write', () => {
    const cli = new Cli()
    cli.run(['import', cli.runs(), '--session', 's'])
    cli.run(['pair', 'accept', '--where', 'delta = 1', '--session', 's'])
    const formats = cli.json<{ format: string }[]>('export', '--list-formats').map(({ format }) => format)
    for (const format of formats.filter((each) => each !== 'predictions')) {
      const folder = join(cli.folder, 'out', format)
      expect(cli.run(['export', format, '--out', folder, '--session', 's'])).toMatchObject({ code: 0, stderr: '' })
      expect(readdirSync(folder).filter((name) => name.includes('partial'))).toEqual([])
    }
    expect(cli.run(['export', 'predictions', '--session', 's']).stderr).toContain('nobody recorded its patch')
    const file = join(cli.folder, 'file')
    writeFileSync(file, '')
    const refused = cli.run(['export', 'trl', '--out', join(file, 'below'), '--session', 's'])
    expect(refused.code).toBe(5)
    expect(refused.stderr).toMatch(/^sealign: the export to .* cannot be written/)
  })

  it('takes the values of secret variables out of exports', () => {
    const cli = new Cli()
    const folder = join(cli.folder, 'secret')
    mkdirSync(folder)
    writeFileSync(
      join(folder, 'a.jsonl'),
      `${chat('t', ['echo hunter2-hunter2'], true)}\n${chat('t', ['true'], false)}\n`,
    )
    cli.run(['import', folder, '--session', 's'])
    const out = join(cli.folder, 'out')
    expect(
      cli.run(['export', 'trl', '--pairs', 'undecided', '--no-filter', '--out', out, '--session', 's'], {
        env: { MY_API_KEY: 'hunter2-hunter2' },
      }).code,
    ).toBe(0)
    expect(readFileSync(join(out, 'trl.jsonl'), 'utf8')).not.toContain('hunter2')
  })
})

describe('importing again', () => {
  it('changes nothing, adds what a file gained, and says what was already there', () => {
    const cli = new Cli()
    const runs = cli.runs()
    expect(cli.json<Counts>('import', runs, '--session', 's')).toMatchObject({ added: 5, unchanged: 0 })
    expect(cli.json<Counts>('import', runs, '--session', 's')).toMatchObject({
      trajectories: 5,
      added: 0,
      unchanged: 5,
    })
    appendFileSync(join(runs, 'chat.jsonl'), `${chat('fix/other', ['pwd', 'ls'], false)}\n`)
    expect(cli.json<Counts>('import', runs, '--session', 's')).toMatchObject({
      trajectories: 6,
      added: 1,
      unchanged: 5,
    })
    expect(cli.run(['session', 'check', '--session', 's']).code).toBe(0)
  })

  it('goes on after a kill -9 as if nothing had happened', async () => {
    const cli = new Cli()
    const folder = join(cli.folder, 'many')
    mkdirSync(folder)
    const lines = Array.from({ length: 6000 }, (_, n) =>
      chat(`task-${n % 50}`, ['ls', `cat file-${n}`, `edit ${n}`], n % 3 === 0, 'x'.repeat(1500)),
    )
    for (let file = 0; file < 4; file++)
      writeFileSync(join(folder, `${file}.jsonl`), `${lines.slice(file * 1500, (file + 1) * 1500).join('\n')}\n`)
    const child = spawn(process.execPath, ['dist/sealign.js', 'import', folder, '--session', 's'], {
      env: cli.env,
      stdio: 'ignore',
    })
    await new Promise((resolve) => {
      setTimeout(resolve, 450)
    })
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect(cli.json<Counts>('import', folder, '--session', 's')).toMatchObject({
      trajectories: 6000,
      tasks: 50,
      skipped: [],
    })
    expect(cli.json('session', 'check', '--session', 's')).toMatchObject({
      ok: true,
      trajectories: 6000,
      steps: 18_000,
    })
  })

  it('joins outcomes a person gives, and names keys nobody has', () => {
    const cli = new Cli()
    const outcomes = join(cli.folder, 'outcomes.json')
    writeFileSync(outcomes, JSON.stringify({ 'fix/core': false, 'no/such': true }))
    const counts = cli.json<Counts>('import', cli.runs(), '--outcomes', outcomes, '--session', 's')
    expect(counts).toMatchObject({ resolved: 1, unresolved: 4 })
    expect(counts.skipped).toEqual([
      { file: outcomes, line: 1, reason: 'the outcome file names no/such, which no trajectory of this import has' },
    ])
  })
})

describe('following a running harness', () => {
  it('takes each new run and each new step soon after it is written, and ends well on Ctrl-C', async () => {
    const cli = new Cli()
    const folder = join(cli.folder, 'live')
    mkdirSync(folder)
    const file = join(folder, 'chat.jsonl')
    writeFileSync(file, `${chat('t', ['ls'], true)}\n`)
    const messages = (commands: readonly string[]): string =>
      JSON.stringify(
        (JSON.parse(chat('live', commands, true)) as { messages: object[] }).messages.map((message) => message),
      )
    const trajectory = (commands: readonly string[]): string =>
      JSON.stringify({
        trajectory_format: 'mini-swe-agent-1.1',
        instance_id: 'live',
        info: { exit_status: '' },
        messages: JSON.parse(messages(commands)) as object[],
      })
    writeFileSync(join(folder, 'live.traj.json'), trajectory(['ls']))
    const child = spawn(
      process.execPath,
      ['dist/sealign.js', 'import', '--follow', folder, '--session', 's', '--json'],
      { env: cli.env },
    )
    let said = ''
    child.stdout.on('data', (data: Buffer) => (said += data.toString()))
    const steps = async (want: number): Promise<void> => {
      for (let tries = 0; tries < 60; tries++) {
        const { stdout } = cli.run(['session', 'info', '--session', 's', '--json'])
        if (stdout !== '' && (JSON.parse(stdout) as { steps: number }).steps === want) return
        await new Promise((resolve) => {
          setTimeout(resolve, 150)
        })
      }
      throw new Error(`never saw ${want} steps`)
    }
    await steps(2)
    appendFileSync(file, `${chat('t', ['ls', 'pwd'], false)}\n`)
    await steps(4)
    writeFileSync(join(folder, 'live.traj.json'), trajectory(['ls', 'pytest']))
    await steps(5)
    child.kill('SIGINT')
    const [code] = (await once(child, 'exit')) as [number | null]
    expect(code).toBe(0)
    expect(JSON.parse(said)).toMatchObject({ trajectories: 3, tasks: 2 })
  }, 60_000)
})

describe('what goes wrong is one sentence and an exit code', () => {
  it.each([
    [['impotr'], 2, 'there is no command "impotr"'],
    [['import'], 2, 'no path was given'],
    [['import', '/no/such/folder'], 4, '/no/such/folder does not exist'],
    [['import', '.', '--format', 'nope'], 2, 'there is no format "nope"'],
    [['tree', 'list', '--merge', 'nope'], 2, 'expected one of call, call+obs'],
    [['tree', 'list', '--threshold', 'x'], 2, '--threshold "x"'],
    [['tree', 'list', 'surplus'], 2, '"surplus" was not expected'],
    [['tree', 'list', '--surplus'], 2, '--surplus'],
    [['tree', 'list', '--session', 'none'], 4, 'there is no session'],
    [['tree', 'list', '--session', 'a\u0007b'], 2, 'is not allowed'],
    [['pair', 'accept'], 2, 'give a pair or a rule'],
    [['export', 'nope'], 2, 'there is no format "nope"'],
    [['repl', 'surplus'], 2, '"surplus" was not expected'],
  ])('%j', (words, code, says) => {
    const cli = new Cli()
    cli.run(['import', cli.runs()])
    const ran = cli.run(words)
    expect(ran).toMatchObject({ code, stdout: '' })
    expect(ran.stderr).toContain(says)
    expect(ran.stderr).not.toMatch(/\n\s+at /)
    // eslint-disable-next-line no-control-regex -- control characters are what must not come through
    expect(ran.stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/)
  })

  it('a settings file that is broken is named', () => {
    const cli = new Cli()
    cli.run(['config', 'reviewer', 'ada'])
    const { file } = cli.json<{ file: string }>('config')
    expect(statSync(file).mode & 0o777).toBe(0o600)
    chmodSync(file, 0o600)
    writeFileSync(file, '{"reviewer": 7}')
    expect(cli.run(['config'])).toMatchObject({ code: 3, stderr: expect.stringContaining(file) })
  })

  it('a folder without a trajectory is exit code 4, and every broken place is named', () => {
    const cli = new Cli()
    const folder = join(cli.folder, 'bad')
    mkdirSync(folder)
    writeFileSync(join(folder, 'a.jsonl'), '{"a": 1}\n{"broken\n')
    writeFileSync(join(folder, 'b.json'), Buffer.from([0xff, 0xfe, 0x7b, 0]))
    const { code, stdout } = cli.run(['import', folder, '--session', 's', '--json'])
    expect(code).toBe(4)
    const { skipped } = JSON.parse(stdout) as Counts
    expect(
      skipped.map(({ file, line, reason }) => [file.split('/').at(-1), line, reason.slice(0, 22)].join(' ')).toSorted(),
    ).toEqual([
      'a.jsonl 1 is not in a known form',
      'a.jsonl 2 the line is not valid ',
      'b.json  the file is UTF-16; ex',
    ])
  })
})

describe('text from trajectories', () => {
  it('never reaches the terminal as an escape sequence', () => {
    const cli = new Cli()
    const folder = join(cli.folder, 'evil')
    mkdirSync(folder)
    writeFileSync(
      join(folder, 'a.jsonl'),
      `${chat('t\u001b]0;owned\u0007', ['echo \u001b[2J', 'x'], true)}\n${chat('t\u001b]0;owned\u0007', ['rm \u009b31m'], false)}\n`,
    )
    for (const words of [
      ['import', folder],
      ['tree', 'list', '--no-filter'],
      ['tree', 'show', 't'],
      ['pair', 'list', '--no-filter'],
      ['filter'],
      ['session', 'info'],
    ]) {
      const { stdout, stderr } = cli.run([...words, '--session', 's'])
      // eslint-disable-next-line no-control-regex -- control characters are what must not come through
      expect(stdout + stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/)
    }
  })
})

describe('the plain prompt', () => {
  it('runs lines from a pipe, goes on after a failing one, and ends with the last exit code', () => {
    const cli = new Cli()
    cli.run(['import', cli.runs(), '--session', 's'])
    const { code, stdout, stderr } = cli.run(['repl', '--session', 's'], {
      input: "nonsense\n# a comment\npair stats\npair list --where 'P >'\n",
    })
    expect(code).toBe(2)
    expect(stdout).toContain('1 pair at 1 critical node in 1 task')
    expect(stderr).toContain('there is no command "nonsense"')
  })
})

describe('completion', () => {
  it('knows commands, flags, choices, tasks and pairs', () => {
    const cli = new Cli()
    cli.run(['import', cli.runs(), '--session', 's'])
    const found = (...words: string[]): string[] =>
      cli
        .run(['complete', '--', ...words])
        .stdout.split('\n')
        .filter(Boolean)
    expect(found('pa')).toEqual(['pair'])
    expect(found('pair', 'ac')).toEqual(['accept'])
    expect(found('tree', 'list', '--mer')).toEqual(['--merge'])
    expect(found('tree', 'list', '--merge', 'call+')).toEqual(['call+obs', 'call+thought'])
    expect(found('tree', 'show', 'fix/c')).toEqual(['fix/core'])
    expect(found('pair', 'show', 'p')).toHaveLength(1)
    expect(cli.run(['completion', 'bash']).stdout).toContain('complete -o filenames -F _sealign sealign')
  })
})

describe('a reader that goes away', () => {
  it('is no failure', async () => {
    const cli = new Cli()
    cli.run(['import', cli.runs(), '--session', 's'])
    const child = spawn(
      'sh',
      [
        '-c',
        `${process.execPath} dist/sealign.js pair list --session s | true; ${process.execPath} dist/sealign.js tree list --session s | head -n 1`,
      ],
      { env: cli.env },
    )
    let errors = ''
    child.stderr.on('data', (data: Buffer) => (errors += data.toString()))
    await once(child, 'exit')
    expect(errors).toBe('')
    expect(existsSync(cli.folder)).toBe(true)
  })
})
