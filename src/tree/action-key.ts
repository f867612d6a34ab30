import { actionKind, callsOf, observationText, type StepDraft } from '../domain/trajectory.ts'
import { canonicalCall } from './canonical-call.ts'
import { canonicalText } from './canonical-text.ts'
import { hashBytes, hashText, hashTwo } from './hash64.ts'
import { LANES, STEP_WORDS, type Lane } from './key-lanes.ts'
import { looseShell } from './loose-shell.ts'
import { normaliseBytes } from './observation-normal.ts'
import { TextBytes } from './text-bytes.ts'

export { actionLabel } from './action-label.ts'

/** Version of the canonical forms below; raise it whenever one of them changes, stored keys are then computed again. */
export const KEY_VERSION = 2

/** First word of each lane within a Step's words. */
const AT: Record<Lane, number> = Object.fromEntries(LANES.map((lane, i) => [lane, i * 2])) as Record<Lane, number>

/**
 * What merge mode `call` compares: name and arguments of the calls in canonical form; a reply without a call its trimmed
 * text, a malformed reply its trimmed raw text, each under a prefix of its own so that none can equal a call.
 */
export function callText(step: StepDraft): string {
  const kind = actionKind(step)
  if (kind === 'message') return `message:${step.reply.content.trim()}`
  if (kind === 'malformed') return `malformed:${(step.reply.content + nativeCalls(step)).trim()}`
  return `call:${joined(step, undefined)}`
}

/** What merge mode `loose` compares: `callText` with comment lines and a leading `cd` to the repository taken off shell commands. */
export function looseText(step: StepDraft): string {
  return actionKind(step) === 'call' ? `call:${joined(step, looseShell)}` : callText(step)
}

function joined(step: StepDraft, shell: ((command: string) => string) | undefined): string {
  const [first, ...rest] = callsOf(step)
  if (first === undefined) return ''
  let text = canonicalCall(first, shell)
  for (const call of rest) text += `\n${canonicalCall(call, shell)}`
  return text
}

/** The native calls of the literal reply, ids left out; '' when it has none. */
function nativeCalls(step: StepDraft): string {
  const calls = step.reply.toolCalls ?? []
  return calls.length === 0 ? '' : '\n' + canonicalText(calls.map((call) => [call.name, call.arguments]))
}

/** What merge mode `call+thought` adds to the call: the words the Policy wrote beside it, separate reasoning included. */
export function thoughtText(step: StepDraft): string {
  const thought = step.thought ?? step.reply.content
  return step.reply.reasoning === undefined ? thought : `${step.reply.reasoning}\n${thought}`
}

/** What merge mode `strict` compares of the reply: its literal text, reasoning and native calls. */
export function replyText(step: StepDraft): string {
  const { content, reasoning } = step.reply
  return (reasoning === undefined ? content : `${reasoning}\n${content}`) + nativeCalls(step)
}

const raw = new TextBytes()
const normal = new TextBytes()

/** The hash lanes of every Step (key-lanes.ts), in order. A Step without an observation has 0 in both observation lanes. */
export function keysOf(steps: readonly StepDraft[]): Uint32Array {
  const keys = actionLanes(steps)
  for (const [index, step] of steps.entries()) fillObservationLanes(keys, index, observationText(step))
  return keys
}

/** Keys with every lane that the replies decide filled; the observation lanes are 0 until `fillObservationLanes`. */
export function actionLanes(steps: readonly StepDraft[]): Uint32Array {
  const keys = new Uint32Array(steps.length * STEP_WORDS)
  for (const [index, step] of steps.entries()) actionKeys(step, keys, index * STEP_WORDS)
  return keys
}

/** Fills the observation lanes of one Step; `index` counts from 0. */
export function fillObservationLanes(keys: Uint32Array, index: number, text: string): void {
  observationKeys(text, keys, index * STEP_WORDS)
}

function actionKeys(step: StepDraft, keys: Uint32Array, base: number): void {
  const call = callText(step)
  hashText(call, keys, base + AT.call)
  const loose = mayLoosen(call) ? looseText(step) : call
  if (loose === call) copyWords(keys, base + AT.call, base + AT.loose)
  else hashText(loose, keys, base + AT.loose)
  const reply = replyText(step)
  hashText(reply, keys, base + AT.reply)
  const thought = thoughtText(step)
  if (thought === reply) copyWords(keys, base + AT.reply, base + AT.thought)
  else hashText(thought, keys, base + AT.thought)
  hashTwo(keys, base + AT.call, keys, base + AT.thought, keys, base + AT.thought)
}

/** Only a text with a comment line or a change to the repository's root can have another loose form. */
function mayLoosen(call: string): boolean {
  return (
    call.startsWith('call:') &&
    (call.includes('cd ') || call.includes('cd\t') || (call.includes('#') && COMMENT.test(call)))
  )
}
/** `#` first in a line, or first in the text of a string (`"12:# …`, see canonical-text.ts). */
const COMMENT = /(?:^|[\n:])[ \t]*#/

function copyWords(keys: Uint32Array, from: number, to: number): void {
  keys[to] = keys[from] as number
  keys[to + 1] = keys[from + 1] as number
}

/** Normal forms of long observations seen lately, by raw hash: rollouts of one Task read the same files again and again. */
const CACHE_ENTRIES = 1 << 15
const CACHE_FROM_BYTES = 256
const cache = new Map<number, number>()
const cached = new Uint32Array(CACHE_ENTRIES * 2)

function observationKeys(text: string, keys: Uint32Array, base: number): void {
  if (text === '') return
  const rawAt = base + AT.rawObservation
  const at = base + AT.observation
  raw.write(text)
  hashBytes(raw, keys, rawAt)
  if (raw.length < CACHE_FROM_BYTES) {
    normalKey(keys, rawAt, at)
    return
  }
  const id = (keys[rawAt] as number) * 0x200000 + ((keys[rawAt + 1] as number) >>> 11)
  const known = cache.get(id)
  if (known !== undefined) {
    keys[at] = cached[known] as number
    keys[at + 1] = cached[known + 1] as number
    return
  }
  normalKey(keys, rawAt, at)
  if (cache.size === CACHE_ENTRIES) cache.clear()
  const slot = cache.size * 2
  cached[slot] = keys[at] as number
  cached[slot + 1] = keys[at + 1] as number
  cache.set(id, slot)
}

function normalKey(keys: Uint32Array, rawAt: number, at: number): void {
  if (normaliseBytes(raw, normal)) hashBytes(normal, keys, at)
  else copyWords(keys, rawAt, at)
}
