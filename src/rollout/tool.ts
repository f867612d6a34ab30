import type { Json, JsonObject } from '../domain/json.ts'
import type { Sandbox } from '../sandbox/sandbox.ts'

/** What a tool works on. */
export interface ToolContext {
  readonly sandbox: Sandbox
  readonly signal: AbortSignal
  /** Hears a command's output as it comes, for the screen; safe text is made by whoever shows it. */
  readonly onOutput?: (text: string) => void
}

/** What a call led to. A failing command or a wrong argument is a result, never an exception. */
export interface ToolResult {
  /** What the Policy reads. */
  readonly text: string
  readonly exitCode?: number
  /** The tool refused or failed (an editor error, a missing parameter); counts for the stuck rules. */
  readonly failed: boolean
  /** The Policy says it is done. */
  readonly finished?: boolean
}

/** One tool of a framework: its definition as the Policy reads it, and what a call does. Holds state of one rollout (edit history). */
export interface Tool {
  readonly name: string
  /** Other names under which models call it. */
  readonly aliases: readonly string[]
  /** `{name, description, parameters}` with a JSON Schema, in our own words. */
  readonly definition: { readonly name: string; readonly description: string; readonly parameters: JsonObject }
  /** Parameters accepted and ignored (`security_risk`, `summary`). */
  readonly ignored: readonly string[]
  run(args: JsonObject, context: ToolContext): Promise<ToolResult>
}

/** The OpenAI form of a tool definition. */
export function functionTool(tool: Tool): Json {
  return { type: 'function', function: tool.definition }
}
