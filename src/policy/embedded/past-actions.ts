import type { Message } from '../../domain/message.ts'
import { functionTagCalls } from '../../importers/text-calls.ts'
import { readObservation, type Observed } from './observations.ts'

export const ACTION_KINDS = ['view', 'run', 'edit', 'undo', 'finish', 'message', 'malformed', 'other'] as const
export type ActionKind = (typeof ACTION_KINDS)[number]

/** A reply of the policy and what came of it. */
export interface PastAction {
  readonly kind: ActionKind
  /** The literal reply. */
  readonly reply: string
  /** Equal for equal calls, whatever was said before them. */
  readonly key: string
  /** Text parameters of the call; empty where there is none. */
  readonly parameters: Readonly<Record<string, string>>
  readonly observed: Observed
}

/** The replies of a conversation in order, each with the messages that answer it. */
export function readActions(messages: readonly Message[]): readonly PastAction[] {
  const actions: PastAction[] = []
  for (let at = 0; at < messages.length; at++) {
    const reply = messages[at]
    if (reply?.role !== 'assistant') continue
    let end = at + 1
    while (end < messages.length && messages[end]?.role !== 'assistant') end++
    actions.push(pastAction(reply, readObservation(messages.slice(at + 1, end))))
    at = end - 1
  }
  return actions
}

function pastAction(reply: Message, observed: Observed): PastAction {
  const call = reply.toolCalls?.[0] ?? functionTagCalls(reply.content).calls?.[0]
  const name = call?.name ?? ''
  const parameters = textsOf(call?.arguments)
  const kind = observed.malformed ? 'malformed' : call === undefined ? 'message' : kindOf(name, parameters)
  const key = call === undefined ? reply.content : JSON.stringify([name, call.arguments])
  return { kind, reply: reply.content, key, parameters, observed }
}

function textsOf(values: string | object | undefined): Readonly<Record<string, string>> {
  if (typeof values !== 'object') return {}
  const texts = Object.entries(values).filter((entry): entry is [string, string] => typeof entry[1] === 'string')
  return Object.fromEntries(texts)
}

/** Commands that run a program or the tests. */
const TESTING = /(?:^|[\s;&|])(?:node|npm (?:test|t|run test))(?:\s|$)/

function kindOf(name: string, { command = '' }: Readonly<Record<string, string>>): ActionKind {
  switch (name) {
    case 'finish':
      return 'finish'
    case 'execute_bash':
    case 'bash':
    case 'terminal':
      return TESTING.test(command) ? 'run' : 'other'
    case 'str_replace_editor':
    case 'file_editor':
    case 'str_replace':
      return editorKind(command)
    default:
      return 'other'
  }
}

function editorKind(command: string): ActionKind {
  switch (command) {
    case 'view':
      return 'view'
    case 'undo_edit':
      return 'undo'
    case 'create':
    case 'str_replace':
    case 'insert':
      return 'edit'
    default:
      return 'other'
  }
}
