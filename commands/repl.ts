import { createInterface } from 'node:readline'
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { SealignError } from '../src/domain/errors.ts'
import { sessionName } from '../sessions/place.ts'
import { complete } from './complete.ts'
import { Config } from './user-config.ts'
import { chosenSession } from './doors.ts'
import { COMMANDS } from './index.ts'
import { runShell } from './shell.ts'
import { sessionValues } from './values.ts'
import { splitWords } from './words.ts'

const KEPT_LINES = 1000

/**
 * The same commands on a plain prompt, for terminals that cannot move their cursor and for pipes: one command a line, Tab
 * completes, history is kept. A failing command never ends it; `exit` or the end of the input does.
 * @returns the exit code: that of the last command when the input is no terminal, else 0.
 */
export async function runRepl(words: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<number> {
  const named = sessionFlag(words)
  const path = (): string => chosenSession(named, new Config(env), env)
  const values = sessionValues(path, env)
  const interactive = process.stdin.isTTY === true
  const lines = createInterface({
    input: process.stdin,
    output: interactive ? process.stdout : undefined,
    terminal: interactive && env['TERM'] !== 'dumb',
    history: readHistory(env),
    historySize: KEPT_LINES,
    prompt: `sealign ${sessionName(path())}> `,
    completer: (line: string) => {
      const before = safely(line)
      const typed = /\s$/.test(line) ? '' : (before.at(-1) ?? '')
      return [complete(/\s$/.test(line) ? [...before, ''] : before, COMMANDS, values), typed]
    },
  })
  let code = 0
  if (interactive) lines.prompt()
  for await (const line of lines) {
    const text = line.trim()
    if (text === 'exit' || text === 'quit') break
    if (text !== '' && !text.startsWith('#')) {
      code = await runLine(text, named, env)
      if (interactive) remember(env, text)
    }
    if (interactive) lines.prompt()
  }
  lines.close()
  return interactive ? 0 : code
}

async function runLine(text: string, named: string | undefined, env: NodeJS.ProcessEnv): Promise<number> {
  try {
    const words = splitWords(text)
    const [first = ''] = words
    const rest = first === 'sealign' ? words.slice(1) : words
    return await runShell(
      named === undefined || rest.includes('--session') ? rest : [...rest, '--session', named],
      process,
      env,
    )
  } catch (error) {
    if (!(error instanceof SealignError)) throw error
    process.stderr.write(`${error.message}\n`)
    return error.exitCode
  }
}

function sessionFlag(words: readonly string[]): string | undefined {
  const at = words.indexOf('--session')
  const inline = words.find((word) => word.startsWith('--session='))
  const unknown = words.find((word, index) => !word.startsWith('--session') && words[index - 1] !== '--session')
  if (unknown !== undefined)
    throw new SealignError('usage', `repl: ${JSON.stringify(unknown)} was not expected`, {
      hint: 'Usage: sealign repl [--session NAME|PATH]',
    })
  return inline?.slice('--session='.length) ?? (at < 0 ? undefined : words[at + 1])
}

function safely(line: string): string[] {
  try {
    return splitWords(line)
  } catch {
    return line.split(/\s+/)
  }
}

function historyPath(env: NodeJS.ProcessEnv): string {
  return join(env['XDG_STATE_HOME'] || join(homedir(), '.local', 'state'), 'sealign', 'history')
}

/** Lines typed before, newest first, as readline wants them; shared with the `:` line of the workbench. */
export function readHistory(env: NodeJS.ProcessEnv): string[] {
  const path = historyPath(env)
  if (!existsSync(path)) return []
  return readFileSync(path, 'utf8').split('\n').filter(Boolean).slice(-KEPT_LINES).reverse()
}

/** Keeps a typed line, unless a key is in it; a history that cannot be written is no reason to fail. */
export function remember(env: NodeJS.ProcessEnv, line: string): void {
  if (/\bconfig\s+apiKey\b/.test(line)) return
  try {
    mkdirSync(dirname(historyPath(env)), { recursive: true, mode: 0o700 })
    appendFileSync(historyPath(env), `${line.replaceAll('\n', ' ')}\n`, { mode: 0o600 })
  } catch {
    // The line is simply not remembered.
  }
}
