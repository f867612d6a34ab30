import type { Message } from '../domain/message.ts'
import type { StepDraft } from '../domain/trajectory.ts'
import type { PolicyReply } from '../policy/policy.ts'
import type { WorkspaceStart } from './private-git.ts'
import { bashWord } from '../sandbox/bash-word.ts'
import type { Sandbox } from '../sandbox/sandbox.ts'
import { actionLabel } from '../tree/action-label.ts'
import { runCalls, type Acted } from './act.ts'
import { aftermathOf, type Aftermath } from './aftermath.ts'
import type { ParsedReply } from './call-format/parsed-reply.ts'
import { Conversation } from './conversation.ts'
import type { EndReason, RolloutEnd, StepTiming } from './events.ts'
import type { Listener } from './listener.ts'
import { PatchWatch } from './patch-watch.ts'
import type { ProfileSession } from './profile.ts'
import { replaySteps } from './replay.ts'
import type { RolloutParts } from './rollout-parts.ts'
import { StepClock } from './step-clock.ts'
import type { StopClock } from './stop-clock.ts'
import type { StuckReport } from './stuck.ts'
import type { ToolContext } from './tool.ts'
import { ask, draft, read, withObservation, writtenCalls } from './turn.ts'

/** Everything a rollout has before its first Step. */
export interface LoopParts extends Omit<RolloutParts, 'sandbox'> {
  readonly sandbox: Sandbox
  readonly start: WorkspaceStart | undefined
  readonly session: ProfileSession
  readonly prompt: readonly Message[]
  /** Smaller one of the rollout's limit and the model's. */
  readonly contextTokens: number
  readonly clock: StopClock
  readonly listener: Listener
}

/** The loop of one rollout; what was said so far is in its Conversation, which only ever grows at its end. */
export class AgentLoop {
  readonly #parts: LoopParts
  readonly #conversation: Conversation
  readonly #context: ToolContext
  readonly #patches: PatchWatch | undefined
  readonly #stepClock = new StepClock()
  #t = 0
  #messagesInRow = 0
  /** The newest Step as it was heard, for a nudge that comes during a pause. */
  #newest: { readonly step: StepDraft; readonly timing: StepTiming } | undefined

