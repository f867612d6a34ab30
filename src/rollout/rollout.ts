import { PolicyError } from '../policy/policy-error.ts'
import { SandboxError } from '../sandbox/sandbox-error.ts'
import type { Sandbox } from '../sandbox/sandbox.ts'
import { AgentLoop } from './agent-loop.ts'
import type { RolloutEnd, RolloutEvent } from './events.ts'
import { Listener } from './listener.ts'
import { extractPatch } from './patch.ts'
import type { WorkspaceStart } from './private-git.ts'
import type { RolloutParts } from './rollout-parts.ts'
import { StopClock } from './stop-clock.ts'
import { prepareWorkspace, WorkspaceError } from './workspace.ts'

/** Patch of a rollout that a person waits to see cancelled. */
const LAST_PATCH_MS = 15_000

/**
 * Runs one rollout: query, parse, execute, append, one Step at a time, each heard (and stored) before the next query.
 *
 * What the Policy does wrong is data. What our machinery does wrong ends the rollout as `infrastructure`; every Step heard before
 * stays. The Sandbox is not closed here.
 *
 * @param hear - `step` and `prompt` are awaited; a failure of it ends the rollout and is thrown.
 */
export async function runRollout(
  parts: RolloutParts,
  hear: (event: RolloutEvent) => void | Promise<void>,
): Promise<RolloutEnd> {
  const clock = new StopClock(parts.control.signal, parts.limits.wallMs)
  const listener = new Listener(hear)
  const made: Made = { sandbox: undefined, start: undefined, loop: undefined }
  try {
    const ended = await collect(parts, clock, listener, made).catch((error: unknown) => {
      if (error !== listener.failure) return endOf(error, clock)
      throw error
    })
    const end = await lastPatch(made, listener, ended)
    listener.rethrow()
    return end
  } finally {
    clock.close()
  }
}

/** What exists so far. */
interface Made {
  sandbox: Sandbox | undefined
  start: WorkspaceStart | undefined
  loop: AgentLoop | undefined
}

type Ended = Omit<RolloutEnd, 'patch'>

async function collect(parts: RolloutParts, clock: StopClock, listener: Listener, made: Made): Promise<Ended> {
  const { task, prefix, profile } = parts
  listener.tell({ type: 'phase', phase: 'sandbox' })
  const sandbox = (made.sandbox = await parts.sandbox(clock.signal))
  clock.signal.throwIfAborted()
  const snapshot = prefix?.from === 'snapshot'
  const start = (made.start =
    snapshot && prefix.start ? prefix.start : await prepareWorkspace(sandbox, task, clock.signal, { setup: !snapshot }))
  const session = profile.start(task, parts.limits)
  const prompt = prefix?.prompt ?? session.prompt
  const tools = profile.format.tools(session.tools)
  await listener.store({
    type: 'prompt',
    prompt,
    ...(tools === undefined ? {} : { tools }),
    ...(start === undefined ? {} : { start }),
  })
  const known = await parts.policy.contextTokens(clock.signal)
  const contextTokens = Math.min(parts.limits.contextTokens, known ?? Number.POSITIVE_INFINITY)
  const loop = (made.loop = new AgentLoop({
    ...parts,
    sandbox,
    start,
    session,
    prompt,
    contextTokens,
    clock,
    listener,
  }))
  return (await loop.begin()) ?? { end: await loop.run() }
}

/** Why a rollout ended that threw. */
function endOf(error: unknown, clock: StopClock): Ended {
  if (clock.why !== undefined) return { end: clock.why }
  if (error instanceof PolicyError && error.fault === 'context') return { end: 'context-limit' }
  if (error instanceof PolicyError || error instanceof SandboxError || error instanceof WorkspaceError)
    return { end: 'infrastructure', infrastructure: error.message }
  throw error
}

/** The patch at the end, however it ended; a Sandbox that cannot even give that failed, not the Policy. */
async function lastPatch({ sandbox, start, loop }: Made, listener: Listener, ended: Ended): Promise<RolloutEnd> {
  if (sandbox === undefined || start === undefined) return { ...ended, patch: undefined }
  listener.tell({ type: 'phase', phase: 'patch' })
  try {
    await loop?.settle()
    const limit = ended.end === 'cancelled' ? { timeoutMs: LAST_PATCH_MS } : {}
    const found = await extractPatch(sandbox, start, { final: true, ...limit })
    return { ...ended, patch: found === 'same' ? undefined : found?.patch }
  } catch (error) {
    if (!(error instanceof SandboxError)) throw error
    if (ended.end === 'cancelled' || ended.infrastructure !== undefined) return { ...ended, patch: undefined }
    return { end: 'infrastructure', infrastructure: error.message, patch: undefined }
  }
}
