import type { Json, JsonObject } from '../domain/json.ts'
import type { Message } from '../domain/message.ts'
import { callsOf, type StepDraft } from '../domain/trajectory.ts'
import { inCallForm } from './call-form.ts'
import { closeCall } from './call-text.ts'
import { checkConversation, checkNativeCalls, checkPrefix, checkReadable, checkReply } from './export-lint.ts'
import { type CallForm, type PairExample, type TrajectoryExample, UnfitExample } from './exporter.ts'
import { withToolDocs } from './tool-docs.ts'

/** A Pair as two replies to one prefix, checked and in one call form. */
export interface PairConversation {
  readonly prefix: readonly Message[]
  readonly chosen: Message
  readonly rejected: Message
}

export const MALFORMED_CHOSEN_REASON = 'the chosen action is malformed'

/** Writes a Pair in a call form; throws `UnfitExample` when no trainer should see it. */
export function pairConversation(
  pair: Pick<PairExample, 'prefix' | 'chosen' | 'rejected' | 'tools'>,
  form: CallForm,
): PairConversation {
  if (pair.chosen.malformed !== undefined) throw new UnfitExample(MALFORMED_CHOSEN_REASON)
  const chosen = withReply(pair.prefix, pair.chosen, form, pair.tools)
  const rejected = withReply(pair.prefix, pair.rejected, form, pair.tools)
  checkPrefix(chosen.prefix)
  checkSide(pair.chosen, chosen, form, 'the chosen action')
  checkSide(pair.rejected, rejected, form, 'the rejected action')
  if (sameReply(chosen.reply, rejected.reply)) throw new UnfitExample('both actions are written the same')
  return { prefix: chosen.prefix, chosen: chosen.reply, rejected: rejected.reply }
}

interface Replied {
  readonly prefix: readonly Message[]
  readonly reply: Message
}

function withReply(before: readonly Message[], step: StepDraft, form: CallForm, tools: readonly Json[] = []): Replied {
  const written = inForm([...before, closedReply(step)], form, tools)
  const reply = written.at(-1)
  if (reply?.role !== 'assistant') throw new UnfitExample('the action is no assistant message')
  return { prefix: written.slice(0, -1), reply }
}

/** The prompt of a conversation as `pairConversation` and `trajectoryConversation` write it. */
export function promptConversation(
  prompt: readonly Message[],
  form: CallForm,
  tools: readonly Json[] = [],
): readonly Message[] {
  return inForm(prompt, form, tools)
}

/** The literal reply; a call the framework read although the server cut its end tag gets the tag back. */
export function closedReply(step: StepDraft): Message {
  const read = step.malformed === undefined && callsOf(step).length > 0
  return read ? { ...step.reply, content: closeCall(step.reply.content) } : step.reply
}

function inForm(messages: readonly Message[], form: CallForm, tools: readonly Json[]): readonly Message[] {
  const written = inCallForm(messages, form, tools)
  return form === 'text' ? withToolDocs(written, tools) : written
}

function checkSide(step: StepDraft, { prefix, reply }: Replied, form: CallForm, what: string): void {
  checkReply(reply, what)
  if (form === 'native') checkReadable(step, reply, what)
  checkNativeCalls([...prefix, reply])
}

function sameReply(a: Message, b: Message): boolean {
  const text = ({ content, toolCalls = [] }: Message): string =>
    JSON.stringify([content.trim(), toolCalls.map((call) => [call.name, call.arguments])])
  return text(a) === text(b)
}

/**
 * Writes a whole Trajectory in a call form, up to its last reply (what came back after it trains nothing);
 * throws `UnfitExample` when no trainer should see it.
 */
export function trajectoryConversation(
  example: Pick<TrajectoryExample, 'prompt' | 'steps' | 'tools'>,
  form: CallForm,
): readonly Message[] {
  const last = example.steps.at(-1)
  if (last === undefined) throw new UnfitExample('it has no step')
  const raw = example.steps.flatMap((step) => [closedReply(step), ...(step === last ? [] : step.observation)])
  const messages = inForm([...example.prompt, ...raw], form, example.tools ?? [])
  checkConversation(messages)
  checkNativeCalls(messages)
  let at = 0
  for (const message of messages.slice(messages.length - raw.length)) {
    if (message.role !== 'assistant') continue
    const step = example.steps[at]
    at += 1
    checkReply(message, `the reply of step ${at}`)
    if (form === 'native' && step !== undefined) checkReadable(step, message, `the reply of step ${at}`)
  }
  return messages
}

/** A message in OpenAI's shape, with only the fields it has; arguments are objects, as chat templates want them. */
export function openAiMessage(message: Message): JsonObject {
  const { role, content, reasoning, toolCalls, toolCallId, name } = message
  return {
    role,
    content,
    ...(reasoning === undefined ? {} : { reasoning_content: reasoning }),
    ...(toolCalls === undefined || toolCalls.length === 0
      ? {}
      : {
          tool_calls: toolCalls.map((call) => ({
            ...(call.id === undefined ? {} : { id: call.id }),
            type: 'function',
            function: { name: call.name, arguments: call.arguments },
          })),
        }),
    ...(toolCallId === undefined ? {} : { tool_call_id: toolCallId }),
    ...(name === undefined ? {} : { name }),
  }
}

/** A message as role and text alone, the same two keys in every row. */
export function plainMessage({ role, content }: Message): { readonly role: string; readonly content: string } {
  return { role, content }
}
