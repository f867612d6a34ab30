import type { ShellResult } from '../../sandbox/sandbox.ts'
import { headAndTail, headOf, quoted } from './clip.ts'

/** Characters of one command's output that the Policy is shown (OpenHands: 30,000, half from each end). */
const MAX_OUTPUT = 30_000
/** Characters of refused commands that are repeated to the Policy. */
const MAX_ECHO = 2000

const LEFT_OUT = `[... the middle of the output is left out: it has more than ${MAX_OUTPUT} characters ...]`

const WHAT_NOW =
  'Send an empty command to wait for more output, text with is_input=true to answer the program, C-c, C-d or C-z to interrupt, end or suspend it, or give a longer timeout with the next command.'

export const NUL_BYTE = 'ERROR: The command contains a NUL byte. Nothing was run.'
export const NOTHING_TO_WAIT_FOR = 'ERROR: No command is running, so there is no output to wait for.'
export const NOTHING_TO_TALK_TO = 'ERROR: No command is running that could take input.'
/** Before output of a command whose beginning was shown earlier. */
export const CONTINUED = '[Below is what the running command printed since the last reply.]\n'

export function badTimeout(timeout: unknown): string {
  return `ERROR: Parameter \`timeout\` must be a number of seconds greater than 0, got ${quoted(String(timeout))}. Nothing was run.`
}

export function severalCommands(commands: readonly string[]): string {
  const list = commands.map((command, index) => `(${index + 1}) ${command}`).join('\n')
  return `ERROR: Only one command can be run at once, and nothing was run.
Send each command in a call of its own, or chain them with && or ; into one.
The commands given:
${clippedEcho(list)}`
}

export function notExecuted(command: string, output: string): string {
  return `${CONTINUED}${shownOutput(output)}
[The command ${quoted(command, 200)} was NOT run: the command before it is still running. ${WHAT_NOW}]`
}

/** Before the output of a new command: how the one before it ended, unseen until now. */
export function endedMeanwhile(output: string, exitCode: number | undefined): string {
  const shown = shownOutput(output)
  const how = exitCode === undefined ? 'has ended' : `has ended with exit code ${exitCode}`
  const rest = shown === '' ? ']' : `; the rest of its output:]\n${shown}`
  return `[The command before this one ${how}${rest}\n[Below is the output of the new command.]\n`
}

/** Output as the Policy is shown it: without white space at its end, long output without its middle. */
export function shownOutput(output: string): string {
  return headAndTail(output.trimEnd(), MAX_OUTPUT, LEFT_OUT)
}

/** The bracketed lines after the output: how the command ended or why control came back, where the shell is now. */
export function suffix(
  result: ShellResult,
  { quietMs, timeoutMs }: { readonly quietMs?: number; readonly timeoutMs: number },
  key: string | undefined,
): string {
  switch (result.end) {
    case 'exit': {
      const sent = key === undefined ? '' : ` CTRL+${key.toUpperCase()} was sent.`
      const code = result.exitCode ?? -1
      const directory = result.cwd === undefined ? '' : `\n[Current working directory: ${headOf(result.cwd, 4096)}]`
      return `\n[The command completed with exit code ${code}.${sent}]${directory}\n[Command finished with exit code ${code}]`
    }
    case 'quiet':
      return `\n[The command has printed nothing for ${seconds(quietMs ?? 0)} and is still running. ${WHAT_NOW}]`
    case 'timeout':
      return `\n[The command is still running after ${seconds(timeoutMs)}. ${WHAT_NOW}]`
    case 'lost': {
      const code = result.exitCode === undefined ? '' : ` (exit code ${result.exitCode})`
      return `\n[The command ended the shell itself${code}. A new shell was started in the first working directory; variables, functions and background jobs of the old one are gone.]`
    }
  }
}

function clippedEcho(text: string): string {
  return text.length > MAX_ECHO ? `${headOf(text, MAX_ECHO)}…` : text
}

function seconds(ms: number): string {
  return `${ms / 1000} seconds`
}
