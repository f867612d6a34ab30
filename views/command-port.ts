import { spawn } from 'node:child_process'
import { complete } from '../commands/complete.ts'
import type { CommandContext as RunContext } from '../commands/define.ts'
import { COMMANDS } from '../commands/index.ts'
import { remember } from '../commands/repl.ts'
import { runWords } from '../commands/run.ts'
import type { Config } from '../commands/user-config.ts'
import { sessionValues } from '../commands/values.ts'
import { splitWords } from '../commands/words.ts'
import type { Session } from '../sessions/session.ts'
import { SealignError } from '../src/domain/errors.ts'
import type { CommandContext, CommandPort, CommandResult, Selection } from './ports.ts'
import type { SessionModel } from './session-model.ts'

export interface CommandPortParts {
  readonly session: Session
  readonly model: SessionModel
  readonly config: Config
  readonly env: NodeJS.ProcessEnv
}

/** Commands that take long or write much: they run in a process of their own, so that the screen never waits. */
const APART = new Set([
  'import',
  'export',
  'session gc',
  'session check',
  'session backup',
  'doctor',
  'task import',
  'task check',
  'task generate',
  'demo',
  'ablate',
  'rollout start',
  'train start',
  'train watch',
  'eval start',
  'eval report',
  'eval compare',
  'filter backtest',
])
/** A longer answer is shown as a page. */
const PAGE_LINES = 2

/** Runs the shell's commands for the screen: the same words, the same results. */
export function createCommandPort(parts: CommandPortParts): CommandPort {
  const { session, model, config, env } = parts
  const values = sessionValues(
    () => session.path,
    env,
    () => model.analysis(),
  )
  return {
    complete(line) {
      const words = /\s$|^$/.test(line) ? [...safeWords(line), ''] : safeWords(line)
      const head = line.slice(0, line.length - (words.at(-1) ?? '').length)
      return complete(words, COMMANDS, values).map((found) => head + found)
    },
    async run(line, context) {
      try {
        const words = filledIn(splitWords(line), context.selection)
        if (words[0] === 'q' || words[0] === 'quit' || words[0] === 'exit') return { type: 'quit' }
        if (!isPaneCommand(words)) remember(env, line)
        const result = APART.has(commandName(words))
          ? await runApart(words, session.path, context)
          : await runHere(words, parts, context)
        model.refresh()
        return result
      } catch (error) {
        return errorResult(error)
      }
    },
  }

  async function runHere(
    words: readonly string[],
    { session: open }: CommandPortParts,
    context: CommandContext,
  ): Promise<CommandResult> {
    const running: RunContext = {
      session: () => open,
      analysis: () => model.analysis(),
      sessionPath: open.path,
      sessionNamed: true,
      config,
      env,
      signal: context.signal,
      progress: context.onProgress,
    }
    const outcome = await runWords(words, running)
    if ('help' in outcome) return { type: 'page', title: words.join(' '), text: outcome.help }
    return textResult(words, outcome.command.text(outcome.result, { columns: Number.MAX_SAFE_INTEGER, color: false }))
  }
}

/** Runs the program itself; its last status line is the progress, its stdout the answer. */
function runApart(words: readonly string[], sessionPath: string, context: CommandContext): Promise<CommandResult> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [process.argv[1] ?? '', ...words, '--session', sessionPath], {
      env: { ...process.env, SEALIGN_PROGRESS: 'lines', NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
      signal: context.signal,
      killSignal: 'SIGINT',
    })
    let said = ''
    let problem = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      problem = (problem + text).slice(-4000)
      const line = text.trimEnd().split('\n').at(-1)
      if (line) context.onProgress(line)
    })
    child.on('error', (error) => {
      if (error.name !== 'AbortError')
        resolve({ type: 'error', message: `the command could not be started: ${error.message}` })
    })
    child.on('close', (code) => {
      if (code === 0 || code === 130) resolve(textResult(words, said.trimEnd() || 'stopped'))
      else {
        const lines = problem
          .trimEnd()
          .split('\n')
          .filter((line) => !line.includes(' left '))
        const at = lines.findIndex((line) => line.startsWith('sealign: '))
        const [message = said.trim() || `it ended with exit code ${code}`, hint] = at < 0 ? [] : lines.slice(at)
        resolve({ type: 'error', message: message.replace(/^sealign: /, ''), ...(hint !== undefined && { hint }) })
      }
    })
  })
}

function textResult(words: readonly string[], text: string): CommandResult {
  if (isPaneCommand(words)) return { type: 'message', text: '' }
  return text.split('\n').length > PAGE_LINES
    ? { type: 'page', title: words.join(' '), text }
    : { type: 'message', text }
}

/** Verdicts on one Pair show their effect in the queue itself. */
function isPaneCommand(words: readonly string[]): boolean {
  return words[0] === 'pair' && /^p[0-9a-f]{12}$/.test(words[2] ?? '')
}

function commandName(words: readonly string[]): string {
  const two = words.slice(0, 2).join(' ')
  return COMMANDS.some(({ name }) => name === two) ? two : (words[0] ?? '')
}

/** A command about a pair or task, typed without saying which, is about the one on the screen. */
function filledIn(words: readonly string[], { pair, task }: Selection): readonly string[] {
  const [group, verb] = words
  if (
    words.length === 2 &&
    group === 'pair' &&
    pair !== undefined &&
    /^(accept|reject|skip|swap|flag|undo|show)$/.test(verb ?? '')
  )
    return [...words, pair]
  if (words.length === 2 && group === 'tree' && verb === 'show' && task !== undefined) return [...words, task]
  return words
}

function safeWords(line: string): string[] {
  try {
    return splitWords(line)
  } catch {
    return line.split(/\s+/)
  }
}

function errorResult(error: unknown): CommandResult {
  if (error instanceof SealignError)
    return { type: 'error', message: error.message, ...(error.hint !== undefined && { hint: error.hint }) }
  return {
    type: 'error',
    message: `something went wrong that should not have: ${error instanceof Error ? error.message : String(error)}`,
  }
}
