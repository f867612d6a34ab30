import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from '../sessions/temporary.ts'

/** What one run of the program printed, and how it ended. */
export interface Ran {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** The real program with folders of the test's own. */
export class Cli {
  readonly folder = temporaryFolder()
  readonly env: Readonly<Record<string, string>>

  constructor() {
    const { CI: _ci, NODE_OPTIONS: _options, ...env } = process.env
    this.env = {
      ...(env as Record<string, string>),
      XDG_DATA_HOME: join(this.folder, 'data'),
      XDG_CONFIG_HOME: join(this.folder, 'config'),
      XDG_STATE_HOME: join(this.folder, 'state'),
      SEALIGN_REVIEWER: 'ada',
      TERM: 'xterm-256color',
    }
  }

  run(
    words: readonly string[],
    options: { readonly input?: string; readonly env?: Readonly<Record<string, string>> } = {},
  ): Ran {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['dist/sealign.js', ...words], {
      encoding: 'utf8',
      env: { ...this.env, ...options.env },
      input: options.input ?? '',
      timeout: 60_000,
    })
    return { code: status, stdout, stderr }
  }

  /** Like `run`, while this process goes on: for commands that ask a server of the test itself. */
  async start(words: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ran> {
    const child = spawn(process.execPath, ['dist/sealign.js', ...words], {
      env: { ...this.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 240_000,
    })
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
    return { code, stdout, stderr }
  }

  /** Runs with `--json` and parses the one document on stdout. */
  json<T>(...words: string[]): T {
    const { code, stdout, stderr } = this.run([...words, '--json'])
    if (code !== 0) throw new Error(`${words.join(' ')}: exit code ${code}\n${stderr}`)
    return JSON.parse(stdout) as T
  }

  /** A folder with chat runs of two tasks; in `fix/core` the runs part at their second action and only one way is resolved. */
  runs(): string {
    const folder = join(this.folder, 'runs')
    mkdirSync(folder, { recursive: true })
    const lines = [
      chat('fix/core', ['ls', 'edit core.py', 'pytest'], true),
      chat('fix/core', ['ls', 'edit core.py', 'pytest -x'], true),
      chat('fix/core', ['ls', 'cat README'], false),
      chat('fix/core', ['ls', 'cat README', 'ls'], false),
      chat('fix/other', ['pwd'], true),
    ]
    writeFileSync(join(folder, 'chat.jsonl'), `${lines.join('\n')}\n`)
    return folder
  }
}

/** One line of plain OpenAI chat JSONL. */
export function chat(task: string, commands: readonly string[], resolved: boolean, note = ''): string {
  const messages: object[] = [{ role: 'user', content: `Solve ${task}.${note}` }]
  for (const [n, command] of commands.entries()) {
    messages.push({
      role: 'assistant',
      content: `Now ${command}.`,
      tool_calls: [
        { id: `c${n}`, type: 'function', function: { name: 'bash', arguments: JSON.stringify({ command }) } },
      ],
    })
    messages.push({ role: 'tool', tool_call_id: `c${n}`, content: `output of ${command}` })
  }
  return JSON.stringify({
    task_id: task,
    messages,
    resolved,
    tools: [{ type: 'function', function: { name: 'bash', parameters: { type: 'object' } } }],
  })
}
