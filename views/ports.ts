/** What a command line led to, for a screen to show. */
export type CommandResult =
  | { readonly type: 'message'; readonly text: string }
  /** A longer answer (a table, help), shown until Esc. */
  | { readonly type: 'page'; readonly title: string; readonly text: string }
  | { readonly type: 'error'; readonly message: string; readonly hint?: string }
  | { readonly type: 'quit' }

/** What is selected on the screen: fills the gaps of a command typed without arguments. */
export interface Selection {
  readonly task?: string
  readonly node?: number
  readonly pair?: string
  readonly trajectory?: number
  /** Id of a rollout, and a Step t ≥ 1 of it. */
  readonly rollout?: number
  readonly step?: number
  /** A Run, `r1`. */
  readonly run?: string
}

/** How the screen runs the same commands as the shell. Never throws: a failure is a result. */
export interface CommandPort {
  /** Whole lines that `line` could become, best first; used by Tab on the `:` line. */
  complete(line: string): readonly string[]
  run(line: string, context: CommandContext): Promise<CommandResult>
}

/** What a running command is told, and tells. */
export interface CommandContext {
  readonly selection: Selection
  /** One line about how far it is; the newest replaces the one before. */
  readonly onProgress: (line: string) => void
  /** Aborted when the person presses Ctrl-C on the running command. */
  readonly signal: AbortSignal
}