  constructor(parts: LoopParts) {
    const { sandbox, start, clock, listener, profile, session } = parts
    this.#parts = parts
    this.#conversation = new Conversation(parts.contextTokens, profile.format.tools(session.tools), parts.prefix?.usage)
    this.#conversation.add(parts.prompt)
    this.#context = {
      sandbox,
      signal: clock.signal,
      onOutput: (text) => listener.tell({ type: 'output', text }),
    }
    if (start !== undefined)
      this.#patches = new PatchWatch(sandbox, start, clock.signal, (patch) => listener.tell({ type: 'patch', patch }))
  }

  /** Brings the rollout behind its prefix; an end when it ended there. */
  async begin(): Promise<Omit<RolloutEnd, 'patch'> | undefined> {
    const { prefix } = this.#parts
    if (!prefix || prefix.steps.length === 0) return undefined
    const replayed = prefix.from === 'replay' ? await this.#replay(prefix.steps) : undefined
    if (replayed?.divergence) return { end: 'diverged', infrastructure: replayed.divergence.says }
    if (prefix.from === 'snapshot' && prefix.directory !== undefined) await this.#enter(prefix.directory)
    let report: StuckReport | undefined
    for (const step of prefix.steps) report = await this.#remember(step, prefix.stored)
    this.#patches?.stepped(this.#t, [{ name: 'prefix', arguments: {} }])
    if (replayed?.finished) return { end: 'finished' }
    if (replayed?.answer?.end !== undefined) return { end: replayed.answer.end }
    if (!prefix.stored) return undefined
    // The process may have died between the last Step and the end it led to.
    if (this.#messagesInRow >= this.#parts.limits.messages) return { end: 'gave-up' }
    return report?.effect === 'stopped' ? { end: 'stuck' } : undefined
  }

  /** Makes Steps until something ends the rollout. @throws PolicyError, SandboxError, an abort, a failure of the listener. */
  async run(): Promise<EndReason> {
    this.#stepClock.begin()
    for (;;) {
      await this.#pause()
      const end = this.#limit() ?? (await this.#step())
      if (end !== undefined) return end
    }
  }

  /** Waits until nothing of it works in the Sandbox any more, however it ended. */
  async settle(): Promise<void> {
    await this.#patches?.settle()
  }

  #limit(): EndReason | undefined {
    const { limits } = this.#parts
    if (this.#t >= limits.turns) return 'turn-limit'
    if (limits.costUsd !== undefined && this.#conversation.usage.costUsd >= limits.costUsd) return 'cost-limit'
    return this.#conversation.room < 1 ? 'context-limit' : undefined
  }

  async #step(): Promise<EndReason | undefined> {
    const { policy, sampling, profile, session, clock, listener } = this.#parts
    const t = this.#t + 1
    const reply = await this.#stepClock.policy(() =>
      ask({
        policy,
        sampling,
        format: profile.format,
        session,
        conversation: this.#conversation,
        signal: clock.signal,
        tell: listener.tell,
      }),
    )
    clock.signal.throwIfAborted()
    const parsed = read(reply, profile.format, session)
    this.#conversation.reply(parsed.reply, reply)
    const begun = draft(parsed)
    listener.tell({ type: 'reply', t, label: actionLabel(begun) })
    const acted = parsed.kind === 'call' ? await this.#act(parsed) : undefined
    this.#messagesInRow = parsed.kind === 'message' ? this.#messagesInRow + 1 : 0
    const answered = withObservation(begun, this.#answers(parsed, reply, acted), acted)
    const aftermath = await aftermathOf(
      { t, step: answered, parsed, acted, messagesInRow: this.#messagesInRow },
      this.#parts,
      this.#context,
    )
    const observation = [...answered.observation, ...aftermath.nudges.map(({ text }) => userMessage(text))]
    await this.#store(t, { ...answered, observation }, reply, aftermath)
    this.#patches?.stepped(t, writtenCalls(parsed))
    return aftermath.end
  }

  async #act(parsed: ParsedReply & { kind: 'call' }): Promise<Acted> {
    const { session, clock, listener } = this.#parts
    await this.#stepClock.command(async () => this.#patches?.settle())
    listener.tell({ type: 'phase', phase: 'execute' })
    const acted = await this.#stepClock.command(() => runCalls(parsed.calls, session, this.#context))
    clock.signal.throwIfAborted()
    return acted
  }

  #answers(parsed: ParsedReply, reply: PolicyReply, acted: Acted | undefined): readonly Message[] {
    const { profile, session, limits } = this.#parts
    if (parsed.kind !== 'message') return profile.format.results(parsed, acted?.results ?? [])
    if (this.#messagesInRow >= limits.messages) return []
    const empty = parsed.reply.content.trim() === ''
    const shape = reply.finish === 'length' ? 'cut' : empty ? 'empty' : 'text'
    return [userMessage(session.afterMessage({ count: this.#messagesInRow, shape }))]
  }

  async #store(t: number, step: StepDraft, reply: PolicyReply, { nudges, stuck }: Aftermath): Promise<void> {
    const { listener } = this.#parts
    this.#conversation.add(step.observation)
    const timing = this.#stepClock.lap()
    this.#t = t
    this.#newest = { step, timing }
    const { finish, tokens, estimated, logprobs, firstTokenMs } = reply
    await listener.store({
      type: 'step',
      t,
      step,
      usage: this.#conversation.usage,
      timing,
      reply: {
        finish,
        tokens,
        estimated,
        ...(logprobs === undefined ? {} : { logprobs }),
        ...(firstTokenMs === undefined ? {} : { firstTokenMs }),
      },
    })
    if (stuck) listener.tell({ type: 'stuck', detection: stuck.detection, effect: stuck.effect })
    for (const nudge of nudges) listener.tell({ type: 'nudge', ...nudge })
  }

  /** Waits while a person pauses the rollout; what the person said meanwhile becomes part of the newest Step. */
  async #pause(): Promise<void> {
    const { control, clock } = this.#parts
    const gate = control.gate()
    if (gate === undefined) return
    this.#stepClock.leaveOut(await clock.rest(gate))
    clock.signal.throwIfAborted()
    const text = this.#newest === undefined ? undefined : control.takeNudge()
    if (text !== undefined) await this.#amend(text)
  }

  async #amend(text: string): Promise<void> {
    const { listener, stuck } = this.#parts
    if (this.#newest === undefined) return
    const message = userMessage(text)
    const step = { ...this.#newest.step, observation: [...this.#newest.step.observation, message] }
    this.#newest = { ...this.#newest, step }
    this.#conversation.add([message])
    stuck.reset()
    const { timing } = this.#newest
    await listener.store({ type: 'step', t: this.#t, step, usage: this.#conversation.usage, timing, amends: true })
    listener.tell({ type: 'nudge', text, by: 'person' })
  }

  async #replay(steps: readonly StepDraft[]) {
    const { profile, session, listener } = this.#parts
    return replaySteps({
      steps,
      format: profile.format,
      session,
      context: this.#context,
      onStep: (t) => listener.tell({ type: 'phase', phase: 'replay', note: `step ${t} of ${steps.length}` }),
    })
  }

  async #enter(directory: string): Promise<void> {
    const shell = await this.#parts.sandbox.shell()
    await shell.run(`cd -- ${bashWord(directory)}`, { timeoutMs: 10_000, maxBytes: 1024, signal: this.#context.signal })
  }

  /** Takes a Step of the prefix as if it had just been made. */
  async #remember(step: StepDraft, stored: boolean): Promise<StuckReport | undefined> {
    const { stuck, listener } = this.#parts
    const t = ++this.#t
    this.#conversation.add([step.reply, ...step.observation])
    const report = stuck.push(step, t)
    const isMessage = step.malformed === undefined && (step.calls ?? step.reply.toolCalls ?? []).length === 0
    this.#messagesInRow = isMessage ? this.#messagesInRow + 1 : 0
    const timing = { policyMs: 0, commandMs: step.durationMs ?? 0, overheadMs: 0 }
    this.#newest = { step, timing }
    if (stored) return report
    await listener.store({ type: 'step', t, step, usage: this.#conversation.usage, timing })
    if (report) listener.tell({ type: 'stuck', detection: report.detection, effect: 'flagged' })
    return report
  }
}

function userMessage(content: string): Message {
  return { role: 'user', content }
}
