import { isObject, type JsonObject } from '../domain/json.ts'
import type { ToolCall } from '../domain/message.ts'

interface Slot {
  index: number
  id: string | undefined
  name: string
  readonly pieces: string[]
  /** Characters in `pieces`. */
  length: number
  readonly balance: Balance
}

/** What one fragment adds: text for whoever watches, and the arguments' part of it. */
export interface CallPiece {
  readonly name: string
  readonly text: string
}

/** Nothing real needs more calls in one reply, or deeper arguments. */
const MAX_CALLS = 128
const MAX_DEPTH = 100
const MAX_NAME = 1000

/**
 * Joins the tool-call fragments of a streamed reply. By index, with what servers are known to do otherwise: Ollama gives
 * parallel calls the same index and different ids; LM Studio and Kimi repeat a call's fragments under fresh ids; names come
 * again with every fragment; indexes, ids or arguments are missing; arguments are an object instead of a text.
 */
export class ToolCallJoin {
  readonly #slots: Slot[] = []
  #current: Slot | undefined

  get size(): number {
    return this.#slots.length
  }

  /** @param cut - shortens the arguments' text to what may still be kept. */
  add(fragment: unknown, cut: (text: string) => string): CallPiece | undefined {
    if (!isObject(fragment)) return undefined
    const call = isObject(fragment['function']) ? fragment['function'] : fragment
    const id = text(fragment['id'])
    const name = text(call['name']) ?? ''
    const args = argumentsText(call['arguments'])
    const slot = this.#slotFor(indexOf(fragment['index']), id, name, args)
    if (slot === undefined) return undefined
    const named = this.#name(slot, id, name)
    const piece = repeatsAll(slot, args) ? '' : cut(args)
    if (piece !== '') {
      slot.pieces.push(piece)
      slot.length += piece.length
      slot.balance.read(piece)
    }
    return { name: named, text: piece }
  }

  /** The calls in order. Arguments that are no JSON object stay the raw text; absent ones are `{}`. */
  calls(): readonly ToolCall[] {
    return this.#slots.map((slot) => ({
      ...(slot.id === undefined ? {} : { id: slot.id }),
      name: slot.name,
      arguments: parseArguments(slot.pieces.join('')),
    }))
  }

  #slotFor(index: number | undefined, id: string | undefined, name: string, args: string): Slot | undefined {
    const found = this.#find(index, id)
    if (found && !startsAnother(found, id, name, args)) {
      this.#current = found
      return found
    }
    if (this.#slots.length >= MAX_CALLS) return undefined
    this.#current = { index: index ?? this.#slots.length, id, name: '', pieces: [], length: 0, balance: new Balance() }
    this.#slots.push(this.#current)
    return this.#current
  }

  /** The newest slot of that index; without an index the one of that id, or the one being written. */
  #find(index: number | undefined, id: string | undefined): Slot | undefined {
    if (index !== undefined) {
      return (
        this.#slots.findLast((slot) => slot.index === index && slot.id === id && id !== undefined) ??
        this.#slots.findLast((slot) => slot.index === index)
      )
    }
    if (id === undefined) return this.#current
    return this.#slots.findLast((slot) => slot.id === id) ?? this.#current
  }

  /** Takes over the name once; returns what is new of it. */
  #name(slot: Slot, id: string | undefined, name: string): string {
    slot.id ??= id
    if (name === '' || name === slot.name || slot.length > 0 || slot.name.length >= MAX_NAME) return ''
    slot.name += name
    return name
  }
}

/** Some servers send the whole arguments once more at the end. */
function repeatsAll(slot: Slot, args: string): boolean {
  return slot.balance.complete && args.length === slot.length && args === slot.pieces.join('')
}

/** Whether a fragment for a slot that exists is in truth the beginning of another call. */
function startsAnother(slot: Slot, id: string | undefined, name: string, args: string): boolean {
  if (name === '') return false
  if (id !== undefined && id === slot.id) return false
  const freshId = id !== undefined && slot.id !== undefined
  if (slot.balance.complete) return args.trim() !== '' || name !== slot.name
  return freshId && slot.name !== '' && name !== slot.name
}

/** Follows a text far enough to know when one JSON object is closed, in time linear in its length. */
class Balance {
  #depth = 0
  #inText = false
  #escaped = false
  #opened = false

  get complete(): boolean {
    return this.#opened && this.#depth === 0
  }

  read(piece: string): void {
    for (let at = 0; at < piece.length; at++) {
      const character = piece[at]
      if (this.#escaped) this.#escaped = false
      else if (this.#inText) {
        if (character === '\\') this.#escaped = true
        else if (character === '"') this.#inText = false
      } else if (character === '"') this.#inText = true
      else if (character === '{') {
        this.#depth++
        this.#opened = true
      } else if (character === '}') this.#depth--
    }
  }
}

/** A JSON object no deeper than 100 levels, or the text itself. */
export function parseArguments(raw: string): JsonObject | string {
  if (raw.trim() === '') return {}
  try {
    const value: unknown = JSON.parse(raw)
    return isObject(value) && !isDeep(value, MAX_DEPTH) ? (value as JsonObject) : raw.toWellFormed()
  } catch {
    return raw.toWellFormed()
  }
}

function isDeep(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return levels === 0 || Object.values(value).some((member) => isDeep(member, levels - 1))
}

function argumentsText(value: unknown): string {
  if (typeof value === 'string') return value
  if (!isObject(value)) return ''
  return isDeep(value, MAX_DEPTH) ? '(arguments nested too deeply)' : JSON.stringify(value)
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value.slice(0, MAX_NAME) : undefined
}

function indexOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) ? value : undefined
}
