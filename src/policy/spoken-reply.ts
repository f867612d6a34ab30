import { setTimeout as sleep } from 'node:timers/promises'
import type { Message } from '../domain/message.ts'
import type { PolicyReply, PolicyRequest, ReplyDelta } from './policy.ts'

export interface Speaking {
  /** UTF-16 units of one delta. */
  readonly pieceLength: number
  /** For the whole reply, milliseconds. */
  readonly delayMs: number
  readonly finish?: PolicyReply['finish']
}

/** A long reply with a delay pauses this often at most. */
const MAX_PAUSES = 20
const CHARACTERS_PER_TOKEN = 4

/**
 * Plays a known message as if it were just being written: deltas in pieces, paused, abandoned and aborted as any other. Tokens
 * are estimated at four characters each.
 */
export async function speak(
  message: Message,
  request: Pick<PolicyRequest, 'messages' | 'signal' | 'onDelta' | 'abandon'>,
  speaking: Speaking,
): Promise<PolicyReply> {
  const startedMs = performance.now()
  const pieces = [...piecesOf(message, speaking.pieceLength)]
  const every = Math.ceil(pieces.length / MAX_PAUSES)
  const pauseMs = speaking.delayMs / Math.max(1, Math.ceil(pieces.length / Math.max(1, every)))
  let firstTokenMs: number | undefined
  let abandoned = false
  let said = 0
  if (pieces.length === 0) await pause(speaking.delayMs, request.signal)
  for (const piece of pieces) {
    if (said % every === 0) await pause(pauseMs, request.signal)
    firstTokenMs ??= performance.now() - startedMs
    said++
    request.onDelta?.(piece)
    abandoned = request.abandon?.() === true
    if (abandoned) break
  }
  request.signal.throwIfAborted()
  const kept = abandoned ? upTo(message, pieces.slice(0, said)) : message
  return {
    message: kept,
    finish: abandoned ? 'abandoned' : (speaking.finish ?? (message.toolCalls?.length ? 'calls' : 'stop')),
    tokens: { prompt: tokensOf(request.messages), completion: tokensOf([kept]) },
    estimated: true,
    ...(firstTokenMs === undefined ? {} : { firstTokenMs }),
    durationMs: performance.now() - startedMs,
  }
}

function* piecesOf(message: Message, length: number): Iterable<ReplyDelta> {
  yield* cut('reasoning', message.reasoning ?? '', length)
  yield* cut('content', message.content, length)
  for (const call of message.toolCalls ?? []) {
    yield { channel: 'call', text: `${call.name} ` }
    yield* cut('call', argumentsText(call.arguments), length)
  }
}

function* cut(channel: ReplyDelta['channel'], text: string, length: number): Iterable<ReplyDelta> {
  for (let at = 0; at < text.length; at += length) yield { channel, text: text.slice(at, at + length) }
}

/** What was said before the reply was abandoned: calls that were not complete are left out. */
function upTo(message: Message, pieces: readonly ReplyDelta[]): Message {
  const text = (channel: ReplyDelta['channel']) =>
    pieces
      .flatMap((piece) => (piece.channel === channel ? piece.text : []))
      .join('')
      .toWellFormed()
  const reasoning = text('reasoning')
  let room = text('call').length
  const calls = (message.toolCalls ?? []).filter((call) => {
    room -= call.name.length + 1 + argumentsText(call.arguments).length
    return room >= 0
  })
  return {
    role: 'assistant',
    content: text('content'),
    ...(reasoning === '' ? {} : { reasoning }),
    ...(calls.length === 0 ? {} : { toolCalls: calls }),
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  if (ms > 0) await sleep(ms, undefined, { signal }).catch(() => signal.throwIfAborted())
}

function tokensOf(messages: readonly Message[]): number {
  let characters = 0
  for (const { content, reasoning = '', toolCalls = [] } of messages) {
    characters += content.length + reasoning.length
    for (const call of toolCalls) characters += call.name.length + argumentsText(call.arguments).length
  }
  return Math.ceil(characters / CHARACTERS_PER_TOKEN)
}

function argumentsText(value: string | object): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
