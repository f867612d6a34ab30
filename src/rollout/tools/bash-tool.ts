import type { JsonObject } from '../../domain/json.ts'
import type { Shell, ShellInput, ShellResult, ShellWait } from '../../sandbox/sandbox.ts'
import type { Tool, ToolContext, ToolResult } from '../tool.ts'
import { BASH_DESCRIPTION, BASH_PARAMETERS } from './bash-definition.ts'
import * as says from './bash-text.ts'
import { topLevelCommands } from './shell-commands.ts'

export interface BashToolOptions {
  /** A command that prints nothing for this long gives control back and goes on running. */
  readonly quietMs?: number
  /** The same for a command that keeps printing, where the call sets no `timeout`. */
  readonly hardMs?: number
  /** Longest `timeout` a call may ask for. */
  readonly maxTimeoutMs?: number
}

/** Both ends that are shown must lie inside the halves that the shell keeps: 15,000 characters of up to 4 bytes each. */
const MAX_BYTES = 128 * 1024

/** How long a new command waits for the end of one that may have ended meanwhile. */
const POLL_MS = 50

const KEY = /^(?:C-|ctrl[+-])([cdz])$/i

/**
 * `execute_bash`: commands in the Sandbox's persistent shell, after OpenHands `runtime/utils/bash.py`.
 *
 * One top-level command per call; what runs too long goes on running and can be waited for, answered or interrupted.
 * A failing command is a result with its exit code; `failed` is set only where nothing was run. SandboxErrors pass through.
 */
export function createBashTool(options: BashToolOptions = {}): Tool {
  const limits = { quietMs: 30_000, hardMs: 120_000, maxTimeoutMs: 3_600_000, ...options }
  return {
    name: 'execute_bash',
    aliases: ['bash', 'terminal'],
    definition: { name: 'execute_bash', description: BASH_DESCRIPTION, parameters: BASH_PARAMETERS },
    ignored: [],
    async run(args, context) {
      const call = readArguments(args, limits)
      if (typeof call === 'string') return refused(call)
      const shell = await context.sandbox.shell()
      const talk = new Talk(shell, call, context)
      return shell.busy ? talk.withRunning() : talk.start()
    },
  }
}

/** A call's arguments, understood. */
interface BashCall {
  readonly command: string
  readonly isInput: boolean
  /** `c`, `d` or `z` when the command is `C-c`, …. */
  readonly key: string | undefined
  /** `quietMs` is absent where the call sets its own hard limit. */
  readonly wait: { readonly quietMs?: number; readonly timeoutMs: number; readonly maxBytes: number }
}

function readArguments(args: JsonObject, limits: Required<BashToolOptions>): BashCall | string {
  const command = typeof args['command'] === 'string' ? args['command'].trim() : ''
  if (command.includes('\0')) return says.NUL_BYTE
  const timeout = args['timeout']
  if (timeout !== undefined && !(typeof timeout === 'number' && timeout > 0)) return says.badTimeout(timeout)
  return {
    command,
    isInput: args['is_input'] === true || args['is_input'] === 'true',
    key: KEY.exec(command)?.[1]?.toLowerCase(),
    wait:
      timeout === undefined
        ? { quietMs: limits.quietMs, timeoutMs: limits.hardMs, maxBytes: MAX_BYTES }
        : { timeoutMs: Math.min(timeout * 1000, limits.maxTimeoutMs), maxBytes: MAX_BYTES },
  }
}

/** One call's talk with the shell. */
class Talk {
  readonly #shell: Shell
  readonly #call: BashCall
  readonly #context: ToolContext

  constructor(shell: Shell, call: BashCall, context: ToolContext) {
    this.#shell = shell
    this.#call = call
    this.#context = context
  }

  /** Nothing runs: starts the command. */
  async start(earlier = ''): Promise<ToolResult> {
    const { command, isInput, key } = this.#call
    if (command === '') return refused(says.NOTHING_TO_WAIT_FOR)
    if (isInput || key !== undefined) return refused(says.NOTHING_TO_TALK_TO)
    const commands = topLevelCommands(command) ?? []
    if (commands.length > 1) return refused(says.severalCommands(commands))
    return this.#answer(await this.#shell.run(command, this.#wait(this.#call.wait)), earlier)
  }

  /** A command still runs, or did until a moment ago. */
  async withRunning(): Promise<ToolResult> {
    const { command, isInput, key } = this.#call
    if (key !== undefined) return this.#send({ type: 'key', key: `C-${key}` }, key)
    if (command === '') return this.#send({ type: 'wait' })
    if (isInput) return this.#send({ type: 'text', text: `${command}\n` })
    const { end, output, exitCode } = await this.#shell.input(
      { type: 'wait' },
      this.#wait({ timeoutMs: POLL_MS, maxBytes: MAX_BYTES }),
    )
    if (end === 'exit' || end === 'lost') return this.start(says.endedMeanwhile(output, exitCode))
    return refused(says.notExecuted(command, output))
  }

  async #send(input: ShellInput, key?: string): Promise<ToolResult> {
    const result = await this.#shell.input(input, this.#wait(this.#call.wait))
    return this.#answer(result, result.end === 'exit' ? '' : says.CONTINUED, key)
  }

  #answer(result: ShellResult, before: string, key?: string): ToolResult {
    const { exitCode } = result
    const suffix = says.suffix(result, this.#call.wait, key)
    return {
      text: `${before}${says.shownOutput(result.output)}${suffix}`,
      failed: false,
      ...(exitCode === undefined ? {} : { exitCode }),
    }
  }

  #wait(wait: BashCall['wait']): ShellWait {
    const { signal, onOutput } = this.#context
    if (onOutput === undefined) return { ...wait, signal }
    const decoder = new TextDecoder()
    return { ...wait, signal, onOutput: (chunk) => onOutput(decoder.decode(chunk, { stream: true })) }
  }
}

function refused(text: string): ToolResult {
  return { text, failed: true }
}
