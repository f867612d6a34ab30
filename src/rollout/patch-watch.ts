import type { ToolCall } from '../domain/message.ts'
import { SandboxError } from '../sandbox/sandbox-error.ts'
import type { Sandbox } from '../sandbox/sandbox.ts'
import { canonicalTool } from '../tree/canonical-call.ts'
import { extractPatch } from './patch.ts'
import type { WorkspaceStart } from './private-git.ts'

/** At most one look in this many Steps, or after this long. */
const STEPS_BETWEEN = 3
const MS_BETWEEN = 5000
const TIMEOUT_MS = 20_000

const READ_ONLY_TOOLS = new Set(['think', 'finish', 'locate', 'done_searching', 'judge_patch'])
/** One program that only reads, nothing chained, redirected or substituted. */
const READ_ONLY_COMMAND =
  /^(?:ls|cat|head|tail|grep|rg|pwd|wc|file|stat|git (?:log|status|diff|show|blame))(?:\s[^;&|<>`$\n]*)?$/

/** Whether a call may change a file; told from its text, errs towards yes. */
export function mayEdit(call: ToolCall): boolean {
  const name = canonicalTool(call.name)
  if (READ_ONLY_TOOLS.has(name) || name.startsWith('search_') || name === 'view_lines') return false
  if (typeof call.arguments === 'string') return false
  const command = call.arguments['command']
  if (typeof command !== 'string') return true
  if (name === 'str_replace_editor') return command.trim() !== 'view'
  return !(name === 'bash' && READ_ONLY_COMMAND.test(command.trim()))
}

/** Keeps the patch so far up to date while the Policy thinks: a look runs beside the query, never beside a command. */
export class PatchWatch {
  readonly #sandbox: Sandbox
  readonly #start: WorkspaceStart
  readonly #signal: AbortSignal
  readonly #changed: (patch: string) => void
  #dirty = false
  #lastStep = Number.NEGATIVE_INFINITY
  #lastMs = Number.NEGATIVE_INFINITY
  #tree: string
  #patch = ''
  #look: Promise<void> | undefined

  /** @param changed - hears the patch whenever it is another one. */
  constructor(sandbox: Sandbox, start: WorkspaceStart, signal: AbortSignal, changed: (patch: string) => void) {
    this.#sandbox = sandbox
    this.#start = start
    this.#signal = signal
    this.#changed = changed
    this.#tree = ''
  }

  /** Hears what Step `t` did, and begins a look when one is due. */
  stepped(t: number, calls: readonly ToolCall[]): void {
    this.#dirty ||= calls.some(mayEdit)
    if (!this.#dirty || this.#look) return
    if (t - this.#lastStep < STEPS_BETWEEN && performance.now() - this.#lastMs < MS_BETWEEN) return
    this.#dirty = false
    this.#lastStep = t
    this.#lastMs = performance.now()
    this.#look = this.#read().then(() => {
      this.#look = undefined
    })
    // Whoever settles next hears of a failure.
    this.#look.catch(() => undefined)
  }

  /** Waits for the look that runs, if one does; before every command. */
  async settle(): Promise<void> {
    await this.#look
  }

  async #read(): Promise<void> {
    try {
      const options = { signal: this.#signal, timeoutMs: TIMEOUT_MS, unless: this.#tree }
      const found = await extractPatch(this.#sandbox, this.#start, options)
      if (found === undefined || found === 'same') return
      this.#tree = found.tree
      if (found.patch === this.#patch) return
      this.#patch = found.patch
      this.#changed(found.patch)
    } catch (error) {
      // A dead Sandbox shows itself at the next command, where it ends the rollout; a cancelled look is no failure.
      if (!(error instanceof SandboxError) && !this.#signal.aborted) throw error
    }
  }
}
