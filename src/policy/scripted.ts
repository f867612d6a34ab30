import type { JsonObject } from '../domain/json.ts'
import type { Message } from '../domain/message.ts'
import type { Policy, PolicyReply, PolicyRequest } from './policy.ts'
import { PolicyError } from './policy-error.ts'
import type { Script, ScriptEntry, ScriptedReply, ScriptFunction, ScriptLine } from './script.ts'
import { readScript } from './script-file.ts'
import { speak } from './spoken-reply.ts'

export type { Script } from './script.ts'

const PIECE_LENGTH = 24

export interface ScriptedOptions {
  readonly task?: string
  /** Number of the run within its Task, from 0: chooses among the lines that fit, in turn. */
  readonly run?: number
  /** Default `true`: the commands are ours. */
  readonly trusted?: boolean
  /** Default `scripted`. */
  readonly model?: string
  readonly contextTokens?: number
  /** Name of the script in errors: its file. */
  readonly source?: string
  /** UTF-16 units of one delta, default 24. */
  readonly pieceLength?: number
}

/**
 * A policy that says what a script tells. It keeps no state: which reply comes next is counted in the conversation, so that it
 * is the same after a resume. `forRun` gives the policy of one run; without it, `options` name the run.
 */
export function createScriptedPolicy(script: Script, options: ScriptedOptions = {}): Policy {
  const { model = 'scripted', source, contextTokens, trusted = true } = options
  const choose = typeof script === 'function' ? script : fromLines(asLines(script), source ?? 'the script')
  return {
    kind: 'scripted',
    model,
    trusted,
    describe: (): JsonObject => ({ kind: 'scripted', model, ...(source === undefined ? {} : { script: source }) }),
    contextTokens: () => Promise.resolve(contextTokens),
    forRun: (task, run) => createScriptedPolicy(script, { ...options, task, run }),
    reply: (request) => replyTo(request, choose, options, 0),
    replies: (request, n) =>
      Promise.all(Array.from({ length: n }, (_, ahead) => replyTo(request, choose, options, ahead))),
  }
}

/** A scripted policy after a file. @throws SealignError naming file and line, as `readScript`. */
export async function readScriptedPolicy(path: string, options: ScriptedOptions = {}): Promise<Policy> {
  return createScriptedPolicy(await readScript(path), { source: path, ...options })
}

/** @param ahead - number of this reply among several drawn for one prompt; only the first is heard. */
async function replyTo(
  request: PolicyRequest,
  choose: ScriptFunction,
  { task, run = 0, source = 'the script', pieceLength = PIECE_LENGTH }: ScriptedOptions,
  ahead: number,
): Promise<PolicyReply> {
  request.signal.throwIfAborted()
  const turn = request.messages.reduce((count, { role }) => (role === 'assistant' ? count + 1 : count), 0)
  const entry = await choose(request, { task, run: run + ahead, turn })
  const { fault, delayMs = 0, finish, ...said } = typeof entry === 'string' ? { content: entry } : entry
  if (fault !== undefined) throw new PolicyError(fault, `${source} lets reply ${turn + 1} fail with \`${fault}\``)
  const { messages, signal } = request
  return speak(messageOf(said, messages.length), ahead === 0 ? request : { messages, signal }, {
    pieceLength,
    delayMs,
    ...(finish === undefined ? {} : { finish }),
  })
}

function asLines(script: readonly ScriptLine[] | readonly ScriptEntry[]): readonly ScriptLine[] {
  return areLines(script) ? script : [{ replies: script }]
}

function areLines(script: readonly ScriptLine[] | readonly ScriptEntry[]): script is readonly ScriptLine[] {
  return script.length > 0 && script.every((member) => typeof member === 'object' && 'replies' in member)
}

function fromLines(lines: readonly ScriptLine[], source: string): ScriptFunction {
  const byTask = Map.groupBy(lines, (line) => line.task)
  return (_request, { task, run, turn }) => {
    const fitting = byTask.get(task) ?? byTask.get(undefined) ?? []
    const line = fitting[run % Math.max(1, fitting.length)]
    if (line === undefined) {
      throw new PolicyError('request', `${source} has no replies for task ${task ?? '(unnamed)'}`, {
        hint: 'Add a line with this task, or one without a task for all others',
      })
    }
    const entry = line.replies[line.repeat ? turn % line.replies.length : turn]
    if (entry === undefined) {
      throw new PolicyError(
        'request',
        `${source} has ${line.replies.length} replies for task ${task ?? '(unnamed)'}, run ${run}; reply ${turn + 1} was asked for`,
        { hint: 'End the script with a reply that finishes the task, or set "repeat": true' },
      )
    }
    return line.delayMs === undefined
      ? entry
      : { delayMs: line.delayMs, ...(typeof entry === 'string' ? { content: entry } : entry) }
  }
}

function messageOf({ content = '', reasoning, toolCalls = [] }: ScriptedReply, position: number): Message {
  const calls = toolCalls.map((call, at) => ({ ...call, id: call.id ?? `call_${position}_${at}` }))
  return {
    role: 'assistant',
    content,
    ...(reasoning === undefined ? {} : { reasoning }),
    ...(calls.length === 0 ? {} : { toolCalls: calls }),
  }
}
