import { spawn } from 'node:child_process'
import { type ErrorCode, EXIT_CODES, SealignError } from '../../domain/errors.ts'
import { LastWords } from './last-words.ts'
import { trainerCommand } from './trainer-command.ts'

/** A short piece of work of the trainer's program, such as a plan. */
export interface TrainerCall {
  readonly python: string
  /** Its command and what belongs to it: `plan --config FILE`. */
  readonly words: readonly string[]
  readonly env: NodeJS.ProcessEnv
  /** Aborted: it is ended. */
  readonly signal: AbortSignal
  /** Hears its stderr. */
  readonly progress: (line: string) => void
}

/**
 * Runs it to its end.
 * @param isAnswer - whether it ended with an answer; default: with exit code 0.
 * @returns what it printed, and its exit code.
 * @throws SealignError with the trainer's own sentence where it has one.
 */
export async function callTrainer(
  { python, words, env, signal, progress }: TrainerCall,
  isAnswer: (code: number, stdout: string) => boolean = (code) => code === 0,
): Promise<{ readonly stdout: string; readonly code: number }> {
  const { program, args, env: variables } = trainerCommand(python, words, env)
  const child = spawn(program, args, { env: variables, stdio: ['ignore', 'pipe', 'pipe'] })
  const end = (): void => void child.kill('SIGTERM')
  signal.addEventListener('abort', end)
  const lastWords = new LastWords((text) => {
    const line = text
      .trim()
      .split(/[\r\n]+/)
      .at(-1)
    if (line) progress(line)
  })
  let stdout = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => lastWords.push(text))
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject)
      child.once('close', resolve)
    })
    if (code !== null && isAnswer(code, stdout)) return { stdout, code }
    throw failure(words[0] ?? '', code, lastWords)
  } finally {
    signal.removeEventListener('abort', end)
  }
}

/** The trainer's errors are a sentence after its name, then what to do; their exit codes are ours. */
function failure(command: string, code: number | null, words: LastWords): SealignError {
  const lines = words.tail.trimEnd().split('\n')
  const name = `sealign_trainer ${command}: `
  const at = lines.findLastIndex((line) => line.startsWith(name))
  const known = Object.entries(EXIT_CODES).find(([, exit]) => exit === code)?.[0] as ErrorCode | undefined
  if (at < 0 || known === undefined || known === 'bug')
    return new SealignError('trainer', `the trainer could not ${command} (exit code ${code}): ${words.quoted}`)
  const hint = lines
    .slice(at + 1)
    .join(' ')
    .trim()
  return new SealignError(known, (lines[at] ?? '').slice(name.length), hint === '' ? {} : { hint })
}
