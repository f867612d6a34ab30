import type { ParsedCall } from './call-format/parsed-reply.ts'
import type { ProfileSession } from './profile.ts'
import type { ToolContext, ToolResult } from './tool.ts'

/** What the calls of one reply led to. */
export interface Acted {
  /** One per call that ran or was refused, in order; calls after `finish` have none. */
  readonly results: readonly ToolResult[]
  readonly finished: boolean
  /** Exit code of the last command that had one. */
  readonly exitCode: number | undefined
  /** Milliseconds. */
  readonly commandMs: number
}

/**
 * Runs the calls of a reply one after the other; stops after one that finishes the rollout.
 *
 * @throws SandboxError, and whatever a tool throws when `context.signal` was aborted.
 */
export async function runCalls(
  calls: readonly ParsedCall[],
  session: ProfileSession,
  context: ToolContext,
): Promise<Acted> {
  const since = performance.now()
  const results: ToolResult[] = []
  let exitCode: number | undefined
  for (const call of calls) {
    context.signal.throwIfAborted()
    const refusal = session.refuse(call)
    const result: ToolResult =
      refusal === undefined ? await call.tool.run(call.args, context) : { text: refusal, failed: true }
    results.push(result)
    exitCode = result.exitCode ?? exitCode
    if (result.finished) break
  }
  const finished = results.at(-1)?.finished === true
  return { results, finished, exitCode, commandMs: performance.now() - since }
}
