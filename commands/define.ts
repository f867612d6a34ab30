import type { z } from 'zod'
import type { Analysis } from '../sessions/analysis.ts'
import type { Session } from '../sessions/session.ts'
import type { Config } from './user-config.ts'

/** What a running command may use. */
export interface CommandContext {
  /** Opens the chosen session on first use. @throws SealignError `not-found` when there is none and `create` was not asked for. */
  session(options?: { readonly create?: boolean }): Session
  /** The analysis the screen shows, kept between commands; `undefined` in a shell, where each command makes its own. */
  readonly analysis?: () => Analysis
  /** Path of the chosen session's file, open or not. */
  readonly sessionPath: string
  /** Whether a person named it, or has it open; otherwise it is the last one changed. */
  readonly sessionNamed: boolean
  readonly config: Config
  readonly env: NodeJS.ProcessEnv
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal
  /** Shows where a long command stands; never part of its result. */
  progress(line: string): void
}

/** A command is data plus a function that returns a value; it never prints. */
export interface Command<Args = Record<string, unknown>, Result = unknown> {
  /** Words that call it, e.g. `pair accept`. */
  readonly name: string
  /** One line for `--help` and completion. */
  readonly summary: string
  /** A full command line a person can copy. */
  readonly example: string
  /** Arguments by name; `.describe()` on a field is its help text. */
  readonly args: z.ZodObject
  /** Names of arguments given without a flag, in order; the last one takes all the rest when it is an array. */
  readonly positional?: readonly string[]
  run(args: Args, context: CommandContext): Result | Promise<Result>
  /** The result for people, without a final newline. */
  text(result: Result, style: TextStyle): string
  /** The result as the JSON document of `--json`; by default the result itself. */
  json?(result: Result): unknown
}

/** How text for people may look. */
export interface TextStyle {
  readonly columns: number
  readonly color: boolean
}

/** Declares a command; arguments arrive typed and validated. */
export function defineCommand<Shape extends z.ZodRawShape, Result>(
  command: Omit<Command<z.output<z.ZodObject<Shape>>, Result>, 'args'> & { readonly args: z.ZodObject<Shape> },
): Command {
  return command as unknown as Command
}
